"""A worker's side of runs in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.placement import Station
    from regions_dist.domain.plan import Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.memory.run import MemoryRun
    from regions_dist.memory.store import MemoryRuns
    from regions_dist.ports import Claim, NotTaken, Order, Verdict

__all__ = ["MemoryMail", "NoHeart"]

_QUIET: Final = 1.0
"""Seconds after which a reader of the trace looks up."""


class NoHeart:
    """Implements ports.Heart: a lease in memory ends with the process that holds it."""

    def hold(self, run: str, region: str, token: str) -> None:
        """See ports.Heart."""

    def drop(self, run: str, region: str, token: str) -> None:
        """See ports.Heart."""


class _Standby:
    """Implements ports.Standby: nobody else is there who could have the step."""

    def __init__(self, run: MemoryRun, order: Order) -> None:
        self._run = run
        self._order = order

    async def take(self) -> Claim | NotTaken:
        return self._run.claim(self._order)

    async def pause(self) -> None:
        raise AssertionError("a step in memory is never held by another")


class MemoryMail:
    """Implements ports.Mail for the only worker there is."""

    def __init__(self, runs: MemoryRuns) -> None:
        self._runs = runs

    async def orders(self, worker: Station) -> AsyncIterator[Order]:  # noqa: ARG002
        """See ports.Mail; it gets all orders, for there is no other worker."""
        run = await self._runs.opened()
        while True:
            next_due = run.route()
            if not run.orders:
                await run.ordered.heard(next_due)
            while run.orders:
                yield run.orders.popleft()

    async def plan(self, run: str) -> Plan:
        """See ports.Mail."""
        return self._runs.find(run).plan

    def standby(self, order: Order, owner: str) -> _Standby:  # noqa: ARG002
        """See ports.Mail."""
        return _Standby(self._runs.find(order.run), order)

    async def record_answer(self, claim: Claim, key: str, answer: str) -> None:
        """See ports.Mail."""
        self._runs.find(claim.order.run).answers[claim.order.step][key] = answer

    async def forget_answer(self, claim: Claim, key: str) -> None:
        """See ports.Mail."""
        self._runs.find(claim.order.run).answers[claim.order.step].pop(key, None)

    async def heard(self, run: str, after: str, *, block: bool) -> list[tuple[str, dict[str, Any]]]:
        """See ports.Mail."""
        log = self._runs.find(run).log
        first = int(after.partition("-")[0])
        if block and len(log.trace) <= first:
            await log.news.heard(_QUIET)
        records = enumerate(log.trace[first:], start=first + 1)
        return [(f"{number}-0", dict(record)) for number, record in records]

    async def note(self, claim: Claim, status: str, message: str) -> None:
        """See ports.Mail."""
        self._runs.find(claim.order.run).note(claim.order, status, message)

    async def commit(
        self,
        claim: Claim,
        state: RegionState,
        posted: Sequence[Message],
        warnings: Sequence[str] = (),
    ) -> Verdict:
        """See ports.Mail."""
        return self._runs.find(claim.order.run).commit(claim, state, posted, warnings)

    async def fail(self, claim: Claim, code: str, message: str, *, go_on: bool) -> Verdict:
        """See ports.Mail."""
        return self._runs.find(claim.order.run).fail(claim, code, message, go_on=go_on)
