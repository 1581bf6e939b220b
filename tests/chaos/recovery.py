"""How long the runs stood still after each blow, by the broker's clock."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regions_dist.domain.outcome import Event

__all__ = ["Recoveries", "Wait"]


@dataclass(eq=False)
class Wait:
    """A run that was hit ``since`` (seconds since 1970) and is to go on.

    With a ``step`` it goes on when that step is running again, else with its next event.
    """

    blow: str
    run: str
    since: float
    step: str = ""
    region: str = ""
    overlapped: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def ends_with(self, event: Event) -> bool:
        """Whether this event shows that the run goes on."""
        if event.at <= self.since:
            return False
        return not self.step or _is(event, self.step, "running")


class Recoveries:
    """Waits that are open, and how long those took that are over: seconds, by kind of blow.

    A wait is ``overlapped``, and not measured, when who was to take over was hit as well.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.overlapped: defaultdict[str, list[float]] = defaultdict(list)
        self._open: list[Wait] = []
        self._fewer = asyncio.Event()

    def expect(self, wait: Wait) -> None:
        """Measure this wait."""
        self._open.append(wait)

    def hit(self, region: str = "") -> None:
        """A worker of this region, or, without one, the broker, is hit."""
        for wait in self._open:
            wait.overlapped |= not region or wait.region == region

    async def fewer_than(self, number: int) -> None:
        """Return when fewer waits for a step are open."""
        while sum(bool(wait.step) for wait in self._open) >= number:
            self._fewer.clear()
            await self._fewer.wait()

    def hear(self, run: str, event: Event) -> None:
        """Close the waits that this event ends."""
        for wait in [wait for wait in self._open if wait.run == run]:
            if wait.ends_with(event):
                results = self.overlapped if wait.overlapped else self.seconds
                results[wait.blow].append(event.at - wait.since)
                self._close(wait)
            elif wait.step and _is(event, wait.step, "done", "failed"):
                self._close(wait)  # the owner had gone that far, or could go on

    def forget(self, run: str) -> None:
        """The run is over."""
        for wait in [wait for wait in self._open if wait.run == run]:
            self._close(wait)

    def _close(self, wait: Wait) -> None:
        self._open.remove(wait)
        wait.over.set()
        self._fewer.set()


def _is(event: Event, step: str, *statuses: str) -> bool:
    of_step = event.type == "step" and event.fields["step"] == step
    return of_step and event.fields["status"] in statuses
