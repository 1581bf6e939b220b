"""The coordinator's side of the broker."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, cast

from regions_dist.domain.branch import Opening
from regions_dist.domain.message import MAX_BYTES
from regions_dist.errors import BadInput, BrokerUnavailable, NoSuchRun, RunLost
from regions_dist.transport import codec, keys
from regions_dist.transport.bodies import whole
from regions_dist.transport.broker_health import look
from regions_dist.transport.connection import BLOCK_MS, connect
from regions_dist.transport.patience import GIVE_UP, Patience
from regions_dist.transport.run_record import RunRecord
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from regions_dist.domain.branch import Branch
    from regions_dist.domain.finding import Finding
    from regions_dist.domain.message import Message
    from regions_dist.domain.outcome import DeadLetter, Event, RunStatus, RunSummary, RunView, Wait
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.domain.schedule import Place
    from regions_dist.ports import Injected, Redelivered

__all__ = ["RedisRunStore"]

OPENING = Opening()
QUEUES = ("held", "waiting")


class RedisRunStore:
    """Implements ports.RunStore on Redis streams and scripts.

    A broker that goes away is waited for as ``patience`` says, for a minute by default. All that
    is asked may be asked again: scripts do nothing twice, and a run may be announced twice.
    """

    def __init__(self, url: str, patience: Patience | None = None) -> None:
        self._url = url
        self._patience = patience or Patience(url, give_up=GIVE_UP)
        self._redis = connect(url)
        self._scripts = {
            name: self._redis.register_script(source(name))
            for name in ("extend", "inject", "open", "redeliver", "route", "steer")
        }

    async def check(self) -> None:
        """Ask the broker for a sign of life, once. Raises BrokerUnavailable or BrokerRefused."""
        try:
            await self._patience.once(self._redis.ping)
        except BrokerUnavailable as error:
            advice = f"{error.message}; check its address and that it runs"
            raise BrokerUnavailable(advice, where=error.where) from None

    async def health(self) -> list[Finding]:
        """What the broker's owner should know of its settings."""
        return await self._patience.ask(partial(look, self._redis))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def open(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        messages: Sequence[OutsideMessage],
        opening: Opening = OPENING,
    ) -> None:
        """See ports.RunStore. Announced before as well: should this process die in between, workers
        know where to look."""
        arguments = codec.opening_arguments(plan, places, messages, opening)
        await self._announce(run)
        await self._call("open", run, *arguments)
        await self._announce(run)

    async def extend(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        first: int,
        messages: Sequence[OutsideMessage],
    ) -> None:
        """See ports.RunStore."""
        arguments = codec.extension_arguments(plan, places, first, messages)
        answer = await self._known("extend", run, *arguments)
        if answer != "done":
            raise BadInput(
                f"run {run!r} is {answer.replace('_', ' ')}, and takes no further layers now",
                where=run,
                code="not-at-its-end",
            )
        await self._announce(run)

    async def steer(
        self, run: str, action: Literal["pause", "cancel", "time_out", "close"]
    ) -> RunStatus:
        """See ports.RunStore."""
        return await self._steer(run, action)

    async def resume(
        self,
        run: str,
        *,
        seconds: float | None = None,
        inbox_limit: int | None = None,
        inbox_bytes: int | None = None,
        before: int | None = None,
    ) -> RunStatus:
        """See ports.RunStore."""
        deadline = "" if seconds is None else f"{seconds * 1e6:.0f}"
        numbers = (inbox_limit, inbox_bytes, before)
        given = ("" if number is None else str(number) for number in numbers)
        status = await self._steer(run, "resume", deadline, *given)
        await self._announce(run)
        return status

    async def _steer(self, run: str, action: str, *arguments: str) -> RunStatus:
        status = str(await self._call("steer", run, action, *arguments))
        if not status:
            raise _unknown(run)
        return cast("RunStatus", status)

    async def inject(
        self, run: str, message: OutsideMessage, key: str, *, by_rules: bool = False
    ) -> Injected:
        """See ports.RunStore."""
        m = message
        arguments = (m.source, m.destination, m.role, m.content, codec.digest_of(m.content))
        rules = "1" if by_rules else ""
        answer = await self._known("inject", run, key, str(MAX_BYTES), *arguments, rules)
        return cast("Injected", answer)

    async def redeliver(self, run: str, letter: str, destination: str = "") -> Redelivered:
        """See ports.RunStore."""
        return cast("Redelivered", await self._known("redeliver", run, letter, destination))

    async def route(self, run: str) -> float | None:
        """See ports.RunStore."""
        micros = int(await self._call("route", run))
        return None if micros < 0 else micros / 1e6

    async def plan(self, run: str) -> Plan:
        """The plan that a run runs. Raises NoSuchRun."""
        return (await self._record(run, hashes=("plan",))).plan()

    async def runs(self) -> list[str]:
        """See ports.RunStore."""
        entries = await self._patience.ask(partial(self._redis.xrevrange, keys.ANNOUNCEMENTS))
        return list(dict.fromkeys(fields["run"] for _, fields in entries if "run" in fields))

    async def trace(self, run: str) -> list[dict[str, Any]]:
        """See ports.RunStore."""
        return (await self._record(run, hashes=("bodies",), streams=("trace",))).trace()

    async def dead_letters(self, run: str) -> list[DeadLetter]:
        """See ports.RunStore."""
        wanted = {"hashes": ("bodies", "redelivered"), "streams": ("dead",)}
        return (await self._record(run, **wanted)).dead_letters()

    async def states(self, run: str) -> dict[str, RegionState]:
        """See ports.RunStore."""
        return (await self._record(run, hashes=("states", "versions"))).states()

    async def inbox(self, run: str, region: str) -> list[Message]:
        """See ports.RunStore."""
        name = f"in:{region}"
        return (await self._record(run, hashes=("bodies",), streams=(name,))).inbox(region)

    async def waits(self, run: str) -> list[Wait]:
        """See ports.RunStore."""
        regions = [entry.name for entry in (await self.plan(run)).regions]
        orders = [f"orders:{region}" for region in regions]
        leases = [f"lease:{region}" for region in regions]
        return (await self._record(run, hashes=leases, streams=orders)).waits()

    async def branch(self, run: str, place: int) -> Branch:
        """See ports.RunStore."""
        return (await self.whole(run)).branch(place)

    async def view(self, run: str) -> RunView:
        """See ports.RunStore."""
        hashes = ("plan", "layers", "fates", "bodies")
        return (await self._record(run, hashes=hashes, streams=("answers",))).view()

    async def summaries(self) -> list[RunSummary]:
        """The runs in the broker in short, the one that started last first."""
        found = []
        for run in await self.runs():
            with suppress(NoSuchRun):
                found.append(await self.summary(run))
        return sorted(found, key=lambda summary: summary.started, reverse=True)

    async def summary(self, run: str) -> RunSummary:
        """One run in short. Raises NoSuchRun."""
        return (await self._record(run, hashes=("plan", "layers"))).summary()

    async def standing(self, run: str) -> RunRecord:
        """What the broker holds of how a run stands and what it waits for. Raises NoSuchRun."""
        regions = [entry.name for entry in (await self.plan(run)).regions]
        leases = (f"lease:{region}" for region in regions)
        orders = (f"orders:{region}" for region in regions)
        hashes = ("plan", "layers", "fates", "bodies", *leases)
        return await self._record(run, hashes=hashes, streams=("answers", *QUEUES, *orders))

    async def whole(self, run: str) -> RunRecord:
        """All that the broker holds of a run, as of one moment. Raises NoSuchRun."""
        known = await self._record(run, hashes=("plan",))
        regions = [entry.name for entry in known.plan().regions]
        return await self._record(run, **keys.names_of(known.hashes["plan"], regions))

    async def _record(
        self,
        run: str,
        *,
        hashes: Iterable[str] = (),
        streams: Iterable[str] = (),
        zsets: Iterable[str] = (),
    ) -> RunRecord:
        """These parts of a run, read in one transaction. Raises NoSuchRun."""
        hashes, streams, zsets = ("run", *hashes), tuple(streams), tuple(zsets)
        (seconds, micros), *found = await self._patience.ask(
            partial(self._read, run, hashes, streams, zsets)
        )
        values = iter(found)
        clock = {"clock": {"now": str(seconds * 1_000_000 + micros)}}
        record = RunRecord(
            run,
            clock | {name: next(values) for name in hashes},
            {name: next(values) for name in streams},
            {name: dict(next(values)) for name in zsets},
        )
        if not record:
            raise _unknown(run)
        return record

    async def _read(
        self, run: str, hashes: Sequence[str], streams: Sequence[str], zsets: Sequence[str]
    ) -> Any:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.time()
            for name in hashes:
                pipe.hgetall(keys.of_run(run, name))
            for name in streams:
                pipe.xrange(keys.of_run(run, name))
            for name in zsets:
                pipe.zrange(keys.of_run(run, name), 0, -1, withscores=True)
            return await pipe.execute()

    async def events(self, run: str, after: str = "0-0") -> AsyncIterator[Event | None]:
        """See ports.RunStore."""
        stream = keys.of_run(run, "events")
        reader = connect(self._url)
        try:
            born = await self._born(run)
            while True:
                reply = await self._patience.ask(
                    partial(reader.xread, {stream: after}, block=BLOCK_MS, count=1000)
                )
                if not reply:
                    if await self._born(run) != born:
                        raise _lost(run)
                    yield None
                for seq, fields in reply[0][1] if reply else ():
                    after = seq
                    complete = partial(whole, self._redis, run, fields)
                    if event := codec.event_of(seq, await self._patience.ask(complete)):
                        yield event
        finally:
            await reader.aclose()

    async def _born(self, run: str) -> str:
        """When the run was opened, which tells it from a later one of the same name.

        Raises RunLost where there is none.
        """
        ask = partial(self._redis.hget, keys.of_run(run, "run"), "started")
        started: str | None = await self._patience.ask(ask)
        if started is None:
            raise _lost(run)
        return started

    async def last_event(self, run: str) -> str:
        """The ``seq`` of the run's newest event, to read on from."""
        ask = partial(self._redis.xrevrange, keys.of_run(run, "events"), count=1)
        newest = await self._patience.ask(ask)
        return str(newest[0][0]) if newest else "0-0"

    async def _announce(self, run: str) -> None:
        await self._patience.ask(partial(self._redis.xadd, keys.ANNOUNCEMENTS, {"run": run}))

    async def _known(self, script: str, run: str, *arguments: str) -> str:
        """The answer of a script that tells whether there is such a run. Raises NoSuchRun."""
        answer = str(await self._call(script, run, *arguments))
        if answer == "gone":
            raise _unknown(run)
        return answer

    async def _call(self, script: str, run: str, *arguments: str) -> Any:
        ask = partial(self._scripts[script], keys=[keys.of_run(run, "run")], args=arguments)
        return await self._patience.ask(ask)


def _unknown(run: str) -> NoSuchRun:
    return NoSuchRun(f"no run called {run!r}; 'regions-coordinator runs' lists them", where=run)


def _lost(run: str) -> RunLost:
    return RunLost(f"the broker has lost the run {run!r}", where=run)
