"""How long the runs stood still after each blow, by the broker's clock."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regions_dist.domain.outcome import Event

__all__ = ["Recoveries", "Wait", "is_taken"]


def is_taken(event: Event) -> bool:
    """Whether a worker has taken a step with this event; not one that is told of again."""
    running = event.type == "step" and event.fields["status"] == "running"
    return running and "epoch" in event.fields


@dataclass(eq=False)
class Wait:
    """A run that was hit ``since`` (seconds since 1970) and is to go on.

    With a ``step`` it goes on when that step is taken again, else with its next event.
    ``excluded`` is why it is not measured, if so.
    """

    blow: str
    run: str
    since: float
    step: str = ""
    region: str = ""
    excluded: str = ""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def ends_with(self, event: Event) -> bool:
        """Whether this event shows that the run goes on."""
        if event.at <= self.since:
            return False
        return is_taken(event) and event.fields["step"] == self.step if self.step else True

    def is_needless_with(self, event: Event) -> bool:
        """Whether this event shows that the step need not be taken again."""
        of_step = event.type == "step" and event.fields["step"] == self.step
        return of_step and event.fields["status"] in {"done", "failed"}


class Recoveries:
    """Waits that are open, and how long those took that are over: seconds, by kind of blow.

    ``excluded`` counts, by kind of blow, what is not measured, by reason; ``longest`` holds the
    longest of those waits.
    """

    def __init__(self) -> None:
        self.seconds: defaultdict[str, list[float]] = defaultdict(list)
        self.excluded: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.longest: defaultdict[str, float] = defaultdict(float)
        self._open: list[Wait] = []
        self._paused: set[str] = set()
        self._fewer = asyncio.Event()

    def expect(self, wait: Wait) -> None:
        """Measure this wait; not of a run that is paused."""
        if wait.run in self._paused:
            wait.excluded = wait.excluded or "run paused"
        self._open.append(wait)

    def hit(self, why: str, *, region: str = "", run: str = "") -> None:
        """Do not measure the waits of this region, or run, or, without either, of all."""
        for wait in self._open:
            if region in {"", wait.region} and run in {"", wait.run}:
                wait.excluded = wait.excluded or why

    async def fewer_than(self, number: int) -> None:
        """Return when fewer waits for a step are open."""
        while sum(bool(wait.step) for wait in self._open) >= number:
            self._fewer.clear()
            await self._fewer.wait()

    def hear(self, run: str, event: Event) -> None:
        """Close the waits that this event ends."""
        if event.type == "run":
            self._paused.discard(run)
            if event.fields["status"] == "paused":
                self._paused.add(run)
                self.hit("run paused meanwhile", run=run)
                return
        for wait in [wait for wait in self._open if wait.run == run]:
            if wait.ends_with(event):
                self._measure(wait, event.at - wait.since)
                self._close(wait)
            elif wait.step and wait.is_needless_with(event):
                self._leave_out(wait, "had committed")

    def forget(self, run: str) -> None:
        """The run is over."""
        for wait in [wait for wait in self._open if wait.run == run]:
            self._leave_out(wait, "run ended")

    def _measure(self, wait: Wait, seconds: float) -> None:
        if wait.excluded:
            self.excluded[wait.blow][wait.excluded] += 1
            self.longest[wait.blow] = max(self.longest[wait.blow], seconds)
        else:
            self.seconds[wait.blow].append(seconds)

    def _leave_out(self, wait: Wait, why: str) -> None:
        self.excluded[wait.blow][why] += 1
        self._close(wait)

    def _close(self, wait: Wait) -> None:
        self._open.remove(wait)
        wait.over.set()
        self._fewer.set()
