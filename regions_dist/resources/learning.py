"""What a fact changes in a store: which memory it updates, and which ones that absorbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["SIMILAR_ENOUGH", "Lesson", "lessons"]

SIMILAR_ENOUGH: Final = 0.8
"""Cosine similarity from which a memory counts as an older form of a fact.

Below it the fact is a new one. With static word vectors "Ada keeps bees in the garden" and "Ada
keeps goats in the garden" have 0.82, "Ada was born in 1815" and "Ada died in 1852" 0.71.
"""

_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one fact does: ``updated`` is the id of the memory it updates, None for a new one."""

    updated: int | None
    absorbed: tuple[int, ...] = ()


def lessons(
    similarities: NDArray[np.float32], ids: Sequence[int], consolidate_threshold: float
) -> list[Lesson]:
    """A lesson a fact, in order; ``similarities[f, i]`` is that of fact f and memory ``ids[i]``.

    A memory that a fact has updated or absorbed is out of reach of the facts after it, so that
    facts learned together never overwrite each other.
    """
    left = np.ones(len(ids), dtype=bool)
    return [_lesson(row, ids, left, consolidate_threshold) for row in similarities]


def _lesson(
    row: NDArray[np.float32], ids: Sequence[int], left: NDArray[np.bool_], threshold: float
) -> Lesson:
    if not left.any():
        return Lesson(None)
    row = np.where(left, row, -np.inf).astype(np.float32)
    best = int(row.argmax())
    if row[best] < SIMILAR_ENOUGH - _ROUNDING:
        return Lesson(None)
    near = np.flatnonzero(row >= row[best] - threshold - _ROUNDING)
    left[near] = False
    left[best] = False
    return Lesson(ids[best], tuple(ids[int(i)] for i in near if i != best))
