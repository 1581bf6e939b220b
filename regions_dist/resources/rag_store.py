"""A RAG store: texts that can be searched by meaning and by actor, in one SQLite file."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from regions_dist.domain.resources import Fragment
from regions_dist.errors import BadInput, StoreRefused
from regions_dist.resources import chunk_rows
from regions_dist.resources.chunk_rows import Memory, actor_names
from regions_dist.resources.chunks import check_sizes
from regions_dist.resources.documents import Document, read_documents
from regions_dist.resources.encoder import Encoder
from regions_dist.resources.ingest import Added, Ingest
from regions_dist.resources.kept_vectors import KeptVectors
from regions_dist.resources.learning import Learned, Learning
from regions_dist.resources.reindex import Reindex
from regions_dist.resources.search import Search
from regions_dist.resources.store_file import StoreFile
from regions_dist.resources.store_schema import meta, set_meta
from regions_dist.resources.vector_index import VectorIndex

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from regions_dist.config import RagSettings
    from regions_dist.ports import Embedder

    Vectors = NDArray[np.float32]

__all__ = ["RagStore", "StoreStats"]

Answer = TypeVar("Answer")

_PAGE = 500
"""Documents that are read at a time when all are."""
_FILLING, _BEGUN, _DONE = "filling", "begun", "done"


@dataclass(frozen=True, slots=True)
class StoreStats:
    """What a store holds; ``model`` and ``dimension`` are None until something is stored.

    ``bytes`` is the size of its file. ``kept`` counts vectors that interrupted work left behind.
    """

    documents: int
    chunks: int
    actors: int
    model: str | None
    dimension: int | None
    bytes: int
    kept: int


class RagStore:
    """Documents cut into chunks, each with its actors and its vector.

    Everything is awaited in threads, so that neither disk nor arithmetic stops the event loop.
    Several processes of one machine may use the file at once. Raises BadInput for sizes that no
    text can be cut by; every method may raise StoreRefused and StoreProblem.
    """

    def __init__(self, settings: RagSettings, embedder: Embedder) -> None:
        check_sizes(settings.chunk_size, settings.overlap)
        self.path = settings.path
        self._settings = settings
        self._file = StoreFile(settings.path)
        self._encoder = Encoder(embedder, settings.path)
        self._kept = KeptVectors(self._file, self._encoder)
        index = VectorIndex()
        self._search = Search(self._file, index, self._encoder)
        self._learning = Learning(self._file, index, self._encoder)

    async def store_document(
        self, content: str, actors: Iterable[str] = (), document_id: str | None = None
    ) -> str:
        """Store a text about ``actors``; returns the document's id, a new one if none is given.

        A document of that id is replaced, or left as it is if it came from the same text.
        """
        name = document_id or uuid.uuid4().hex
        await self.add([Document(name, (Fragment(content, actor_names(actors)),))])
        return name

    async def store(self, paths: Sequence[Path]) -> Added:
        """Store the documents of files (see ``read_documents``). Raises FileProblem."""
        return await self.add(await asyncio.to_thread(read_documents, paths))

    async def add(
        self, documents: Iterable[Document], told: Callable[[int, int], None] = lambda *_: None
    ) -> Added:
        """Store documents, each whole or not at all; ``told`` hears chunks done and in all.

        The same call after an interruption goes on where that left off.
        """
        ingest = Ingest(self._file, self._encoder, self._kept, self._settings)
        return await ingest.add(documents, told)

    async def fill(self, paths: Sequence[Path]) -> None:
        """Store the documents of files in a store that is empty; one that is not stays as it is.

        What an interrupted call has begun, the next one finishes. Raises FileProblem.
        """
        if await asyncio.to_thread(self._read, _is_filled):
            return
        await asyncio.to_thread(self._note_filling, _BEGUN)
        await self.store(paths)
        await asyncio.to_thread(self._note_filling, _DONE)

    async def retrieve_similar(
        self, query: str, threshold: float = 0.7, max_results: int | None = None
    ) -> list[Memory]:
        """The chunks with at least this cosine similarity to ``query``, best first."""
        (vector,) = await self._encoder.vectors([query])
        return await self._search.similar(vector, threshold, self._most(max_results))

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """See domain.resources.Retriever: a store can be given to a RAGRegion as it is."""
        return list(await self.retrieve_similar(query, threshold))

    async def retrieve_by_actor(
        self, actors: Iterable[str], threshold: float = 0.7, max_results: int | None = None
    ) -> list[Memory]:
        """The chunks with at least this actor similarity to ``actors``, best first.

        It is matched / (n + |n - m|), for n actors asked for and a chunk about m of them: 1 where
        they are the same. Names are compared as they stand. No embedder is needed.
        """
        names, most = actor_names(actors), self._most(max_results)
        return await self._search.about(names, threshold, most)

    async def update_chunk(
        self, chunk: int, text: str, actors: Iterable[str] | None = None
    ) -> None:
        """Give a chunk a new text, and new actors where given. Raises StoreRefused if unknown."""
        if not text.strip():
            raise BadInput("the new text of a chunk is empty; remove the chunk instead")
        await asyncio.to_thread(self._read, self._known, chunk)
        (vector,) = await self._encoder.vectors([text])
        names = None if actors is None else actor_names(actors)
        await asyncio.to_thread(self._update, chunk, text, names, vector)

    async def delete_chunk(self, chunk: int) -> None:
        """Remove a chunk, and its document with the last one. Raises StoreRefused if unknown."""
        await asyncio.to_thread(self._delete, chunk)

    async def delete_document(self, document_id: str) -> None:
        """Remove a document with all its chunks. Raises StoreRefused if unknown."""
        await asyncio.to_thread(self._delete_document, document_id)

    async def update_document(self, document_id: str, text: str) -> None:
        """Store a document anew, about the same actors. Raises StoreRefused if unknown."""
        names = await asyncio.to_thread(self._read, self._actors_of, document_id)
        await self.store_document(text, names, document_id)

    async def has_chunk(self, chunk: int) -> bool:
        """Whether there is a chunk with this id."""
        return bool(await asyncio.to_thread(self._read, chunk_rows.chunks_with, [chunk]))

    async def get_stats(self) -> StoreStats:
        """What the store holds."""
        return await asyncio.to_thread(self._read, self._stats)

    async def documents(self) -> AsyncIterator[Document]:
        """Every document, a part for each chunk, in the order in which they were stored."""
        last = 0
        while page := await asyncio.to_thread(self._read, chunk_rows.documents_after, last, _PAGE):
            last = page[-1][0]
            for _, document in page:
                yield document

    async def reindex(self, told: Callable[[int, int], None] = lambda *_: None) -> int:
        """Make all vectors anew with the embedder of this store; how many chunks.

        ``told`` hears chunks done and in all. The same call after an interruption goes on where
        that left off.
        """
        return await Reindex(self._file, self._encoder, self._kept).run(told)

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
        return await self._learning.learn(facts, consolidate_threshold, key)

    def close(self) -> None:
        """Close the file; the next use opens it again. The embedder is its owner's to close."""
        self._file.close()

    def _note_filling(self, state: str) -> None:
        with self._file.writing() as connection:
            set_meta(connection, _FILLING, state)

    def _update(
        self, chunk: int, text: str, actors: tuple[str, ...] | None, vector: Vectors
    ) -> None:
        with self._file.writing() as connection:
            old = self._known(connection, chunk)
            self._encoder.stamp(connection, len(vector))
            fact = Fragment(text, old.actors if actors is None else actors)
            chunk_rows.change_chunk(connection, chunk, fact, vector)

    def _delete(self, chunk: int) -> None:
        with self._file.writing() as connection:
            self._known(connection, chunk)
            chunk_rows.remove_chunks(connection, [chunk])

    def _delete_document(self, document: str) -> None:
        with self._file.writing() as connection:
            if not chunk_rows.remove_document(connection, document):
                raise self._refused(f"no document {document!r}")

    def _known(self, connection: sqlite3.Connection, chunk: int) -> Memory:
        known = chunk_rows.chunks_with(connection, [chunk])
        if chunk not in known:
            raise self._refused(f"no chunk {chunk}")
        return known[chunk]

    def _actors_of(self, connection: sqlite3.Connection, document: str) -> tuple[str, ...]:
        parts = chunk_rows.parts_of(connection, document)
        if not parts:
            raise self._refused(f"no document {document!r}")
        return actor_names(name for part in parts for name in part.actors)

    def _refused(self, what: str) -> StoreRefused:
        return StoreRefused(
            f"{self.path}: holds {what}; regions-rag search and export show the ids",
            where=str(self.path),
        )

    def _stats(self, connection: sqlite3.Connection) -> StoreStats:
        counts = "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        more = "(SELECT count(DISTINCT actor) FROM mentions), (SELECT count(*) FROM kept_vectors)"
        documents, held, actors, kept = connection.execute(f"{counts}, {more}").fetchone()
        dimension = meta(connection, "dimension")
        return StoreStats(
            documents=documents,
            chunks=held,
            actors=actors,
            model=meta(connection, "model"),
            dimension=None if dimension is None else int(dimension),
            bytes=self.path.stat().st_size,
            kept=kept,
        )

    def _read(self, question: Callable[..., Answer], *values: object) -> Answer:
        with self._file.reading() as connection:
            return question(connection, *values)

    def _most(self, given: int | None) -> int:
        return self._settings.max_results if given is None else max(0, given)


def _is_filled(connection: sqlite3.Connection) -> bool:
    """Whether the store holds something, and not only what an interrupted ``fill`` left."""
    (some,) = connection.execute("SELECT EXISTS (SELECT 1 FROM documents)").fetchone()
    return bool(some) and meta(connection, _FILLING) != _BEGUN
