"""What a run has brought about, in a form in which two runs can be compared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from regions_dist.transport.run_record import trace_record
from regions_dist.transport.run_store import RedisRunStore
from tests.chaos.leftovers import leftovers
from tests.chaos.plan import LISTENERS

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.transport.run_record import RunRecord
    from tests.chaos.cluster import Cluster

__all__ = ["Snapshot", "compare", "snapshot"]

Snapshot = Counter[str]
"""Each thing that is so, as a line of text, and how often it is there."""


def compare(expected: Snapshot, found: Snapshot) -> tuple[list[str], list[str]]:
    """What was lost and what was doubled. A thing that is different counts as both."""
    return sorted((expected - found).elements()), sorted((found - expected).elements())


async def snapshot(cluster: Cluster, run: str, told: dict[str, Any]) -> Snapshot:
    """The whole of a run that has ended; ``told`` is what its coordinator printed."""
    store = RedisRunStore(cluster.broker.url)
    record = await store.whole(run)
    await store.close()
    lines = Counter(_told(told))
    lines.update(_kept_by_the_broker(record))
    lines.update(_line("left over", *left) for left in leftovers(record))
    lines.update(_in_the_store(cluster.store(run)))
    for listener in LISTENERS:
        lines.update(_heard(listener, cluster.heard(run, listener)))
    return lines


def _line(kind: str, *parts: object) -> str:
    return f"{kind} {json.dumps(parts, sort_keys=True, ensure_ascii=False)}"


def _told(document: dict[str, Any]) -> list[str]:
    fates = [_line("told fates", document["messages"]), _line("told status", document["status"])]
    return fates + [_line("told answer", answer) for answer in document["answers"]]


def _kept_by_the_broker(record: RunRecord) -> list[str]:
    hashes, streams = record.hashes, record.streams
    lines = [_line("seq", fields["seq"]) for _, fields in streams["trace"]]
    lines += [_line("trace", _timeless(trace_record(fields))) for _, fields in streams["trace"]]
    lines += [_line("answer", fields) for _, fields in streams["answers"]]
    lines += [_line("dead letter", _timeless(fields)) for _, fields in streams["dead"]]
    for region, version in hashes["states"].items():
        lines.append(_line("state", region, version, json.loads(hashes["versions"][version])))
    lines += [_line("version", *version) for version in hashes["versions"].items()]
    lines += [_line("done", step) for step in hashes["done"]]
    lines += [_line("letter", id_, stage.split()[0]) for id_, stage in hashes["letters"].items()]
    for name, answers in hashes.items():
        if name.startswith("answers:"):
            lines += [_line("paid for", name, *answer) for answer in answers.items()]
    for name, entries in streams.items():
        if name.startswith("in:"):
            lines += [_line("unread", name, fields) for _, fields in entries]
    return lines


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {"at", "seq"}}


def _in_the_store(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as store:
        documents = store.execute("SELECT id, source FROM documents").fetchall()
        chunks = store.execute("SELECT document, text, actors, vector FROM chunks").fetchall()
        applied = store.execute("SELECT run_step FROM applied").fetchall()
    lines = [_line("document", *row) for row in documents]
    lines += [_line("learned in", name.rpartition("/")[2]) for (name,) in applied]
    return lines + [_line("chunk", *row, _short(vector)) for *row, vector in chunks]


def _short(vector: bytes) -> str:
    return hashlib.sha256(vector).hexdigest()[:16]


def _heard(listener: str, file: Path) -> set[str]:
    """A sink gets each message at least once, so each counts once."""
    records = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return {_line("heard", listener, _timeless(record)) for record in records}
