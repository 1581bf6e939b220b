"""A worker's side of the broker: orders, leases, commits."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from regions_dist.domain.message import MAX_BYTES
from regions_dist.domain.placement import hosts
from regions_dist.domain.state_codec import dump_state, load_state
from regions_dist.errors import BadInput, NoSuchRun, RunLost
from regions_dist.ports import Claim, Order
from regions_dist.transport import codec, keys
from regions_dist.transport.bodies import whole
from regions_dist.transport.clocks import Clocks
from regions_dist.transport.connection import BLOCK_MS, connect, safe_url
from regions_dist.transport.live_runs import LiveRuns
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_record import trace_record
from regions_dist.transport.scripts import source
from regions_dist.transport.standby import RedisStandby

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.placement import Station
    from regions_dist.domain.plan import Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.ports import Verdict

__all__ = ["RedisMail"]

Tag = TypeVar("Tag")


class RedisMail:
    """Implements ports.Mail on Redis streams and scripts.

    ``lease`` is in seconds; ``incarnation`` names this process in the tokens of its leases. While
    ``routing`` is true, commits route what they posted; a Postmaster's presence makes it false.
    A broker that goes away is waited for as ``patience`` says, for ever by default.
    """

    def __init__(
        self,
        url: str,
        *,
        lease: float,
        incarnation: str = "",
        patience: Patience | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        self._url = url
        self._lease = lease
        self._incarnation = incarnation or secrets.token_hex(8)
        self._clocks = clocks or Clocks()
        self.patience = patience or Patience(url)
        self._redis = connect(url)
        self._plans: dict[str, Plan] = {}
        self._readers: list[LiveRuns[Any]] = []
        self.routing = True
        self._scripts = {
            name: self._redis.register_script(source(name))
            for name in ("answer", "claim", "commit", "fail", "note", "refuse", "route")
        }

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def orders(self, worker: Station) -> AsyncIterator[Order]:
        """See ports.Mail. Says so when the broker is away, and goes on when it is back."""

        async def streams_of(run: str) -> dict[str, str]:
            plan = await self.plan(run)
            names = (entry.name for entry in plan.regions)
            own = (name for name in names if hosts(worker, name, plan.placement))
            return {keys.of_run(run, f"orders:{name}"): name for name in own}

        async for run, region, entry, fields in self.live_runs(streams_of).entries():
            if {"step", "method"} <= fields.keys():
                yield Order(run, fields["step"], region, fields["method"], entry)
            else:
                await self._call("refuse", run, f"orders:{region}", entry, "it is no order")

    def live_runs(self, streams_of: Callable[[str], Awaitable[dict[str, Tag]]]) -> LiveRuns[Tag]:
        """A reader of these streams of each live run, that tends the runs as it goes."""
        runs = LiveRuns(self._url, self.patience, streams_of, self.route, self._forget)
        self._readers.append(runs)
        return runs

    def silence(self) -> float:
        """Seconds since the reader of this process that is furthest behind last looked."""
        return max((reader.silence() for reader in self._readers), default=0.0)

    async def plan(self, run: str) -> Plan:
        """See ports.Mail. Raises NoSuchRun, and BadInput where it cannot be read."""
        if run not in self._plans:
            ask = partial(self._redis.hget, keys.of_run(run, "plan"), "document")
            document = await self.patience.ask(ask)
            if document is None:
                raise NoSuchRun(f"the broker does not hold a run called {run!r}", where=run)
            try:
                self._plans[run] = codec.plan_of(document)
            except ValueError as error:
                raise BadInput(f"the plan of run {run!r}: {error}", where=run) from None
        return self._plans[run]

    def _forget(self, run: str) -> None:
        self._plans.pop(run, None)

    def standby(self, order: Order, owner: str) -> RedisStandby:
        """See ports.Mail."""
        ask = partial(self._claim, order, owner, self._new_token())
        return RedisStandby(ask, self._lease, self._clocks)

    def _new_token(self) -> str:
        return f"{self._incarnation}.{secrets.token_hex(8)}"

    async def _claim(self, order: Order, owner: str, token: str, dead: str) -> Claim | str | None:
        who = (order.region, order.step, token, owner)
        which = (order.entry, order.method)
        reply = await self._call("claim", order.run, *who, dead, *which)
        if reply[0] == "gone":
            return None
        return str(reply[1]) if reply[0] == "held" else _claim(order, token, reply)

    async def record_answer(self, claim: Claim, key: str, answer: str) -> None:
        """See ports.Mail."""
        await self._call("answer", claim.order.run, *_fence(claim), key, answer)

    async def forget_answer(self, claim: Claim, key: str) -> None:
        """See ports.Mail."""
        await self._call("answer", claim.order.run, *_fence(claim), key, "")

    async def heard(self, run: str, after: str, *, block: bool) -> list[tuple[str, dict[str, Any]]]:
        """See ports.Mail."""
        streams = {keys.of_run(run, "trace"): after}
        pause = BLOCK_MS if block else None
        reply = await self.patience.ask(partial(self._redis.xread, streams, block=pause))
        if not reply and not await self._holds(run):
            raise RunLost(f"the broker does not hold the run {run!r} any more", where=run)
        entries = reply[0][1] if reply else []
        return [(cursor, await self._record(run, fields)) for cursor, fields in entries]

    async def _holds(self, run: str) -> bool:
        ask = partial(self._redis.exists, keys.of_run(run, "run"))
        return bool(await self.patience.ask(ask))

    async def _record(self, run: str, fields: dict[str, str]) -> dict[str, Any]:
        return trace_record(await self.patience.ask(partial(whole, self._redis, run, fields)))

    async def note(self, claim: Claim, status: str, message: str) -> None:
        """See ports.Mail."""
        await self._call("note", claim.order.run, *_fence(claim), status, message)

    async def commit(
        self,
        claim: Claim,
        state: RegionState,
        posted: Sequence[Message],
        warnings: Sequence[str] = (),
    ) -> Verdict:
        """See ports.Mail."""
        unchanged = claim.state is not None and state == claim.state
        arguments = [
            *_fence(claim),
            "" if unchanged else dump_state(state),
            "1" if self.routing else "0",
            str(MAX_BYTES),
            str(sum(codec.size_of(message.content) for message in claim.mail)),
            str(len(claim.consumed)),
            *claim.consumed,
            *(message.id for message in claim.mail),
            str(len(warnings)),
            *warnings,
        ]
        for message in posted:
            arguments += codec.flat(message)
        return cast("Verdict", await self._call("commit", claim.order.run, *arguments))

    async def fail(self, claim: Claim, code: str, message: str, *, go_on: bool) -> Verdict:
        """See ports.Mail."""
        arguments = (*_fence(claim), code, message, "1" if go_on else "0")
        return cast("Verdict", await self._call("fail", claim.order.run, *arguments))

    async def route(self, run: str) -> float | None:
        """Move what waits in a run's outbox; harmless. Seconds until it should be asked again."""
        micros = int(await self._call("route", run))
        return None if micros < 0 else micros / 1e6

    async def _call(self, script: str, run: str, *arguments: str) -> Any:
        ask = partial(self._scripts[script], keys=[keys.of_run(run, "run")], args=arguments)
        return await self.patience.ask(ask)

    def __repr__(self) -> str:
        return f"RedisMail({safe_url(self._url)!r})"


def _fence(claim: Claim) -> tuple[str, str, str, str]:
    return claim.order.region, claim.order.step, str(claim.epoch), claim.token


def _claim(order: Order, token: str, reply: list[Any]) -> Claim:
    _, epoch, state, answers, entries, only_recorded = reply
    letters = [(entry, codec.message_of(_pairs(fields))) for entry, fields in entries]
    letters.sort(key=lambda letter: letter[1].id)
    return Claim(
        order=order,
        epoch=int(epoch),
        token=token,
        state=load_state(state) if state else None,
        mail=tuple(message for _, message in letters),
        consumed=tuple(entry for entry, _ in letters),
        answers=_pairs(answers),
        only_recorded=only_recorded == "1",
    )


def _pairs(flat: Sequence[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
