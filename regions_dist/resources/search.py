"""Find chunks of a store: by meaning, and by the actors they are about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from regions_dist.resources.chunk_rows import Memory, chunks_about, chunks_now, chunks_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.store_file import StoreFile
    from regions_dist.resources.vector_index import VectorIndex

    Vectors = NDArray[np.float32]

__all__ = ["Search"]

_SMALL: Final = 5_000_000
"""Numbers in a matrix that are multiplied in less than a millisecond: 13,000 vectors of 384."""

_FEW: Final = 100
"""Chunks that are read and handed out in no time."""


class Search:
    """Each search sees one state of the store, the one that was last committed."""

    def __init__(self, file: StoreFile, index: VectorIndex, encoder: Encoder) -> None:
        self._file = file
        self._index = index
        self._encoder = encoder

    async def similar(self, query: Vectors, threshold: float, most: int) -> list[Memory]:
        """At most ``most`` chunks with this cosine similarity to a vector or more, best first."""
        found = self._at_once(query, threshold, most)
        if found is None:
            found = await asyncio.to_thread(self._in_turn, query, threshold, most)
        return found

    def _at_once(self, query: Vectors, threshold: float, most: int) -> list[Memory] | None:
        """The answer where it is a matter of less than a millisecond, else None.

        Handing a search over to a thread takes as long as the whole of a small one, and on a busy
        machine ten times that.
        """
        index = self._index
        if index.numbers > _SMALL or most > _FEW or len(query) != index.dimension:
            return None
        if not index.lock.acquire(blocking=False):
            return None
        try:
            best = index.similar(query, threshold, most)
            generation, found = chunks_now(self._file, dict(best))
            return found if generation == index.generation else None
        finally:
            index.lock.release()

    def _in_turn(self, query: Vectors, threshold: float, most: int) -> list[Memory]:
        with self._index.lock, self._file.reading() as connection:
            self._encoder.check(connection, len(query))
            self._index.refresh(connection)
            best = self._index.similar(query, threshold, most)
            known = chunks_with(connection, [chunk for chunk, _ in best])
        return [replace(known[chunk], similarity=similarity) for chunk, similarity in best]

    async def about(self, actors: Sequence[str], threshold: float, most: int) -> list[Memory]:
        """At most ``most`` chunks with this actor similarity or more, best first."""
        return await asyncio.to_thread(self._about, actors, threshold, most)

    def _about(self, actors: Sequence[str], threshold: float, most: int) -> list[Memory]:
        with self._file.reading() as connection:
            return chunks_about(connection, actors, threshold, most)
