"""The worker's loop: an order comes, the step is claimed, run and committed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from regions_dist.domain.execute import build, execute
from regions_dist.domain.message import MAX_BYTES, StepId
from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.registry import region_type
from regions_dist.errors import BadAnswer, RegionsError, StepFailed
from regions_dist.ports import Asker, Claim
from regions_dist.runtime.ending import end
from regions_dist.runtime.listeners import Listeners
from regions_dist.runtime.recorded import Record, RecordedLLM, RecordedRetriever

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from regions_dist.domain.execute import Effects
    from regions_dist.domain.placement import Station
    from regions_dist.domain.plan import Plan, RegionEntry, StepPolicy
    from regions_dist.ports import LLM, Heart, Mail, Order, Retriever, Standby, Verdict
    from regions_dist.runtime.listeners import Hearing, Sink

__all__ = ["Host", "MachineResources", "OwnRegions"]

log = logging.getLogger(__name__)


class MachineResources(Protocol):
    """What this machine's regions may ask, by name: its own, else what others serve."""

    async def llm(self, name: str, asker: Asker) -> LLM:
        """The model called ``name`` for one call. Raises StepFailed where there is none."""
        ...

    async def rag(self, name: str, asker: Asker) -> Retriever:
        """The store called ``name`` for one call; it learns once for each call of a step."""
        ...

    async def settle(self, key: str) -> None:
        """The step of the askers with this key is over: what was kept for it can go."""
        ...


@dataclass(frozen=True)
class OwnRegions:
    """The regions of which a process knows more than a plan says: Python objects.

    ``hearings`` are where its listeners are, by run and name, handed from one Host to the next.
    """

    entries: Mapping[str, RegionEntry] = field(default_factory=dict)
    hearings: dict[tuple[str, str], Hearing] = field(default_factory=dict)


class Host:
    """Hosts regions in this process. ``concurrency`` bounds the steps that run at a time."""

    def __init__(
        self,
        mail: Mail,
        heart: Heart,
        resources: MachineResources,
        sink: Sink,
        *,
        owner: str,
        concurrency: int,
        own: OwnRegions | None = None,
    ) -> None:
        own = own or OwnRegions()
        self._mail = mail
        self._own = own.entries
        self._listeners = Listeners(mail, sink, own.hearings)
        self._heart = heart
        self._resources = resources
        self._owner = owner
        self._room = asyncio.Semaphore(concurrency)
        self._busy: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        self._idle: set[asyncio.Task[None]] = set()
        self._leaving = False
        self._methods: dict[tuple[str, str, str], asyncio.Task[Effects]] = {}

    async def run(self, worker: Station) -> None:
        """Take the steps that are this worker's until cancelled; ``drain`` is to follow then."""
        self._listeners.go_on()
        async for order in self._mail.orders(worker):
            self._take(order)

    async def catch_up(self) -> None:
        """Let listeners hear what has been delivered so far; they follow no longer."""
        await self._listeners.catch_up()

    async def drain(self) -> None:
        """Finish the steps that run; drop those that another holds, or that had no room yet."""
        self._leaving = True
        await end(self._idle)
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        await self._listeners.aclose()

    async def stop(self) -> None:
        """End the steps that run, without committing them."""
        self._leaving = True
        await end(self._busy.values())
        await self._listeners.aclose()

    def abandon(self, run: str, region: str, token: str) -> None:
        """Give up a step whose lease is lost: its commit could only be refused.

        A step that is past its method is left alone: its commit finds out by itself.
        """
        if method := self._methods.get((run, region, token)):
            log.warning("%s is abandoned: its lease is lost, or its run is over", method.get_name())
            method.cancel()

    def _take(self, order: Order) -> None:
        key = (order.run, order.region, order.entry)
        if key not in self._busy:
            task = asyncio.create_task(self._serve(order), name=f"{order.run} {order.step}")
            self._busy[key] = task
            self._idle.add(task)
            task.add_done_callback(self._idle.discard)
            task.add_done_callback(lambda _: self._busy.pop(key, None))

    async def _serve(self, order: Order) -> None:
        """See a step to its end; who has lost its lease stands by for whoever has it.

        Only a step that runs takes up room: standing by for others does not keep it from own work.
        """
        standby = self._mail.standby(order, self._owner)
        while not (ended := await self._try(standby)):
            if ended is None:
                await standby.pause()
            else:
                standby = self._mail.standby(order, self._owner)

    async def _try(self, standby: Standby) -> bool | None:
        """Whether the step is over, if it could be taken or needs nobody; None: another has it."""
        async with self._room:
            taken = await standby.take()
            if isinstance(taken, Claim):
                return await self._hold(taken)
        return True if taken == "gone" else None

    async def _hold(self, claim: Claim) -> bool:
        """Whether the step is over, or is not to be waited for; False where its lease was lost."""
        order = claim.order
        me = self._busy[order.run, order.region, order.entry]
        self._idle.discard(me)
        self._heart.hold(order.run, order.region, claim.token)
        try:
            return await self._work(claim) or self._leaving
        finally:
            self._heart.drop(order.run, order.region, claim.token)
            self._idle.add(me)

    async def _work(self, claim: Claim) -> bool:
        """Whether the step came to an end; False where its lease was lost."""
        order = claim.order
        try:
            plan = await self._mail.plan(order.run)
        except RegionsError as error:
            log.warning("%s %s.%s: %s", order.step, order.region, order.method, error.message)
            return True
        policy = plan.step_policy(order.region, order.method)
        try:
            effects = await self._method(claim, plan, policy)
            if effects is None:
                return False
            verdict = await self._mail.commit(
                claim, effects.state, effects.posted, effects.warnings
            )
            _take_no_refusal(verdict, order)
            log.info("%s %s.%s: %s", order.step, order.region, order.method, verdict)
        except RegionsError as error:
            verdict = await self._fail(claim, policy, error)
        except Exception as error:  # whatever it is, the lease must not be left behind
            log.exception("%s.%s", order.region, order.method)
            reason = f"it could not be committed: {type(error).__name__}: {error}"
            verdict = await self._fail(claim, policy, StepFailed(reason, code="step-error"))
        if verdict == "fenced":
            return False
        await self._resources.settle(_key(order))
        return True

    async def _fail(self, claim: Claim, policy: StepPolicy, error: RegionsError) -> Verdict:
        order = claim.order
        message = f"{order.region}.{order.method}: {error.message}"
        log.warning("%s %s", order.step, message)
        go_on = policy.on_failure == "continue"
        return await self._mail.fail(claim, error.code, message, go_on=go_on)

    async def _method(self, claim: Claim, plan: Plan, policy: StepPolicy) -> Effects | None:
        """What the step's method came to; None where it was abandoned."""
        order = claim.order
        name = f"{order.step} {order.region}.{order.method}"
        key = (order.run, order.region, claim.token)
        self._methods[key] = asyncio.create_task(self._tries(claim, plan, policy), name=name)
        try:
            return await self._methods[key]
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task and task.cancelling():  # it is this worker that ends
                raise
            return None
        finally:
            del self._methods[key]

    async def _tries(self, claim: Claim, plan: Plan, policy: StepPolicy) -> Effects:
        entry = self._own.get(claim.order.region) or plan.entry(claim.order.region)
        if entry is None:
            raise StepFailed(f"the plan has no region called {claim.order.region!r}")
        warnings: tuple[str, ...] = ()
        if issubclass(region_type(entry.type), ListenerRegion):
            warnings = await self._listeners.act(claim.order)
        pause = policy.backoff
        record = Record(self._mail, claim)
        resources = self._bind(entry, claim, record)
        for left in range(policy.retries, -1, -1):
            try:
                effects = await _once(claim, entry, resources, policy)
                return replace(effects, warnings=(*warnings, *effects.warnings))
            except RegionsError as error:
                await record.try_again(last_was_bad=isinstance(error, BadAnswer))
                if not left:
                    raise
                await self._mail.note(claim, "retrying", error.message)
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable")

    def _bind(self, entry: RegionEntry, claim: Claim, record: Record) -> dict[str, object]:
        needs = region_type(entry.type).resources
        say = partial(self._mail.note, claim, "waiting")

        def llm(call: str) -> Awaitable[LLM]:
            return self._resources.llm(entry.llm, Asker(_key(claim.order), call, say))

        def store(call: str) -> Awaitable[Retriever]:
            return self._resources.rag(entry.rag, Asker(_key(claim.order), call, say))

        resources: dict[str, object] = {}
        if "llm" in needs:
            resources["llm"] = RecordedLLM(record, llm)
        if "rag" in needs:
            resources["rag"] = RecordedRetriever(record, store)
        return resources


def _key(order: Order) -> str:
    return f"{order.run}/{order.step}"


_REFUSED: Final[dict[Verdict, str]] = {
    "inbox-full": (
        "it posted more than an inbox holds; raise the limit and go on: regions-coordinator "
        "resume {order.run} --inbox-limit N (messages) or --inbox-bytes N"
    ),
    "too-large": f"it posted a message of more than {MAX_BYTES >> 20} MiB, which is the limit",
}


def _take_no_refusal(verdict: Verdict, order: Order) -> None:
    if verdict in _REFUSED:
        raise StepFailed(_REFUSED[verdict].format(order=order), code=verdict)


async def _once(
    claim: Claim, entry: RegionEntry, resources: dict[str, object], policy: StepPolicy
) -> Effects:
    order = claim.order
    try:
        region = build(entry, resources)
        step = StepId.parse(order.step)
        method = execute(region, claim.state, claim.mail, order.method, step)
        return await _in_time(method, policy.timeout)
    except RegionsError:
        raise
    except Exception as error:  # a region type of the user's own may raise anything
        log.exception("%s.%s", order.region, order.method)
        raise StepFailed(f"{type(error).__name__}: {error}", code="step-error") from error


async def _in_time(method: Awaitable[Effects], limit: float | None) -> Effects:
    """What ``method`` comes to within ``limit`` seconds; None: however long it takes.

    One that never awaits cannot be interrupted, only refused once it has returned.
    """
    clock = asyncio.get_running_loop().time
    began, timer = clock(), asyncio.timeout(limit)
    try:
        async with timer:
            effects = await method
    except TimeoutError:
        if timer.expired():
            raise _late(limit) from None
        raise  # one of the method's own
    if limit is not None and clock() - began > limit:
        raise _late(limit)
    return effects


def _late(limit: float | None) -> StepFailed:
    return StepFailed(f"it took longer than its time-out of {limit} s", code="step-timeout")
