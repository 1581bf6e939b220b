"""What a run has brought about, in a form in which two runs can be compared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any

from regions_dist.transport import keys
from regions_dist.transport.codec import trace_record
from tests.chaos.plan import LISTENERS, regions_of_plan

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.cluster import Cluster

__all__ = ["Snapshot", "compare", "snapshot"]

Snapshot = Counter[str]
"""Each thing that is so, as a line of text, and how often it is there."""


def compare(expected: Snapshot, found: Snapshot) -> tuple[list[str], list[str]]:
    """What was lost and what was doubled. A thing that is different counts as both."""
    return sorted((expected - found).elements()), sorted((found - expected).elements())


async def snapshot(cluster: Cluster, run: str, told: dict[str, Any]) -> Snapshot:
    """The whole of a run that has ended; ``told`` is what its coordinator printed."""
    lines = Counter(_told(told))
    lines.update(await _left_over(cluster.redis, run))
    lines.update(await _kept_by_the_broker(cluster.redis, run))
    lines.update(_in_the_store(cluster.store(run)))
    for listener in LISTENERS:
        lines.update(_heard(listener, cluster.heard(run, listener)))
    return lines


def _line(kind: str, *parts: object) -> str:
    return f"{kind} {json.dumps(parts, sort_keys=True, ensure_ascii=False)}"


def _told(document: dict[str, Any]) -> list[str]:
    fates = [_line("told fates", document["messages"]), _line("told status", document["status"])]
    return fates + [_line("told answer", answer) for answer in document["answers"]]


async def _kept_by_the_broker(redis: Any, run: str) -> list[str]:
    async with redis.pipeline() as pipe:
        pipe.xrange(keys.of_run(run, "trace"))
        pipe.xrange(keys.of_run(run, "answers"))
        pipe.xrange(keys.of_run(run, "dead"))
        pipe.hgetall(keys.of_run(run, "states"))
        pipe.hkeys(keys.of_run(run, "done"))
        for left in ("out", "held", *(f"in:{name}" for name in regions_of_plan())):
            pipe.xrange(keys.of_run(run, left))
        trace, answers, dead, states, done, *unread = await pipe.execute()
    lines = [_line("seq", fields["seq"]) for _, fields in trace]
    lines += [_line("trace", _timeless(trace_record(fields))) for _, fields in trace]
    lines += [_line("answer", fields) for _, fields in answers]
    lines += [_line("dead letter", fields) for _, fields in dead]
    lines += [_line("state", region, json.loads(state)) for region, state in states.items()]
    lines += [_line("done", step) for step in done]
    return lines + [_line("unread", fields) for stream in unread for _, fields in stream]


async def _left_over(redis: Any, run: str) -> list[str]:
    """What lives only as long as a step or a retry does."""
    kinds = ("lease", "answers", "later")
    found = [redis.scan_iter(keys.of_run(run, f"{kind}:*"), count=1000) for kind in kinds]
    return [_line("left over", name.partition("}:")[2]) for names in found async for name in names]


def _timeless(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in {"at", "seq"}}


def _in_the_store(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as store:
        documents = store.execute("SELECT id, source_hash FROM documents").fetchall()
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
