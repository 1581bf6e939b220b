"""A run's events and trace, a page at a time: for views, however long the run and slow the view."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from regions_dist.errors import RunLost
from regions_dist.transport import keys
from regions_dist.transport.bodies import whole
from regions_dist.transport.connection import BLOCK_MS, connect
from regions_dist.transport.run_record import RunRecord, completed, trace_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place
    from regions_dist.transport.patience import Patience

__all__ = ["START", "RunFeed"]

START: Final = "0-0"
"""Before the first event."""
_PAGE: Final = 200


class RunFeed:
    """Reads one run. A broker that goes away is waited for as ``patience`` says."""

    def __init__(self, url: str, run: str, patience: Patience) -> None:
        self._url = url
        self._run = run
        self._patience = patience
        self._redis = connect(url)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def pages(self, after: str = START) -> AsyncIterator[list[Event]]:
        """The events after ``after``, as they come, messages with their content.

        An empty page for each quiet second. Raises RunLost where the broker does not hold the run,
        or not any more.
        """
        events = self._key("events")
        reader = connect(self._url)
        try:
            born = await self._born()
            while True:
                ask = partial(reader.xread, {events: after}, block=BLOCK_MS, count=_PAGE)
                reply = await self._patience.ask(ask)
                entries = reply[0][1] if reply else []
                if entries:
                    after = entries[-1][0]
                elif await self._born() != born:
                    raise _lost(self._run)
                yield await self._completed(entries)
        finally:
            await reader.aclose()

    async def places(self) -> tuple[Place, ...]:
        """What the run's plan comes to, as of now."""
        plan = await self._patience.ask(partial(self._redis.hgetall, self._key("plan")))
        if not plan:
            raise _lost(self._run)
        return RunRecord(self._run, {"plan": plan}).places()

    async def head(self) -> dict[str, str]:
        """How the run stands: the hash ``run``."""
        ask = partial(self._redis.hgetall, self._key("run"))
        return dict(await self._patience.ask(ask))

    async def last_event(self) -> str:
        """The id of the newest event; START for a run that has none."""
        ask = partial(self._redis.xrevrange, self._key("events"), count=1)
        newest = await self._patience.ask(ask)
        return str(newest[0][0]) if newest else START

    async def trace(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Up to ``limit`` records of the trace whose ``seq`` is larger than ``after``."""
        start, skip = await self._start_of(after)
        ask = partial(self._redis.xrange, self._key("trace"), start, "+", count=limit + skip)
        found = []
        for _, fields in await self._patience.ask(ask):
            if _seq(fields) > after:
                found.append(trace_record(await self._whole(fields)))
        return found[:limit]

    async def _completed(self, entries: list[tuple[str, dict[str, str]]]) -> list[Event]:
        ids = [fields["entry"] for _, fields in entries if "entry" in fields]
        routed: dict[str, dict[str, str]] = {}
        if ids:
            ask = partial(self._redis.xrange, self._key("trace"), ids[0], ids[-1])
            routed = dict(await self._patience.ask(ask))
        found = (completed(seq, fields, routed) for seq, fields in entries)
        return [replace(e, fields=await self._whole(e.fields)) for e in found if e is not None]

    async def _whole(self, fields: dict[str, str]) -> dict[str, str]:
        if not fields.get("body"):
            return fields
        return await self._patience.ask(partial(whole, self._redis, self._run, fields))

    async def _start_of(self, after: int) -> tuple[str, int]:
        """An entry of the trace at or before the one behind ``after``; how far before.

        Entries are found by their times, for their ids begin with those.
        """
        first, last = await self._end("xrange"), await self._end("xrevrange")
        if after <= 0 or first is None or last is None:
            return "-", 0
        low, high = first[0], last[0] + 1
        seq = 1
        while high - low > 1:
            middle = (low + high) // 2
            found = await self._end("xrange", f"{middle}-0")
            if found is not None and found[1] <= after + 1:
                low, seq = middle, found[1]
            else:
                high = middle
        return f"{low}-0", max(0, after + 1 - seq)

    async def _end(self, command: str, start: str = "-") -> tuple[int, int] | None:
        """Time and ``seq`` of the trace's first or last entry; of the first from ``start`` on."""
        span = (start, "+") if command == "xrange" else ("+", "-")
        ask = partial(getattr(self._redis, command), self._key("trace"), *span, count=1)
        found = await self._patience.ask(ask)
        if not found:
            return None
        entry, fields = found[0]
        return int(entry.partition("-")[0]), _seq(fields)

    async def _born(self) -> str:
        ask = partial(self._redis.hget, self._key("run"), "started")
        started: str | None = await self._patience.ask(ask)
        if started is None:
            raise _lost(self._run)
        return started

    def _key(self, name: str) -> str:
        return keys.of_run(self._run, name)


def _seq(fields: dict[str, str]) -> int:
    return int(fields.get("seq", "0"))


def _lost(run: str) -> RunLost:
    return RunLost(f"the broker has lost the run {run!r}", where=run)
