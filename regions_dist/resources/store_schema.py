"""What is in the SQLite file of a RAG store, and which version of it this code reads.

Triggers keep true what is derived from a chunk, whoever writes it:

- ``changes`` names each chunk that was added, changed or removed, in order. Its last entry is the
  store's generation; whoever holds vectors in memory reads on from the entry it has seen.
- ``mentions`` finds the chunks of an actor.
- ``documents.source``, the hash of the text that a document was made from, is taken back when a
  chunk of it changes or goes: the document is then no longer that text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from regions_dist.errors import StoreRefused

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

__all__ = ["generation", "meta", "prepare", "set_meta", "trim_changes"]

_FORMAT: Final = 2

_CHANGES_KEPT: Final = 10_000
"""Who has seen none of the last so many changes loads all vectors anew."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, source TEXT);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    text TEXT NOT NULL, digest TEXT NOT NULL, actors TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_document ON chunks(document);
CREATE TABLE IF NOT EXISTS mentions (
    actor TEXT NOT NULL, chunk INTEGER NOT NULL, PRIMARY KEY (actor, chunk)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS mentions_by_chunk ON mentions(chunk);
CREATE TABLE IF NOT EXISTS changes (generation INTEGER PRIMARY KEY, chunk INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS kept_vectors (
    model TEXT NOT NULL, digest TEXT NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (digest, model));
CREATE TABLE IF NOT EXISTS applied (run_step TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS chunk_added AFTER INSERT ON chunks BEGIN
    INSERT INTO changes (chunk) VALUES (new.id);
    INSERT OR IGNORE INTO mentions SELECT value, new.id FROM json_each(new.actors);
END;
CREATE TRIGGER IF NOT EXISTS chunk_changed AFTER UPDATE OF text, actors ON chunks BEGIN
    DELETE FROM mentions WHERE chunk = old.id;
    INSERT OR IGNORE INTO mentions SELECT value, new.id FROM json_each(new.actors);
    UPDATE documents SET source = NULL WHERE id = new.document;
END;
CREATE TRIGGER IF NOT EXISTS vector_changed AFTER UPDATE OF vector ON chunks BEGIN
    INSERT INTO changes (chunk) VALUES (new.id);
END;
CREATE TRIGGER IF NOT EXISTS chunk_removed AFTER DELETE ON chunks BEGIN
    INSERT INTO changes (chunk) VALUES (old.id);
    DELETE FROM mentions WHERE chunk = old.id;
    UPDATE documents SET source = NULL WHERE id = old.document;
END;
"""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables of a new store. Raises StoreRefused for a store of another format."""
    version, filled = connection.execute(
        "SELECT user_version, EXISTS (SELECT 1 FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version == 0 and filled:
        raise StoreRefused(f"{path}: is a database, but not a RAG store", where=str(path))
    if version == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;"
        )
    elif version != _FORMAT:
        raise StoreRefused(
            f"{path}: has store format {version}, but this version knows {_FORMAT} only. "
            "Install the version of regions-dist that made it, or fill a new store",
            where=str(path),
        )


def generation(connection: sqlite3.Connection) -> int:
    """How often a chunk has been added, changed or removed; 0 in a new store."""
    return connection.execute("SELECT max(generation) FROM changes").fetchone()[0] or 0


def trim_changes(connection: sqlite3.Connection) -> None:
    """Forget the older changes; within a writing transaction."""
    oldest = generation(connection) - _CHANGES_KEPT
    connection.execute("DELETE FROM changes WHERE generation <= ?", (oldest,))


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    """A fact about the whole store, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Write a fact about the whole store; within a writing transaction."""
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
