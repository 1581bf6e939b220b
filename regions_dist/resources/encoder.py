"""The embedder of a store: vectors of length 1, and only ever of the store's own kind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from regions_dist.errors import BadAnswer, StoreRefused
from regions_dist.resources.store_schema import meta, set_meta

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from regions_dist.ports import Embedder

    Vectors = NDArray[np.float32]

__all__ = ["Encoder"]


class Encoder:
    """Embeds for the store in ``path``, whose stamp names the model and dimension of its vectors.

    Vectors of different models can't be compared, so a store that another embedder has filled is
    refused, with the command that makes its vectors anew.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        self._path = path

    async def model(self) -> str:
        """The embedder's model; one that has not been asked yet may have to look it up."""
        if not self._embedder.model:
            await self._embedder.embed([])
        return self._embedder.model

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """A row of length 1 a text, or of zeros for a text without meaning to the embedder.

        Raises BadAnswer where the embedder's answer is not one finite vector a text.
        """
        if not texts:
            return np.empty((0, 0), np.float32)
        rows = _matrix(await self._embedder.embed(texts), len(texts))
        lengths = [math.sqrt(row.dot(row)) for row in rows]  # of one text, twice as fast as einsum
        if not all(map(math.isfinite, lengths)):
            raise BadAnswer("the embedder gave numbers that are not finite")
        divisors: Vectors = np.array([length or 1.0 for length in lengths], np.float32)
        unit: Vectors = rows / divisors[:, np.newaxis]
        return unit

    def check(self, connection: sqlite3.Connection, dimension: int | None = None) -> None:
        """Raise StoreRefused where the store is stamped with another model or dimension."""
        model, size = self._embedder.model, dimension or self._embedder.dimension
        stamped, stamped_size = meta(connection, "model"), meta(connection, "dimension")
        if stamped is None:
            return
        if (stamped, stamped_size) == (model or stamped, str(size or stamped_size)):
            return
        raise StoreRefused(
            f"{self._path}: its vectors were made by the embedder {stamped!r} with {stamped_size} "
            f"dimensions, but this one is {model!r} with {size or 'not yet known'}. Use the "
            f"embedder it was made with, or make all vectors anew: regions-rag reindex "
            f"{self._path}",
            where=str(self._path),
        )

    def stamp(self, connection: sqlite3.Connection, dimension: int) -> None:
        """Check the stamp, and set it on a store that has none; within a writing transaction."""
        self.check(connection, dimension)
        if meta(connection, "model") is None:
            self.restamp(connection, dimension)

    def restamp(self, connection: sqlite3.Connection, dimension: int) -> None:
        """Set the stamp, whatever it was; for a store all of whose vectors change with it."""
        set_meta(connection, "model", self._embedder.model)
        set_meta(connection, "dimension", str(dimension))


def _matrix(answer: object, count: int) -> Vectors:
    try:
        rows = np.asarray(answer, np.float32)
    except (ValueError, TypeError):
        raise BadAnswer("the embedder's vectors are not lists of numbers of one length") from None
    if rows.ndim != 2 or len(rows) != count or not rows.size:  # noqa: PLR2004  rows and columns
        raise BadAnswer(
            f"the embedder gave {' x '.join(map(str, rows.shape))} numbers for {count} texts"
        )
    return rows
