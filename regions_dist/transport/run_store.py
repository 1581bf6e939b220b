"""The coordinator's side of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from regions_dist.domain.outcome import LayerTurn, RunProblemReport, RunStatus, RunView
from regions_dist.errors import NoSuchRun
from regions_dist.transport import codec, keys
from regions_dist.transport.connection import BLOCK_MS, connect, translated
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.schedule import Place

__all__ = ["RedisRunStore"]


class RedisRunStore:
    """Implements ports.RunStore on Redis streams and scripts."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._redis = connect(url)
        self._scripts = {
            name: self._redis.register_script(source(name)) for name in ("open", "route", "steer")
        }

    async def check(self) -> None:
        """Ask the broker for a sign of life. Raises BrokerUnavailable or BrokerRefused."""
        probe = connect(self._url, patient=False)
        try:
            with translated(self._url):
                await probe.ping()
        finally:
            await probe.aclose()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def open(
        self, run: str, plan: Plan, places: Sequence[Place], messages: Sequence[OutsideMessage]
    ) -> None:
        """See ports.RunStore."""
        fields = codec.plan_fields(plan, places)
        arguments = [str(len(fields)), *(text for item in fields.items() for text in item)]
        for m in messages:
            arguments += [m.source, m.destination, m.role, m.content]
        await self._call("open", run, *arguments)
        await self._announce(run)

    async def steer(
        self, run: str, action: Literal["pause", "resume", "cancel", "time_out"]
    ) -> str:
        """See ports.RunStore."""
        status = str(await self._call("steer", run, action))
        if not status:
            raise _unknown(run)
        if action == "resume":  # who opened it may have died before announcing it
            await self._announce(run)
        return status

    async def route(self, run: str) -> None:
        """See ports.RunStore."""
        await self._call("route", run)

    async def plan(self, run: str) -> Plan:
        """The plan that a run runs. Raises NoSuchRun."""
        with translated(self._url):
            document = await self._redis.hget(keys.of_run(run, "plan"), "document")
        if document is None:
            raise _unknown(run)
        return codec.plan_of(document)

    async def runs(self) -> list[str]:
        """See ports.RunStore."""
        with translated(self._url):
            entries = await self._redis.xrevrange(keys.ANNOUNCEMENTS)
        return list(dict.fromkeys(fields["run"] for _, fields in entries))

    async def trace(self, run: str) -> list[dict[str, Any]]:
        """See ports.RunStore."""
        with translated(self._url):
            entries = await self._redis.xrange(keys.of_run(run, "trace"))
        return [codec.trace_record(fields) for _, fields in entries]

    async def events(self, run: str, after: str = "0-0") -> AsyncIterator[Event | None]:
        """See ports.RunStore."""
        stream = keys.of_run(run, "events")
        reader = connect(self._url)
        try:
            while True:
                with translated(self._url):
                    reply = await reader.xread({stream: after}, block=BLOCK_MS, count=1000)
                if not reply:
                    yield None
                for seq, fields in reply[0][1] if reply else ():
                    after = seq
                    yield codec.event_of(seq, fields)
        finally:
            await reader.aclose()

    async def last_event(self, run: str) -> str:
        """The ``seq`` of the run's newest event, to read on from."""
        with translated(self._url):
            newest = await self._redis.xrevrange(keys.of_run(run, "events"), count=1)
        return str(newest[0][0]) if newest else "0-0"

    async def view(self, run: str) -> RunView:
        """See ports.RunStore."""
        names = ("run", "plan", "layers", "fates")
        async with self._redis.pipeline(transaction=True) as pipe:
            for name in names:
                pipe.hgetall(keys.of_run(run, name))
            pipe.xrange(keys.of_run(run, "answers"))
            with translated(self._url):
                head, plan, layers, fates, answers = await pipe.execute()
        if not head:
            raise _unknown(run)
        status = cast("RunStatus", head["status"])
        turns = _turns(head, plan, layers, status)
        return RunView(
            run=run,
            status=status,
            answers=tuple((fields["source"], fields["content"]) for _, fields in answers),
            layers=turns,
            messages={fate: int(number) for fate, number in fates.items()},
            seconds=_seconds(layers.get("0:started"), head.get("finished")),
            error=_problem(head),
        )

    async def _announce(self, run: str) -> None:
        with translated(self._url):
            await self._redis.xadd(keys.ANNOUNCEMENTS, {"run": run})

    async def _call(self, script: str, run: str, *arguments: str) -> Any:
        with translated(self._url):
            return await self._scripts[script](keys=[keys.of_run(run, "run")], args=arguments)


def _unknown(run: str) -> NoSuchRun:
    return NoSuchRun(f"no run called {run!r}; 'regions-coordinator runs' lists them", where=run)


def _problem(head: dict[str, str]) -> RunProblemReport | None:
    if not head.get("error_code"):
        return None
    return RunProblemReport(head["error_code"], head["error_message"], head["error_where"])


def _turns(
    head: dict[str, str], plan: dict[str, str], layers: dict[str, str], status: str
) -> tuple[LayerTurn, ...]:
    turns = []
    for place in range(int(plan["places"])):
        started, done = layers.get(f"{place}:started"), layers.get(f"{place}:done")
        state = "succeeded" if done else status if started else "waiting"
        seconds = _seconds(started, done or head.get("finished"))
        turns.append(LayerTurn(int(plan[f"layer:{place}"]), state, seconds))
    return tuple(turns)


def _seconds(started: str | None, ended: str | None) -> float:
    return max(0, int(ended) - int(started)) / 1e6 if started and ended else 0.0
