"""The SQLite file of a RAG store, as one process has it open; all of it blocks.

WAL mode lets one side read while the other writes, here as in other processes of the machine.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from regions_dist.errors import StoreProblem, StoreRefused
from regions_dist.resources.store_schema import prepare, trim_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["StoreFile"]

_BUSY_SECONDS: Final = 30.0
"""How long a write waits for another process's write."""


class StoreFile:
    """Opened, and made where there is none, by its first use.

    Raises StoreRefused for a file that is no store of this format, and StoreProblem where the
    disk or another process's long write is in the way.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reader, self._writer = _Side(path), _Side(path)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the store, whatever is being written."""
        with _explained(self.path), self._reader.transaction("DEFERRED") as connection:
            yield connection

    def ask(self, query: str, values: Sequence[object]) -> list[Any]:
        """The rows of a single SELECT, which sees one state of the store by itself.

        It takes half the time that a transaction around it would.
        """
        try:
            with self._reader.lock:
                return self._reader.connection().execute(query, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            raise _explain(self.path, error) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that all of its changes belong to, or none."""
        with _explained(self.path), self._writer.transaction("IMMEDIATE") as connection:
            yield connection
            trim_changes(connection)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._reader.close()
        self._writer.close()


class _Side:
    """A connection that is opened by its first use, and the lock of whoever uses it."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def connection(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connect(self._path)
        return self._connection

    @contextmanager
    def transaction(self, kind: str) -> Iterator[sqlite3.Connection]:
        with self.lock:
            connection = self.connection()
            connection.execute(f"BEGIN {kind}")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        with self.lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _use_wal(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Set WAL mode; SQLite does not wait by itself when two processes do so at the same moment."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: Exception) -> StoreProblem | StoreRefused:
    if isinstance(error, sqlite3.OperationalError | OSError):
        return StoreProblem(
            f"{path}: the RAG store cannot be used now: {error}. Check that it lies on a local "
            "disk with room, may be written, and that no other process holds it for long",
            where=str(path),
        )
    return StoreRefused(f"{path}: is not a RAG store, or is damaged: {error}", where=str(path))
