"""Find chunks of a store: by meaning, and by the actors they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from regions_dist.resources.chunk_rows import Memory, chunks_about, chunks_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.store_file import StoreFile
    from regions_dist.resources.vector_index import VectorIndex

    Vectors = NDArray[np.float32]

__all__ = ["Search"]


class Search:
    """Each search sees one state of the store, the one that was last committed."""

    def __init__(self, file: StoreFile, index: VectorIndex, encoder: Encoder) -> None:
        self._file = file
        self._index = index
        self._encoder = encoder

    def similar(self, query: Vectors, threshold: float, most: int) -> list[Memory]:
        """At most ``most`` chunks with this cosine similarity to a vector or more, best first."""
        with self._index.lock, self._file.reading() as connection:
            self._encoder.check(connection, len(query))
            self._index.refresh(connection)
            found = self._index.similar(query, threshold, most)
            known = chunks_with(connection, [chunk for chunk, _ in found])
        return [replace(known[chunk], similarity=similarity) for chunk, similarity in found]

    def about(self, actors: Sequence[str], threshold: float, most: int) -> list[Memory]:
        """At most ``most`` chunks with this actor similarity or more, best first."""
        with self._file.reading() as connection:
            return chunks_about(connection, actors, threshold, most)
