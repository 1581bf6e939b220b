"""Archived runs: a JSON-lines file each, with all that the broker held (docs/message-format.md)."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from regions_dist.errors import ArchiveProblem
from regions_dist.transport import codec, keys
from regions_dist.transport.run_record import RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regions_dist.domain.outcome import RunStatus

__all__ = ["ArchivedRun", "archived", "archived_runs", "file_of", "write"]

_VERSION: Final = 1
_LONGEST_NAME: Final = 200
_DAMAGE: Final = (OSError, ValueError, LookupError, TypeError, StopIteration)
"""What reading a file can raise that is no archive, or no whole one."""


@dataclass(frozen=True, slots=True)
class ArchivedRun:
    """What the head of an archive says. Seconds since 1970: ``started``, ``finished``."""

    run: str
    status: RunStatus
    started: float
    finished: float
    file: Path


def file_of(home: Path, run: str) -> Path:
    """Where a run is archived: under its name, as far as that will do for a file."""
    name = quote(run, safe=" ")
    if len(name) > _LONGEST_NAME:
        name = f"{name[: _LONGEST_NAME // 2]}~{hashlib.sha256(run.encode()).hexdigest()}"
    return home / "archive" / f"{name}.jsonl"


def write(home: Path, record: RunRecord) -> None:
    """Archive a whole run; it is safe on disk when this returns. Raises ArchiveProblem.

    The archive of an earlier run of the same name is kept beside it.
    """
    file = file_of(home, record.run)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _replace(file, record)
    except OSError as error:
        raise ArchiveProblem(
            f"run {record.run!r} cannot be archived, so it stays in the broker: "
            f"{error.filename or file}: {error.strerror}",
            where=str(file),
        ) from None


def archived(home: Path, run: str) -> RunRecord | None:
    """A run out of its archive on this machine, or None. Raises ArchiveProblem for a bad file."""
    file = file_of(home, run)
    try:
        with file.open(encoding="utf-8") as lines:
            head = json.loads(next(lines))
            return _record(head, map(json.loads, lines)) if head["run"] == run else None
    except FileNotFoundError:
        return None
    except _DAMAGE as error:
        raise ArchiveProblem(
            f"{file}: cannot be read as an archived run: {type(error).__name__}: {error}",
            where=str(file),
        ) from None


def archived_runs(home: Path) -> list[ArchivedRun]:
    """The runs archived on this machine, newest first; files that are no archives are left out."""
    found = []
    for file in (home / "archive").glob("*.jsonl"):
        with suppress(*_DAMAGE):
            head = _head(file)
            times = float(head["started"]), float(head["finished"])
            found.append(ArchivedRun(head["run"], head["status"], *times, file))
    return sorted(found, key=lambda one: one.finished, reverse=True)


def _head(file: Path) -> dict[str, Any]:
    with file.open(encoding="utf-8") as lines:
        return dict(json.loads(next(lines)))


def _replace(file: Path, record: RunRecord) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".draft")
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            for line in _lines(record):
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            out.flush()
            os.fsync(out.fileno())
        _keep_namesake(file, record)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    _sync(file.parent)


def _keep_namesake(file: Path, record: RunRecord) -> None:
    with suppress(*_DAMAGE):
        head = _head(file)
        if (head["run"], head["started"]) != (record.run, _time(record, "started")):
            file.replace(file.with_name(f"{file.stem}~{head['started']:.6f}.jsonl"))


def _sync(folder: Path) -> None:
    """Make sure that a renamed file is found under its new name after a loss of power."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(record: RunRecord) -> Iterator[dict[str, Any]]:
    times = {name: _time(record, name) for name in ("started", "finished")}
    yield {"run": record.run, "version": _VERSION, "status": record.status} | times
    for kind, key, value in record.parts():
        if value:
            yield {"key": key, "type": kind, "value": value}


def _record(head: dict[str, Any], lines: Iterable[dict[str, Any]]) -> RunRecord:
    if head["version"] != _VERSION:
        raise ValueError(f"version {head['version']}, and {_VERSION} was expected")
    held: dict[str, dict[str, Any]] = {"hash": {}, "stream": {}, "zset": {}}
    for line in lines:
        held[line["type"]][line["key"]] = line["value"]
    plan = held["hash"]["plan"]
    regions = [entry.name for entry in codec.plan_of(plan["document"]).regions]
    names = keys.names_of(plan, regions)
    streams = {key: [(at, fields) for at, fields in v] for key, v in held["stream"].items()}
    clock = {"clock": {"now": f"{head['finished'] * 1e6:.0f}"}}
    return RunRecord(
        head["run"],
        clock | {name: {} for name in names["hashes"]} | held["hash"],
        {name: [] for name in names["streams"]} | streams,
        {name: {} for name in names["zsets"]} | held["zset"],
    )


def _time(record: RunRecord, name: str) -> float:
    return int(record.hashes["run"][name]) / 1e6
