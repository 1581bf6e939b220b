"""Taking a step, and standing by for it while another has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from regions_dist.transport.clocks import Clocks, Span

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from regions_dist.ports import Claim, NotTaken

__all__ = ["LeaseWatch", "RedisStandby"]

_LOOKS: Final = 8
"""How often a standby looks in the time of one lease."""


class RedisStandby:
    """Implements ports.Standby. ``ask`` makes one try, given the beat of a lease that is dead, or
    ""; it gives the claim, the beat of a lease that another holds, or None where there is nothing
    to take.
    """

    def __init__(
        self, ask: Callable[[str], Awaitable[Claim | str | None]], lease: float, clocks: Clocks
    ) -> None:
        self._ask = ask
        self._lease = lease
        self._watch = LeaseWatch(lease, clocks)

    async def take(self) -> Claim | NotTaken:
        """See ports.Standby."""
        answer = await self._ask(self._watch.dead())
        if isinstance(answer, str):
            self._watch.saw(answer)
            return "held"
        return answer or "gone"

    async def pause(self) -> None:
        """See ports.Standby."""
        await asyncio.sleep(self._lease / _LOOKS)


class LeaseWatch:
    """Watches a lease for a beat. It is dead when it was seen, over its whole life of ``lease``
    seconds, without one.

    The watch must be unbroken. A look that took long means that the broker was away, and a pause
    that was long that this process was stopped or its machine asleep: for so long the owner's
    beats may have had nowhere to go, or nobody to be seen by. Then the watch begins anew, and the
    owner, who beats three times a lease, is heard first.
    """

    def __init__(self, lease: float, clocks: Clocks) -> None:
        self._lease = lease
        self._now = clocks.steady
        self._seen, self._since = "", self._now()
        self._clocks = clocks
        self._step = Span(clocks)

    def dead(self) -> str:
        """The last beat that was seen, if the lease is dead by now, else ""; then look."""
        self._mind_the_gap()
        return self._seen if self._now() - self._since >= self._lease else ""

    def saw(self, beat: str) -> None:
        """Take note of what the look showed."""
        self._mind_the_gap()
        if beat != self._seen:
            self._seen, self._since = beat, self._now()

    def _mind_the_gap(self) -> None:
        if self._step.seconds() > self._lease / 2:
            self._seen = ""
        self._step = Span(self._clocks)
