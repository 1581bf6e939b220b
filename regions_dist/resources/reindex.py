"""Make all vectors of a store anew, with the embedder it has now."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from regions_dist.resources.kept_vectors import BATCH

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.kept_vectors import KeptVectors
    from regions_dist.resources.store_file import StoreFile

__all__ = ["Reindex"]

_LACKING: Final = """
SELECT EXISTS (SELECT 1 FROM chunks WHERE NOT EXISTS (
    SELECT 1 FROM kept_vectors AS kept WHERE kept.digest = chunks.digest AND model = ?))"""

_REPLACE: Final = """
UPDATE chunks SET vector = (
    SELECT vector FROM kept_vectors AS kept WHERE kept.digest = chunks.digest AND model = ?)"""


class Reindex:
    """New vectors are kept aside until all are there; one transaction then replaces the old ones.

    Until then the store is used as before, also for writing, and an interrupted run goes on where
    it was.
    """

    def __init__(self, file: StoreFile, encoder: Encoder, vectors: KeptVectors) -> None:
        self._file = file
        self._encoder = encoder
        self._vectors = vectors

    async def run(self, told: Callable[[int, int], None] = lambda *_: None) -> int:
        """Make all vectors anew; how many chunks. ``told`` hears chunks done and in all."""
        model = await self._encoder.model()
        replaced = None
        while replaced is None:
            await self._embed_all(told)
            replaced = await asyncio.to_thread(self._replace, model)
        return replaced

    async def _embed_all(self, told: Callable[[int, int], None]) -> None:
        total = await asyncio.to_thread(self._count)
        done = last = 0
        while page := await asyncio.to_thread(self._page, last):
            await self._vectors.of([text for _, text in page], keep=True)
            last = page[-1][0]
            done += len(page)
            told(done, max(done, total))

    def _count(self) -> int:
        with self._file.reading() as connection:
            return _number(connection, "SELECT count(*) FROM chunks")

    def _page(self, after: int) -> list[tuple[int, str]]:
        query = "SELECT id, text FROM chunks WHERE id > ? ORDER BY id LIMIT ?"
        with self._file.reading() as connection:
            return connection.execute(query, (after, BATCH)).fetchall()

    def _replace(self, model: str) -> int | None:
        """Replace all vectors; None, and nothing done, where a chunk has been written meanwhile."""
        with self._file.writing() as connection:
            if _number(connection, _LACKING, model):
                return None
            count = connection.execute(_REPLACE, (model,)).rowcount
            size = _number(connection, "SELECT coalesce(max(length(vector)), 0) FROM chunks")
            if size:
                self._encoder.restamp(connection, size // 4)
            connection.execute("DELETE FROM kept_vectors")
            return count


def _number(connection: sqlite3.Connection, query: str, *values: object) -> int:
    return int(connection.execute(query, values).fetchone()[0])
