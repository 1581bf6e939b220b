"""Take documents into a store: cut, embedded in batches, each stored whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions_dist.domain.resources import Fragment
from regions_dist.resources.chunk_rows import (
    actor_names,
    add_chunk,
    add_document,
    digest,
    remove_document,
)
from regions_dist.resources.chunks import chunks
from regions_dist.resources.kept_vectors import BATCH, forget_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from regions_dist.config import RagSettings
    from regions_dist.resources.documents import Document
    from regions_dist.resources.encoder import Encoder
    from regions_dist.resources.kept_vectors import KeptVectors
    from regions_dist.resources.store_file import StoreFile

    Vectors = NDArray[np.float32]

__all__ = ["Added", "Ingest"]


@dataclass(frozen=True, slots=True)
class Added:
    """How many documents and chunks were stored, and how many documents were there already."""

    documents: int = 0
    chunks: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document as it will be stored: the hash of what it was made from, and its chunks."""

    id: str
    source: str
    pieces: tuple[Fragment, ...]


class Ingest:
    """Stores documents in ``file``, cut as ``settings`` say."""

    def __init__(
        self, file: StoreFile, encoder: Encoder, vectors: KeptVectors, settings: RagSettings
    ) -> None:
        self._file = file
        self._encoder = encoder
        self._vectors = vectors
        self._settings = settings

    async def add(
        self, documents: Iterable[Document], told: Callable[[int, int], None] = lambda *_: None
    ) -> Added:
        """Store documents in batches, one transaction each; ``told`` hears chunks done and in all.

        A document that is there, made from the same text and actors, is left as it is, so that
        after an interruption the same call goes on where it was.
        """
        cuts = await asyncio.to_thread(lambda: [self._cut(document) for document in documents])
        total = sum(len(cut.pieces) for cut in cuts)
        done = 0

        def more(count: int) -> None:
            nonlocal done
            done += count
            told(done, total)

        added = Added()
        for group in _groups(cuts):
            fresh = await asyncio.to_thread(self._fresh, group)
            more(_size(group) - _size(fresh))
            await self._store(fresh, more)
            added = Added(
                added.documents + sum(bool(cut.pieces) for cut in fresh),
                added.chunks + _size(fresh),
                added.unchanged + len(group) - len(fresh),
            )
        return added

    def _cut(self, document: Document) -> _Cut:
        size, overlap = self._settings.chunk_size, self._settings.overlap
        parts = [(part.text, actor_names(part.actors)) for part in document.parts]
        pieces = (
            Fragment(piece, names) for text, names in parts for piece in chunks(text, size, overlap)
        )
        source = json.dumps([parts, size, overlap]).encode()
        return _Cut(document.id, hashlib.sha256(source).hexdigest(), tuple(pieces))

    def _fresh(self, cuts: Sequence[_Cut]) -> list[_Cut]:
        """Those that are not stored yet; raises StoreRefused where none may be stored."""
        query = "SELECT source FROM documents WHERE id = ?"
        with self._file.reading() as connection:
            self._encoder.check(connection)
            stored = [connection.execute(query, (cut.id,)).fetchone() for cut in cuts]
        return [cut for cut, row in zip(cuts, stored, strict=True) if row != (cut.source,)]

    async def _store(self, cuts: Sequence[_Cut], more: Callable[[int], None]) -> None:
        texts = [piece.text for cut in cuts for piece in cut.pieces]
        vectors = await self._vectors.of(texts, keep=len(texts) > BATCH, told=more)
        await asyncio.to_thread(self._write, cuts, vectors)

    def _write(self, cuts: Sequence[_Cut], vectors: dict[str, Vectors]) -> None:
        with self._file.writing() as connection:
            for vector in vectors.values():
                self._encoder.stamp(connection, len(vector))
                break
            for cut in cuts:
                remove_document(connection, cut.id)
                if cut.pieces:
                    add_document(connection, cut.id, cut.source)
                for piece in cut.pieces:
                    add_chunk(connection, cut.id, piece, vectors[digest(piece.text)])
            forget_vectors(connection, vectors)


def _groups(cuts: Iterable[_Cut]) -> Iterator[list[_Cut]]:
    """Documents in lists that one batch of the embedder can hold; a larger one stands alone."""
    group: list[_Cut] = []
    size = 0
    for cut in cuts:
        if group and size + len(cut.pieces) > BATCH:
            yield group
            group, size = [], 0
        group.append(cut)
        size += len(cut.pieces)
    if group:
        yield group


def _size(cuts: Sequence[_Cut]) -> int:
    return sum(len(cut.pieces) for cut in cuts)
