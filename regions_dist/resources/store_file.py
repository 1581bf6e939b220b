"""The SQLite file of a RAG store, as it is used from one process; all of it blocks.

Several processes of one machine may have the file open. Each writes in one immediate
transaction that moves the ``generation`` on; who searches loads the vectors anew when it moved.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from regions_dist.errors import StoreProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

__all__ = ["StoreFile"]

FORMAT: Final = 1
BUSY_SECONDS: Final = 30.0
"""How long a write waits for another process's write."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, source_hash TEXT NOT NULL, stored REAL NOT NULL);
CREATE TABLE IF NOT EXISTS chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    text TEXT NOT NULL, actors TEXT NOT NULL, vector BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS chunks_by_document ON chunks(document);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS applied (run_step TEXT PRIMARY KEY, result TEXT NOT NULL);
INSERT OR IGNORE INTO meta VALUES ('generation', '0');
"""


class StoreFile:
    """A connection that is opened by its first use, and the vectors held in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._generation = -1
        self._ids: list[int] = []
        self._matrix: Vectors = np.empty((0, 0), np.float32)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the store."""
        with self._transaction("DEFERRED") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that all of its changes belong to, or none."""
        with self._transaction("IMMEDIATE") as connection:
            before = connection.total_changes
            yield connection
            if connection.total_changes != before:
                _set_meta(connection, "generation", str(_generation(connection) + 1))

    def vectors(self, connection: sqlite3.Connection) -> tuple[list[int], Vectors]:
        """The ids of all chunks in order, and their vectors as the rows of a matrix."""
        generation = _generation(connection)
        if generation != self._generation:
            rows = connection.execute("SELECT id, vector FROM chunks ORDER BY id").fetchall()
            self._ids = [row[0] for row in rows]
            flat = np.frombuffer(b"".join(row[1] for row in rows), np.float32)
            self._matrix = flat.reshape(len(rows), -1) if rows else np.empty((0, 0), np.float32)
            self._generation = generation
        return self._ids, self._matrix

    def check_stamp(self, connection: sqlite3.Connection, model: str, dimension: int) -> None:
        """Raise StoreProblem if the store's vectors come from another embedder than this."""
        stored = (meta(connection, "model"), meta(connection, "dimension"))
        if stored == (None, None) or stored == (model, str(dimension)):
            return
        raise StoreProblem(
            f"{self.path}: its vectors were made by the embedder {stored[0]!r} with {stored[1]} "
            f"dimensions, but this one is {model!r} with {dimension}. Use the embedder it was "
            f"made with, or make all vectors anew: regions-rag reindex {self.path}",
            where=str(self.path),
        )

    def stamp(self, connection: sqlite3.Connection, model: str, dimension: int) -> None:
        """Check the stamp, and set it on a store that has none; within a writing transaction."""
        self.check_stamp(connection, model, dimension)
        if meta(connection, "model") is None:
            _set_meta(connection, "model", model)
            _set_meta(connection, "dimension", str(dimension))

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    @contextmanager
    def _transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            connection = self._open()
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._generation = -1
                raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreProblem(
                f"{self.path}: cannot be used as a RAG store: {error}. Check that it is a store "
                "made by this project on a local disk, and that it may be written",
                where=str(self.path),
            ) from error

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise StoreProblem(
                f"{self.path}: has store format {version}, but this version knows only up to "
                f"{FORMAT}. Install a newer regions-dist",
                where=str(self.path),
            )
        if version < FORMAT:
            connection.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;"
            )


def meta(connection: sqlite3.Connection, key: str) -> str | None:
    """A value of the store's ``meta`` table, or None."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _set_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _generation(connection: sqlite3.Connection) -> int:
    return int(meta(connection, "generation") or 0)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Set WAL mode; SQLite does not wait by itself when two processes do so at the same moment."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def rows_of(connection: sqlite3.Connection, ids: list[int]) -> dict[int, Any]:
    """The rows (id, document, text, actors) of the chunks with these ids, by id."""
    query = "SELECT id, document, text, actors FROM chunks WHERE id = ?"
    found = (connection.execute(query, (number,)).fetchone() for number in ids)
    return {row[0]: row for row in found if row is not None}
