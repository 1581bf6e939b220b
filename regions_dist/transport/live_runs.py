"""Some streams of every live run, read by one blocking connection as runs come and go."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import redis

from regions_dist.domain.names import run_name_problem
from regions_dist.domain.outcome import FINAL
from regions_dist.errors import BrokerRefused, BrokerUnavailable, RegionsError
from regions_dist.transport import keys
from regions_dist.transport.connection import BLOCK_MS, connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable

    from regions_dist.transport.patience import Patience

__all__ = ["LiveRuns"]

log = logging.getLogger(__name__)
Tag = TypeVar("Tag")
Done = TypeVar("Done")

_TEND_EVERY: Final = BLOCK_MS / 1000
_TEND_AFTER: Final = 0.01
_EXPECT_FOR: Final = 60_000
"""Milliseconds for which a run that is announced, and not there, is looked for."""
_STUCK_AFTER: Final = 10.0
_RECONNECT_AFTER: Final = 0.2
_START: Final = "0-0"


class Found(NamedTuple, Generic[Tag]):
    """An entry of a stream: its run, what the stream is called, its id and its fields."""

    run: str
    tag: Tag
    entry: str
    fields: dict[str, str]


@dataclass
class _Live(Generic[Tag]):
    """A run that is read: when it was opened, its streams, and when it is to be tended."""

    born: str | None
    tags: dict[str, Tag]
    due: float = 0.0
    ended: bool = False
    cursors: dict[str, str] = field(default_factory=dict)

    def read_from_start(self) -> None:
        self.cursors = dict.fromkeys(self.tags, _START)


class LiveRuns(Generic[Tag]):
    """``streams_of(run)`` names the streams to read of a run, each with what to call it.

    ``tend(run)`` is called for each live run at least once a second, however busy the reader is,
    and sooner where it returned less than that many seconds. ``forget(run)`` is called when a run
    is not live any more. A reader that is cut off reads on where it was; where the broker was
    restarted in the meantime it reads the runs' streams from their start, since the broker may
    have lost what it said last, so some entries are seen twice.
    """

    def __init__(
        self,
        url: str,
        patience: Patience,
        streams_of: Callable[[str], Awaitable[dict[str, Tag]]],
        tend: Callable[[str], Awaitable[float | None]],
        forget: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._patience = patience
        self._streams_of = streams_of
        self._tend = tend
        self._forget = forget
        self._announced = _START
        self._server = ""
        self._live: dict[str, _Live[Tag]] = {}
        self._expected: dict[str, int] = {}
        self._looked_for = 0.0
        self._looked = time.monotonic()

    def silence(self) -> float:
        """Seconds since it last looked; may be asked from any thread."""
        return time.monotonic() - self._looked

    async def entries(self) -> AsyncIterator[Found[Tag]]:
        """The entries, as they come. Raises BrokerRefused; survives everything else."""
        while True:
            reader = connect(self._url)
            try:
                async for found in self._read(reader):
                    yield found
            except BrokerUnavailable:
                await asyncio.sleep(_RECONNECT_AFTER)
            except redis.exceptions.ResponseError as error:
                log.warning("the streams of runs cannot be read (%s); trying again", error)
                await asyncio.sleep(_TEND_EVERY)
            except _Stuck:
                if not self._patience.away:
                    log.warning("a reader was stuck for %g s; it is started again", _STUCK_AFTER)
            except TimeoutError:
                pass  # this process was too busy to read; nothing is wrong with the reader
            finally:
                await reader.aclose()

    async def _read(self, reader: Any) -> AsyncIterator[Found[Tag]]:
        await _in_time(self._greet(reader))
        while True:
            for found in await _in_time(self._next(reader)):
                yield found
            await _in_time(self._look_around(reader))
            self._looked = time.monotonic()

    async def _greet(self, reader: Any) -> None:
        """Compare what is known with a broker that may have been restarted, or be another."""
        server, last = await self._patience.once(partial(_identity, reader))
        if _order(last) < _order(self._announced):
            log.warning("the broker has lost its memory; all runs are looked for anew")
            self._announced = _START
        if server == "" or server != self._server:
            for live in self._live.values():
                live.read_from_start()
        self._server = server

    async def _next(self, reader: Any) -> list[Found[Tag]]:
        cursors = {keys.ANNOUNCEMENTS: self._announced}
        owners: dict[str, str] = {}
        for run, live in self._live.items():
            cursors |= live.cursors
            owners |= dict.fromkeys(live.cursors, run)
        ask = partial(reader.xread, cursors, block=self._until_due(), count=100)
        try:
            reply = await self._patience.once(ask)
        except redis.exceptions.ResponseError as error:
            await self._weed_out(reader, owners, error)
            return []
        found: list[Found[Tag]] = []
        for stream, entries in reply:
            if stream == keys.ANNOUNCEMENTS:
                self._announced = entries[-1][0]
                self._hear(entries)
            else:
                found += self._take(owners[stream], stream, entries)
        return found

    async def _weed_out(self, reader: Any, owners: dict[str, str], error: Exception) -> None:
        """Leave out the runs of which a stream, by somebody's hand, is none."""
        kinds = await self._patience.once(partial(_kinds, reader, list(owners)))
        strange = [name for name, kind in kinds.items() if kind not in {"stream", "none"}]
        if not strange:
            raise error
        for name in strange:
            log.warning("run %s is left out: its key %s is no stream", owners[name], name)
            self._drop(owners[name], lost=False)

    def _take(
        self, run: str, stream: str, entries: list[tuple[str, dict[str, str]]]
    ) -> Iterable[Found[Tag]]:
        live = self._live[run]
        live.cursors[stream] = entries[-1][0]
        return [Found(run, live.tags[stream], entry, fields) for entry, fields in entries]

    def _hear(self, entries: list[tuple[str, dict[str, str]]]) -> None:
        for entry, fields in entries:
            run = fields.get("run", "")
            if problem := run_name_problem(run):
                log.warning(
                    "announcement %s is left out: its run's name %r %s", entry, run, problem
                )
                continue
            self._expected[run] = _order(entry)[0] + _EXPECT_FOR
            self._looked_for = 0.0

    def _until_due(self) -> int:
        """Milliseconds that a read may block: until something has to be tended or looked for."""
        due = [live.due for live in self._live.values()]
        if self._expected:
            due.append(self._looked_for)
        left = min(due, default=float("inf")) - time.monotonic()
        return round(1000 * min(max(left, 0.001), _TEND_EVERY))

    async def _look_around(self, reader: Any) -> None:
        now = time.monotonic()
        expected = []
        if self._looked_for <= now:
            expected, self._looked_for = [*self._expected], now + _TEND_EVERY
        due = [run for run, live in self._live.items() if live.due <= now]
        runs = [*dict.fromkeys([*expected, *due])]
        if not runs:
            return
        millis, standing = await self._patience.once(partial(_standing, reader, runs))
        for run in runs:
            status, born = standing[run]
            if run in self._live and self._live[run].born != born:
                self._drop(run, lost=True)
            if status in {None, "succeeded", "cancelled"}:
                self._drop(run, lost=False)
            elif run not in self._live:
                await self._add(run, born)
            if status is not None or millis > self._expected.get(run, millis):
                self._expected.pop(run, None)
            if run in self._live:
                self._live[run].ended = status in FINAL
                await self._tend_to(run)

    async def _add(self, run: str, born: str | None) -> None:
        try:
            tags = await self._streams_of(run)
        except (BrokerUnavailable, BrokerRefused):
            raise
        except RegionsError as error:
            log.warning("run %s is left out: %s", run, error.message)
            return
        self._live[run] = _Live(born, tags)
        self._live[run].read_from_start()

    async def _tend_to(self, run: str) -> None:
        again = await self._tend(run)
        pause = _TEND_EVERY if again is None else min(max(again, _TEND_AFTER), _TEND_EVERY)
        self._live[run].due = time.monotonic() + pause

    def _drop(self, run: str, *, lost: bool) -> None:
        """Read a run no more. One that had ended before it was gone was archived, and not lost."""
        live = self._live.pop(run, None)
        if live is not None:
            self._forget(run)
            if lost and not live.ended:
                log.warning("run %s is dropped: the broker does not hold it any more", run)


class _Stuck(Exception):
    """The reader did not come to an end with something, though the event loop was alive."""


async def _in_time(work: Coroutine[Any, Any, Done]) -> Done:
    began = time.monotonic()
    try:
        async with asyncio.timeout(_STUCK_AFTER):
            return await work
    except TimeoutError:
        if time.monotonic() - began < _STUCK_AFTER + 1:
            raise _Stuck from None
        raise


async def _identity(reader: Any) -> tuple[str, str]:
    """Which process the broker is, if it tells, and the last id it has given to an announcement."""
    try:
        server = str((await reader.info("server"))["run_id"])
    except redis.exceptions.NoPermissionError:
        server = ""
    if not await reader.exists(keys.ANNOUNCEMENTS):
        return server, _START
    return server, str((await reader.xinfo_stream(keys.ANNOUNCEMENTS))["last-generated-id"])


async def _kinds(reader: Any, names: list[str]) -> dict[str, str]:
    async with reader.pipeline(transaction=False) as pipe:
        for name in names:
            pipe.type(name)
        return dict(zip(names, await pipe.execute(), strict=True))


async def _standing(
    reader: Any, runs: list[str]
) -> tuple[int, dict[str, tuple[str | None, str | None]]]:
    """The broker's time in milliseconds; of each run its status, and when it was opened."""
    async with reader.pipeline(transaction=False) as pipe:
        pipe.time()
        for run in runs:
            pipe.hmget(keys.of_run(run, "run"), "status", "started")
        (seconds, micros), *found = await pipe.execute()
    pairs = ((status, born) for status, born in found)
    return seconds * 1000 + micros // 1000, dict(zip(runs, pairs, strict=True))


def _order(entry: str) -> tuple[int, int]:
    """An entry's id, to be compared."""
    millis, _, number = entry.partition("-")
    return int(millis), int(number)
