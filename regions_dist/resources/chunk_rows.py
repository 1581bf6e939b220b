"""Documents and chunks as rows of a store's file; all changes belong into a writing transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regions_dist.domain.resources import Fragment
from regions_dist.resources.documents import Document

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from regions_dist.resources.store_file import StoreFile

    Vectors = NDArray[np.float32]

__all__ = [
    "Memory",
    "actor_names",
    "add_chunk",
    "add_document",
    "change_chunk",
    "chunks_about",
    "chunks_now",
    "chunks_with",
    "digest",
    "documents_after",
    "parts_of",
    "remove_chunks",
    "remove_document",
]

_COLUMNS: Final = "id, document, text, actors"

_NOW: Final = f"""
SELECT generation, {_COLUMNS}
FROM (SELECT coalesce(max(generation), 0) AS generation FROM changes)
LEFT JOIN chunks ON id IN ({{places}})"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Memory(Fragment):
    """A fragment with its place in the store: its chunk's id, and its document."""

    id: int = 0
    document: str = ""


def digest(text: str) -> str:
    """The hash that a text is known by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def actor_names(actors: Iterable[str]) -> tuple[str, ...]:
    """Actors as given, each once, without blanks around them; a single text is one actor."""
    given = (actors,) if isinstance(actors, str) else actors
    return tuple(dict.fromkeys(name.strip() for name in given if name.strip()))


def add_document(connection: sqlite3.Connection, document: str, source: str | None) -> None:
    """Add a document made from the text with the hash ``source``, unless it is there."""
    connection.execute("INSERT OR IGNORE INTO documents VALUES (?, ?)", (document, source))


def remove_document(connection: sqlite3.Connection, document: str) -> bool:
    """Remove a document with all its chunks; whether there was one."""
    cursor = connection.execute("DELETE FROM documents WHERE id = ?", (document,))
    return cursor.rowcount > 0


def add_chunk(
    connection: sqlite3.Connection, document: str, fact: Fragment, vector: Vectors
) -> int:
    """Add a chunk to a document; its id."""
    query = "INSERT INTO chunks (document, text, digest, actors, vector) VALUES (?, ?, ?, ?, ?)"
    return connection.execute(query, (document, *_values(fact, vector))).lastrowid or 0


def change_chunk(
    connection: sqlite3.Connection, chunk: int, fact: Fragment, vector: Vectors
) -> None:
    """Give a chunk another text, its hash, actors and vector."""
    query = "UPDATE chunks SET text = ?, digest = ?, actors = ?, vector = ? WHERE id = ?"
    connection.execute(query, (*_values(fact, vector), chunk))


def remove_chunks(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Remove chunks, and the documents of which nothing is left."""
    query = "DELETE FROM chunks WHERE id IN (SELECT value FROM json_each(?)) RETURNING document"
    touched = {row[0] for row in connection.execute(query, (json.dumps(ids),)).fetchall()}
    connection.executemany(
        "DELETE FROM documents WHERE id = :id "
        "AND NOT EXISTS (SELECT 1 FROM chunks WHERE document = :id)",
        [{"id": document} for document in touched],
    )


def chunks_with(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, Memory]:
    """Those of the chunks with these ids that are there, by id."""
    query = f"SELECT {_COLUMNS} FROM chunks WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
    rows = connection.execute(query, (json.dumps([*ids]),))
    return {row[0]: _memory(row, 0.0) for row in rows}


def chunks_now(file: StoreFile, similarities: Mapping[int, float]) -> tuple[int, list[Memory]]:
    """The store's generation, and what it holds in that very moment of the chunks with these ids.

    The chunks, a hundred at most, are in the order of ``similarities``, each with its own.
    """
    rows = file.ask(_now(len(similarities)), tuple(similarities))
    known = {
        chunk: Memory(text, _listed(actors), similarities[chunk], chunk, document)
        for _, chunk, document, text, actors in rows
        if chunk is not None
    }
    return rows[0][0], [known[chunk] for chunk in similarities if chunk in known]


@lru_cache(maxsize=128)
def _now(chunks: int) -> str:
    return _NOW.format(places=", ".join("?" * chunks))


def chunks_about(
    connection: sqlite3.Connection, actors: Sequence[str], threshold: float, most: int
) -> list[Memory]:
    """The chunks about ``actors`` with at least this actor similarity, best first, then by id.

    It is matched / (n + |n - m|), for n actors asked for and a chunk of m: 1 for the same actors.
    """
    query = f"""
        WITH matched (chunk, number) AS (
            SELECT chunk, count(*) FROM mentions
            WHERE actor IN (SELECT value FROM json_each(:actors)) GROUP BY chunk)
        SELECT {_COLUMNS},
            number * 1.0 / (:n + abs(:n - json_array_length(actors))) AS similarity
        FROM matched JOIN chunks ON id = chunk
        WHERE similarity >= :threshold ORDER BY similarity DESC, id LIMIT :most"""  # noqa: S608
    asked = {"actors": json.dumps(actors), "n": len(actors)}
    rows = connection.execute(query, asked | {"threshold": threshold, "most": most})
    return [_memory(row[:-1], row[-1]) for row in rows]


def parts_of(connection: sqlite3.Connection, document: str) -> list[Fragment]:
    """The chunks of a document, in order."""
    query = "SELECT text, actors FROM chunks WHERE document = ? ORDER BY id"
    rows = connection.execute(query, (document,))
    return [Fragment(text, _listed(actors)) for text, actors in rows]


def documents_after(
    connection: sqlite3.Connection, row: int, most: int
) -> list[tuple[int, Document]]:
    """(row, document) of the ``most`` documents stored next after that in ``row``, in order."""
    query = """
        SELECT page.place, page.id, text, actors
        FROM (SELECT rowid AS place, id FROM documents WHERE rowid > ? ORDER BY rowid LIMIT ?)
            AS page
        JOIN chunks ON document = page.id ORDER BY page.place, chunks.id"""
    rows = connection.execute(query, (row, most)).fetchall()
    return [
        (
            place,
            Document(name, tuple(Fragment(text, _listed(names)) for *_, text, names in its)),
        )
        for (place, name), its in groupby(rows, key=itemgetter(0, 1))
    ]


def _values(fact: Fragment, vector: Vectors) -> tuple[str, str, str, bytes]:
    actors = json.dumps(list(fact.actors), ensure_ascii=False)
    return fact.text, digest(fact.text), actors, np.ascontiguousarray(vector, np.float32).tobytes()


def _memory(row: Sequence[Any], similarity: float) -> Memory:
    chunk, document, text, actors = row
    return Memory(text, _listed(actors), similarity, id=chunk, document=document)


@lru_cache(maxsize=1024)  # most texts of a store are about the same few
def _listed(actors: str) -> tuple[str, ...]:
    return tuple(json.loads(actors))
