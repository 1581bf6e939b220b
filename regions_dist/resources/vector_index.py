"""The vectors of a store in memory: one matrix that follows the store's changes, and its search."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regions_dist.resources.store_schema import generation

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    Rows = NDArray[np.intp]

__all__ = ["VectorIndex"]

_ROUNDING: Final = 1e-6
"""A similarity this far below a threshold counts as at the threshold."""

_BLOCK: Final = 1024
"""Rows handled at a time where a copy of them is made."""

_GROUP: Final = 64
"""Rows of which only the best score is looked at to tell how good the best must be."""

_GROWTH: Final = 1.5

_EPSILON: Final = float(np.finfo(np.float32).eps)


class VectorIndex:
    """A row of length 1 for each chunk, in the order of ids; the row of a removed one is NaN.

    NaN is never at or above a threshold, so a removal costs one row. ``generation`` is that of the
    store's state that it holds, -1 for none. Hold ``lock`` from before the transaction that it is
    refreshed in until the ids it gave have been looked up.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.generation = -1
        self._count = self._removed = 0
        self._ids: NDArray[np.int64] = np.empty(0, np.int64)
        self._matrix: Vectors = np.empty((0, 0), np.float32)

    @property
    def dimension(self) -> int:
        """The length of its vectors; 0 before there is one."""
        return int(self._matrix.shape[1])

    @property
    def numbers(self) -> int:
        """How many numbers a search multiplies."""
        return self._count * self.dimension

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Take up what has changed in the store since the last time."""
        now = generation(connection)
        if now == self.generation:
            return
        changed = self._changes(connection)
        if changed is None:
            self._load(connection)
        else:
            self._follow(changed)
        self.generation = now

    def similar(
        self, query: Vectors, threshold: float, most: int | None = None
    ) -> list[tuple[int, float]]:
        """(id, cosine similarity) of the chunks, or ``most`` of them, best first, then by id.

        One float32 product finds all that could belong to them; these few are then compared in
        float64, so that neither the order nor the cut depends on how a product was rounded.
        """
        if self._count == self._removed:
            return []
        scores = self._matrix[: self._count] @ query
        rows = _candidates(scores, threshold, most, slack=query.size * _EPSILON)
        lowest = threshold - _ROUNDING
        best = sorted(zip(self._farness(rows, query), self._ids[rows].tolist(), strict=True))
        near = [(chunk, -far) for far, chunk in best[:most] if -far >= lowest]
        return [(chunk, max(-1.0, min(1.0, value))) for chunk, value in near]

    def _farness(self, rows: Rows, query: Vectors) -> list[float]:
        """Minus the products of these rows, each summed in one order wherever the row stands."""
        opposite = -query.astype(np.float64)
        values: list[float] = []
        for start in range(0, len(rows), _BLOCK):
            block = self._matrix[rows[start : start + _BLOCK]]
            values += np.einsum("ij,j->i", block, opposite).tolist()
        return values

    def _changes(self, connection: sqlite3.Connection) -> list[tuple[int, bytes | None]] | None:
        """(id, vector or None where removed) of each changed chunk, by id; None: too many."""
        query = """
            SELECT changed.chunk, chunks.vector
            FROM (SELECT DISTINCT chunk FROM changes WHERE generation > ?) AS changed
            LEFT JOIN chunks ON chunks.id = changed.chunk ORDER BY changed.chunk"""
        (oldest,) = connection.execute("SELECT min(generation) FROM changes").fetchone()
        if self.generation < 0 or oldest is None or oldest > self.generation + 1:
            return None
        found = connection.execute(query, (self.generation,)).fetchall()
        size = self._matrix.shape[1] * self._matrix.itemsize
        same = all(vector is None or len(vector) == size for _, vector in found)
        return found if same else None

    def _load(self, connection: sqlite3.Connection) -> None:
        (total,) = connection.execute("SELECT count(*) FROM chunks").fetchone()
        cursor = connection.execute("SELECT id, vector FROM chunks ORDER BY id")
        self._count = self._removed = 0
        self._matrix = np.empty((0, 0), np.float32)
        while rows := cursor.fetchmany(_BLOCK):
            self._append(rows, room=total)

    def _follow(self, changed: Sequence[tuple[int, bytes | None]]) -> None:
        last = self._ids[self._count - 1] if self._count else 0
        known = [(chunk, vector) for chunk, vector in changed if chunk <= last]
        added = [(chunk, vector) for chunk, vector in changed if chunk > last and vector]
        places = np.searchsorted(self._ids[: self._count], [chunk for chunk, _ in known])
        for (chunk, vector), place in zip(known, places, strict=True):
            if self._ids[place] == chunk:
                self._put(int(place), vector)
        if added:
            self._append(added, room=self._count + len(added))
        if self._removed * 4 > self._count:
            self._compact()

    def _put(self, place: int, vector: bytes | None) -> None:
        if vector is not None:
            self._matrix[place] = np.frombuffer(vector, np.float32)
        elif not np.isnan(self._matrix[place, 0]):
            self._matrix[place] = np.nan
            self._removed += 1

    def _append(self, rows: Sequence[tuple[int, Any]], room: int) -> None:
        vectors = np.frombuffer(b"".join(row[1] for row in rows), np.float32)
        vectors = vectors.reshape(len(rows), -1)
        end = self._count + len(rows)
        self._reserve(max(room, end), vectors.shape[1])
        self._ids[self._count : end] = [row[0] for row in rows]
        self._matrix[self._count : end] = vectors
        self._count = end

    def _reserve(self, room: int, dimension: int) -> None:
        """Room for so many rows; memory beyond what is written costs nothing yet."""
        if self._matrix.shape[1] == dimension and len(self._matrix) >= room:
            return
        capacity = max(room, int(self._count * _GROWTH))
        ids, matrix = np.empty(capacity, np.int64), np.empty((capacity, dimension), np.float32)
        ids[: self._count] = self._ids[: self._count]
        if self._count:
            matrix[: self._count] = self._matrix[: self._count]
        self._ids, self._matrix = ids, matrix

    def _compact(self) -> None:
        there = ~np.isnan(self._matrix[: self._count, 0])
        self._ids, self._matrix = (
            self._ids[: self._count][there],
            self._matrix[: self._count][there],
        )
        self._count, self._removed = len(self._ids), 0


def _candidates(scores: Vectors, threshold: float, most: int | None, slack: float) -> Rows:
    """The rows whose score could be among the best, for products that are ``slack`` off.

    The best scores of ``most`` groups are ``most`` good scores: none of the best is below them.
    """
    lowest = threshold - _ROUNDING
    groups = len(scores) // _GROUP
    if most and most < groups:
        grouped = scores[: groups * _GROUP].reshape(_GROUP, groups)
        tops = np.fmax.reduce(grouped, axis=0, initial=-np.inf)
        tops.partition(groups - most)
        lowest = max(lowest, float(tops[groups - most]) - slack)
    return (scores >= lowest - slack).nonzero()[0]
