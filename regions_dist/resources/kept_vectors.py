"""Vectors kept in the store's file before their texts are in the store, so that work can resume.

They are kept a batch at a time, as the embedder gives them, for whoever next wants the same text's
vector of the same model; and they are let go by the transaction that makes use of them.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final

import numpy as np

from regions_dist.resources.chunk_rows import digest

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.store_file import StoreFile

    Vectors = NDArray[np.float32]

__all__ = ["BATCH", "KeptVectors", "forget_vectors"]

BATCH: Final = 256
"""Texts that are embedded by one call, which is the most that an interruption loses."""


class KeptVectors:
    """Embeds for the store in ``file``, and keeps what took more than one call."""

    def __init__(self, file: StoreFile, encoder: Encoder) -> None:
        self._file = file
        self._encoder = encoder

    async def of(
        self, texts: Sequence[str], *, keep: bool, told: Callable[[int], None] = lambda _: None
    ) -> dict[str, Vectors]:
        """Each text's vector by its digest; new ones are kept if ``keep``.

        ``told`` hears of how many more texts the vector is there. Raises what the embedder raises,
        and then the batches before are kept.
        """
        model = await self._encoder.model()
        wanted = {digest(text): text for text in texts}
        found = await asyncio.to_thread(self._find, model, list(wanted))
        missing = [key for key in wanted if key not in found]
        told(len(texts) - len(missing))
        for start in range(0, len(missing), BATCH):
            keys = missing[start : start + BATCH]
            rows = await self._encoder.vectors([wanted[key] for key in keys])
            batch = dict(zip(keys, rows, strict=True))
            if keep:
                await asyncio.to_thread(self._keep, model, batch)
            found |= batch
            told(len(batch))
        return found

    def _find(self, model: str, keys: Sequence[str]) -> dict[str, Vectors]:
        query = """
            SELECT digest, vector FROM kept_vectors
            WHERE model = ? AND digest IN (SELECT value FROM json_each(?))"""
        with self._file.reading() as connection:
            rows = connection.execute(query, (model, json.dumps(keys)))
            return {key: np.frombuffer(vector, np.float32) for key, vector in rows}

    def _keep(self, model: str, batch: dict[str, Vectors]) -> None:
        rows = [(model, key, vector.tobytes()) for key, vector in batch.items()]
        with self._file.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO kept_vectors VALUES (?, ?, ?)", rows)


def forget_vectors(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """Let go what was kept for these digests; within a writing transaction."""
    query = "DELETE FROM kept_vectors WHERE digest IN (SELECT value FROM json_each(?))"
    connection.execute(query, (json.dumps(list(keys)),))
