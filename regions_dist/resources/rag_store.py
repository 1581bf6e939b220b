"""A RAG store: texts that can be searched by meaning, in one SQLite file."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regions_dist.domain.resources import Fragment
from regions_dist.errors import StoreProblem
from regions_dist.resources.chunks import check_sizes, chunks
from regions_dist.resources.learning import Lesson, lessons
from regions_dist.resources.store_file import StoreFile, meta, rows_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from regions_dist.config import RagSettings
    from regions_dist.ports import Embedder

    Vectors = NDArray[np.float32]

__all__ = ["Learned", "Memory", "RagStore", "StepStore", "StoreStats"]

LEARNED: Final = "learned"
"""The document that holds the facts learned from replies."""

_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Memory(Fragment):
    """A fragment with its place in the store."""

    id: int = 0
    document: str = ""


@dataclass(frozen=True, slots=True)
class Learned:
    """What facts changed: ids of chunks ``updated``, ``stored`` and ``absorbed`` (removed)."""

    updated: tuple[int, ...] = ()
    stored: tuple[int, ...] = ()
    absorbed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreStats:
    """What a store holds; ``model`` and ``dimension`` are None until something is stored."""

    documents: int
    chunks: int
    actors: int
    model: str | None
    dimension: int | None
    bytes: int


class RagStore:
    """Documents cut into chunks, each with its actors and its vector.

    Everything is awaited in threads, so that neither disk nor arithmetic stops the event loop.
    Raises BadInput for sizes that no text can be cut by.
    """

    def __init__(self, settings: RagSettings, embedder: Embedder) -> None:
        check_sizes(settings.chunk_size, settings.overlap)
        self._settings = settings
        self._embedder = embedder
        self._file = StoreFile(settings.path)

    async def store_document(
        self, content: str, actors: Iterable[str] = (), document_id: str | None = None
    ) -> str:
        """Store a text about ``actors``; returns the document's id, a new one if none is given.

        A document of that id is replaced, or left as it is if it came from the same text.
        """
        name = document_id or uuid.uuid4().hex
        source = _hash(content, _names(actors))
        if await asyncio.to_thread(self._is_stored, name, source):
            return name
        pieces = chunks(content, self._settings.chunk_size, self._settings.overlap)
        vectors = await self._vectors(pieces)
        facts = [Fragment(piece, _names(actors)) for piece in pieces]
        await asyncio.to_thread(self._store, name, source, facts, vectors)
        return name

    async def retrieve_similar(
        self, query: str, threshold: float = 0.7, max_results: int | None = None
    ) -> list[Memory]:
        """The chunks with at least this cosine similarity to ``query``, best first."""
        most = self._settings.max_results if max_results is None else max_results
        vectors = await self._vectors([query])
        return await asyncio.to_thread(self._search, vectors, threshold, most)

    async def update_chunk(
        self, chunk: int, text: str, actors: Iterable[str] | None = None
    ) -> None:
        """Give a chunk a new text, and new actors where given. Raises StoreProblem if unknown."""
        vectors = await self._vectors([text])
        names = None if actors is None else _names(actors)
        await asyncio.to_thread(self._update, chunk, text, names, vectors)

    async def delete_chunk(self, chunk: int) -> None:
        """Remove a chunk, and its document with the last one. Raises StoreProblem if unknown."""
        await asyncio.to_thread(self._delete, chunk)

    async def get_stats(self) -> StoreStats:
        """What the store holds."""
        return await asyncio.to_thread(self._stats)

    async def learn(
        self,
        facts: Sequence[Fragment],
        consolidate_threshold: float = 0.1,
        key: str | None = None,
    ) -> Learned:
        """Let each fact update the memory most similar to it, or store it as a new one.

        The most similar memory is updated if its similarity is at least ``SIMILAR_ENOUGH``; those
        within ``consolidate_threshold`` of it are absorbed: removed, their actors kept. All of it
        is one transaction, which also records ``key``: with the same key again nothing is done,
        and what was done is returned.
        """
        done = await asyncio.to_thread(self._recorded, key)
        if done is not None:
            return done
        facts = _distinct(facts)
        vectors = await self._vectors([fact.text for fact in facts])
        return await asyncio.to_thread(self._learn, facts, vectors, consolidate_threshold, key)

    def close(self) -> None:
        """Close the file; the next use opens it again. The embedder is its owner's to close."""
        self._file.close()

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        """The texts' vectors as rows of length 1 (0 for a text without meaning)."""
        if not texts:
            return np.empty((0, 0), np.float32)
        rows = np.array(await self._embedder.embed(texts), np.float32)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        unit: Vectors = (rows / lengths).astype(np.float32)
        return unit

    def _is_stored(self, document: str, source: str) -> bool:
        query = "SELECT 1 FROM documents WHERE id = ? AND source_hash = ?"
        with self._file.reading() as connection:
            return connection.execute(query, (document, source)).fetchone() is not None

    def _store(
        self, document: str, source: str, facts: Sequence[Fragment], vectors: Vectors
    ) -> None:
        with self._file.writing() as connection:
            self._stamp(connection, vectors)
            connection.execute("DELETE FROM documents WHERE id = ?", (document,))
            _add_document(connection, document, source)
            for fact, vector in zip(facts, vectors, strict=True):
                _add_chunk(connection, document, fact, vector)

    def _search(self, query: Vectors, threshold: float, most: int) -> list[Memory]:
        with self._file.reading() as connection:
            ids, matrix = self._file.vectors(connection)
            if not ids:
                return []
            self._file.check_stamp(connection, self._embedder.model, query.shape[1])
            scores = _best(matrix @ query[0], threshold, most)
            rows = rows_of(connection, [ids[index] for index, _ in scores])
        return [_memory(rows[ids[index]], score) for index, score in scores]

    def _update(
        self, chunk: int, text: str, actors: tuple[str, ...] | None, vectors: Vectors
    ) -> None:
        with self._file.writing() as connection:
            old = _memory(self._row(connection, chunk), 0.0)
            self._stamp(connection, vectors)
            fact = Fragment(text, old.actors if actors is None else actors)
            _change_chunk(connection, chunk, fact, vectors[0])

    def _delete(self, chunk: int) -> None:
        with self._file.writing() as connection:
            self._row(connection, chunk)
            _remove_chunks(connection, [chunk])

    def _learn(
        self, facts: Sequence[Fragment], vectors: Vectors, threshold: float, key: str | None
    ) -> Learned:
        with self._file.writing() as connection:
            done = _applied(connection, key)
            if done is not None:
                return done
            self._stamp(connection, vectors)
            learned = self._apply(connection, facts, vectors, threshold)
            if key is not None:
                result = json.dumps(asdict(learned))
                connection.execute("INSERT INTO applied VALUES (?, ?)", (key, result))
            return learned

    def _apply(
        self,
        connection: sqlite3.Connection,
        facts: Sequence[Fragment],
        vectors: Vectors,
        threshold: float,
    ) -> Learned:
        ids, matrix = self._file.vectors(connection)
        empty = np.empty((len(facts), 0), np.float32)
        similarities = vectors @ matrix.T if ids and facts else empty
        plan = lessons(similarities, ids, threshold)
        stored = [
            _take_in(connection, fact, vector, lesson)
            for fact, vector, lesson in zip(facts, vectors, plan, strict=True)
        ]
        return Learned(
            updated=tuple(lesson.updated for lesson in plan if lesson.updated is not None),
            stored=tuple(chunk for chunk in stored if chunk is not None),
            absorbed=tuple(chunk for lesson in plan for chunk in lesson.absorbed),
        )

    def _recorded(self, key: str | None) -> Learned | None:
        with self._file.reading() as connection:
            return _applied(connection, key)

    def _stamp(self, connection: sqlite3.Connection, vectors: Vectors) -> None:
        if len(vectors):
            self._file.stamp(connection, self._embedder.model, vectors.shape[1])

    def _row(self, connection: sqlite3.Connection, chunk: int) -> Any:
        rows = rows_of(connection, [chunk])
        if chunk not in rows:
            raise StoreProblem(
                f"{self._file.path}: holds no chunk {chunk}. Searching the store shows its ids",
                where=str(self._file.path),
            )
        return rows[chunk]

    def _stats(self) -> StoreStats:
        with self._file.reading() as connection:
            lists = connection.execute("SELECT actors FROM chunks").fetchall()
            documents = connection.execute("SELECT count(*) FROM documents").fetchone()[0]
            model, dimension = meta(connection, "model"), meta(connection, "dimension")
        return StoreStats(
            documents=documents,
            chunks=len(lists),
            actors=len({name for (names,) in lists for name in json.loads(names)}),
            model=model,
            dimension=None if dimension is None else int(dimension),
            bytes=self._file.path.stat().st_size,
        )


class StepStore:
    """The Retriever port for one step of a run: what the step learns is learned once.

    ``key`` names run and step. A step that learns several times records each in turn.
    """

    def __init__(self, store: RagStore, key: str) -> None:
        self._store = store
        self._key = key
        self._calls = 0

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """The store's fragments that are similar enough to ``query``, best first."""
        return list(await self._store.retrieve_similar(query, threshold))

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """Teach the store; done already if an earlier try of this step got this far."""
        self._calls += 1
        key = self._key if self._calls == 1 else f"{self._key}#{self._calls}"
        await self._store.learn(facts, consolidate_threshold, key)


def _best(scores: Vectors, threshold: float, most: int) -> list[tuple[int, float]]:
    """(row, score) of the highest scores from the threshold on, best first, ties by row."""
    rows = np.flatnonzero(scores >= threshold - _ROUNDING)
    if len(rows) > most > 0:
        lowest = np.partition(scores[rows], -most)[-most]
        rows = rows[scores[rows] >= lowest]
    ordered = rows[np.argsort(-scores[rows], kind="stable")][:most]
    return [(int(row), float(np.clip(scores[row], -1, 1))) for row in ordered]


def _take_in(
    connection: sqlite3.Connection, fact: Fragment, vector: Vectors, lesson: Lesson
) -> int | None:
    """Carry out a lesson; returns the id of the chunk if one was added."""
    if lesson.updated is None:
        _add_document(connection, LEARNED, "")
        return _add_chunk(connection, LEARNED, fact, vector)
    old = [lesson.updated, *lesson.absorbed]
    rows = rows_of(connection, old)
    actors = [name for chunk in old for name in json.loads(rows[chunk][3])]
    merged = Fragment(fact.text, _names([*actors, *fact.actors]))
    _change_chunk(connection, lesson.updated, merged, vector)
    _remove_chunks(connection, lesson.absorbed)
    return None


def _add_document(connection: sqlite3.Connection, document: str, source: str) -> None:
    values = (document, source, time.time())
    connection.execute("INSERT OR IGNORE INTO documents VALUES (?, ?, ?)", values)


def _add_chunk(
    connection: sqlite3.Connection, document: str, fact: Fragment, vector: Vectors
) -> int:
    query = "INSERT INTO chunks (document, text, actors, vector) VALUES (?, ?, ?, ?)"
    cursor = connection.execute(query, (document, *_columns(fact, vector)))
    return int(cursor.lastrowid or 0)


def _change_chunk(
    connection: sqlite3.Connection, chunk: int, fact: Fragment, vector: Vectors
) -> None:
    query = "UPDATE chunks SET text = ?, actors = ?, vector = ? WHERE id = ?"
    connection.execute(query, (*_columns(fact, vector), chunk))


def _remove_chunks(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Remove chunks, and the documents of which nothing is left."""
    connection.executemany("DELETE FROM chunks WHERE id = ?", [(chunk,) for chunk in ids])
    connection.execute("DELETE FROM documents WHERE id NOT IN (SELECT document FROM chunks)")


def _columns(fact: Fragment, vector: Vectors) -> tuple[str, str, bytes]:
    actors = json.dumps(list(fact.actors), ensure_ascii=False)
    return fact.text, actors, np.ascontiguousarray(vector, np.float32).tobytes()


def _applied(connection: sqlite3.Connection, key: str | None) -> Learned | None:
    row = connection.execute("SELECT result FROM applied WHERE run_step = ?", (key,)).fetchone()
    if row is None:
        return None
    return Learned(**{name: tuple(ids) for name, ids in json.loads(row[0]).items()})


def _memory(row: Any, similarity: float) -> Memory:
    chunk, document, text, actors = row
    return Memory(text, tuple(json.loads(actors)), similarity, id=chunk, document=document)


def _names(actors: Iterable[str]) -> tuple[str, ...]:
    """The actors as given, each once."""
    given = (actors,) if isinstance(actors, str) else actors
    return tuple(dict.fromkeys(name.strip() for name in given if name.strip()))


def _distinct(facts: Iterable[Fragment]) -> list[Fragment]:
    """The facts that say something; those in the same words as one, with all their actors."""
    actors: dict[str, tuple[str, ...]] = {}
    for fact in facts:
        if fact.text.strip():
            actors[fact.text] = _names([*actors.get(fact.text, ()), *fact.actors])
    return [Fragment(text, names) for text, names in actors.items()]


def _hash(content: str, actors: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps([content, actors]).encode()).hexdigest()
