"""What facts change in a store: which memories they update, and which ones those absorb."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from regions_dist.domain.resources import Fragment
from regions_dist.resources.chunk_rows import (
    actor_names,
    add_chunk,
    add_document,
    change_chunk,
    chunks_with,
    remove_chunks,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.store_file import StoreFile
    from regions_dist.resources.vector_index import VectorIndex

    Vectors = NDArray[np.float32]

__all__ = ["SIMILAR_ENOUGH", "Learned", "Learning", "Lesson", "lessons"]

LEARNED: Final = "learned"
"""The document that holds the facts learned from replies."""

SIMILAR_ENOUGH: Final = 0.8
"""Cosine similarity from which a memory counts as an older form of a fact.

Below it the fact is a new one. With static word vectors "Ada keeps bees in the garden" and "Ada
keeps goats in the garden" have 0.82, "Ada was born in 1815" and "Ada died in 1852" 0.71.
"""

_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Learned:
    """What facts changed: ids of chunks ``updated``, ``stored`` and ``absorbed`` (removed)."""

    updated: tuple[int, ...] = ()
    stored: tuple[int, ...] = ()
    absorbed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one fact does: ``updated`` is the id of the memory it updates, None for a new one."""

    updated: int | None
    absorbed: tuple[int, ...] = ()


class Learning:
    """Teaches the store in ``file``: each call is one transaction."""

    def __init__(self, file: StoreFile, index: VectorIndex, encoder: Encoder) -> None:
        self._file = file
        self._index = index
        self._encoder = encoder

    async def learn(self, facts: Iterable[Fragment], threshold: float, key: str | None) -> Learned:
        """Teach facts, once for each ``key``; see ``RagStore.learn``."""
        if key and (done := await asyncio.to_thread(self._done, key)):
            return done
        said = _distinct(facts)
        vectors = await self._encoder.vectors([fact.text for fact in said])
        return await asyncio.to_thread(self._learn, said, vectors, threshold, key)

    def _done(self, key: str) -> Learned | None:
        with self._file.reading() as connection:
            return _recorded(connection, key)

    def _learn(
        self, facts: Sequence[Fragment], vectors: Vectors, threshold: float, key: str | None
    ) -> Learned:
        with self._file.writing() as connection:
            if key and (done := _recorded(connection, key)):
                return done
            plan = self._plan(connection, vectors, threshold)
            learned = _teach(connection, facts, vectors, plan)
            if key:
                _record(connection, key, learned)
            return learned

    def _plan(
        self, connection: sqlite3.Connection, vectors: Vectors, threshold: float
    ) -> list[Lesson]:
        if not len(vectors):
            return []
        self._encoder.stamp(connection, vectors.shape[1])
        with self._index.lock:
            self._index.refresh(connection)
            near = (self._index.similar(vector, SIMILAR_ENOUGH - threshold) for vector in vectors)
            return lessons(near, threshold)


def lessons(
    similar: Iterable[Sequence[tuple[int, float]]], consolidate_threshold: float
) -> list[Lesson]:
    """A lesson a fact, in order, from the (id, similarity) of its memories, best first.

    A memory that a fact has updated or absorbed is out of reach of the facts after it, so that
    facts learned together never overwrite each other.
    """
    taken: set[int] = set()
    plan = []
    for memories in similar:
        left = [(chunk, similarity) for chunk, similarity in memories if chunk not in taken]
        lesson = _lesson(left, consolidate_threshold)
        taken |= {*lesson.absorbed, *((lesson.updated,) if lesson.updated else ())}
        plan.append(lesson)
    return plan


def _lesson(memories: Sequence[tuple[int, float]], threshold: float) -> Lesson:
    if not memories or memories[0][1] < SIMILAR_ENOUGH - _ROUNDING:
        return Lesson(None)
    (best, highest), *others = memories
    near = (chunk for chunk, value in others if value >= highest - threshold - _ROUNDING)
    return Lesson(best, tuple(near))


def _distinct(facts: Iterable[Fragment]) -> list[Fragment]:
    """The facts that say something; those in the same words as one, with all their actors."""
    actors: dict[str, tuple[str, ...]] = {}
    for fact in facts:
        if text := fact.text.strip():
            actors[text] = actor_names([*actors.get(text, ()), *fact.actors])
    return [Fragment(text, names) for text, names in actors.items()]


def _teach(
    connection: sqlite3.Connection,
    facts: Sequence[Fragment],
    vectors: Vectors,
    plan: Sequence[Lesson],
) -> Learned:
    """Carry out a lesson a fact; within a writing transaction."""
    learned = zip(facts, vectors, plan, strict=True)
    stored = [_take_in(connection, fact, vector, lesson) for fact, vector, lesson in learned]
    return Learned(
        updated=tuple(lesson.updated for lesson in plan if lesson.updated is not None),
        stored=tuple(chunk for chunk in stored if chunk is not None),
        absorbed=tuple(chunk for lesson in plan for chunk in lesson.absorbed),
    )


def _record(connection: sqlite3.Connection, key: str, learned: Learned) -> None:
    """Note what the step ``key`` has learned; in the transaction that it learned it in."""
    values = (key, json.dumps(asdict(learned)))
    connection.execute("INSERT INTO applied VALUES (?, ?)", values)


def _recorded(connection: sqlite3.Connection, key: str) -> Learned | None:
    """What the step ``key`` has learned, or None if it has not."""
    row = connection.execute("SELECT result FROM applied WHERE run_step = ?", (key,)).fetchone()
    if row is None:
        return None
    return Learned(**{name: tuple(ids) for name, ids in json.loads(row[0]).items()})


def _take_in(
    connection: sqlite3.Connection, fact: Fragment, vector: Vectors, lesson: Lesson
) -> int | None:
    """Carry out a lesson; the id of the chunk if one was added."""
    if lesson.updated is None:
        add_document(connection, LEARNED, None)
        return add_chunk(connection, LEARNED, fact, vector)
    old = [lesson.updated, *lesson.absorbed]
    known = chunks_with(connection, old)
    actors = [name for chunk in old for name in known[chunk].actors]
    merged = Fragment(fact.text, actor_names([*actors, *fact.actors]))
    change_chunk(connection, lesson.updated, merged, vector)
    remove_chunks(connection, lesson.absorbed)
    return None
