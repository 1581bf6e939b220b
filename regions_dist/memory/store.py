"""A program's side of runs in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from regions_dist.errors import BadInput, NoSuchRun
from regions_dist.memory.bell import Bell
from regions_dist.memory.run import MemoryRun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from regions_dist.domain.branch import Opening
    from regions_dist.domain.message import Message
    from regions_dist.domain.outcome import DeadLetter, Event, RunStatus, RunView
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.domain.schedule import Place
    from regions_dist.ports import Injected

__all__ = ["MemoryRuns"]

_QUIET: Final = 1.0
"""Seconds of quiet after which a watcher looks up."""


class MemoryRuns:
    """Implements ports.ProgramRuns for one run at a time, which ends with its process.

    It begins at its start; nothing branches off, and it is not stepped.
    """

    def __init__(self) -> None:
        self._run: MemoryRun | None = None
        self._opening = Bell()

    async def opened(self) -> MemoryRun:
        """The run, as soon as it is opened."""
        while self._run is None:
            await self._opening.heard(None)
        return self._run

    def find(self, run: str) -> MemoryRun:
        """The run of that name. Raises NoSuchRun."""
        if self._run is None or self._run.name != run:
            raise NoSuchRun(f"no run called {run!r} in this process", where=run)
        return self._run

    async def open(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        messages: Sequence[OutsideMessage],
        opening: Opening,
    ) -> None:
        """See ports.ProgramRuns."""
        self._run = MemoryRun(run, plan, open_ended=opening.open_ended)
        self._run.begin(places, messages)
        self._opening.ring()

    async def extend(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        first: int,
        messages: Sequence[OutsideMessage],
    ) -> None:
        """See ports.ProgramRuns."""
        found = self.find(run)
        if not found.extend(plan, places[first:], messages):
            raise BadInput(
                f"run {run!r} is {found.status.replace('_', ' ')}, and takes no further layers now",
                where=run,
                code="not-at-its-end",
            )

    async def steer(
        self, run: str, action: Literal["pause", "cancel", "time_out", "close"]
    ) -> RunStatus:
        """See ports.WatchedRuns."""
        return self.find(run).steer(action)

    async def resume(
        self,
        run: str,
        *,
        seconds: float | None = None,  # noqa: ARG002  a program's own time-outs are its watcher's
        inbox_limit: int | None = None,
        inbox_bytes: int | None = None,
        before: int | None = None,
    ) -> RunStatus:
        """See ports.ProgramRuns."""
        found = self.find(run)
        if before is not None and found.stopped_before != before:
            return found.status
        return found.resume(inbox_limit, inbox_bytes)

    async def inject(
        self, run: str, message: OutsideMessage, key: str, *, by_rules: bool = False
    ) -> Injected:
        """See ports.ProgramRuns."""
        found = self.find(run)
        if not by_rules and message.destination not in found.mail.inboxes:
            return "unknown"
        return found.inject(message, key)

    async def view(self, run: str) -> RunView:
        """See ports.WatchedRuns."""
        return self.find(run).view()

    async def events(self, run: str, after: str = "0-0") -> AsyncIterator[Event | None]:
        """See ports.WatchedRuns."""
        log = self.find(run).log
        while True:
            news = log.after(after)
            for event in news:
                after = event.seq
                yield event
            if not news and not await log.news.heard(_QUIET):
                yield None

    async def route(self, run: str) -> float | None:
        """See ports.WatchedRuns."""
        return self.find(run).route()

    async def trace(self, run: str) -> list[dict[str, Any]]:
        """See ports.ProgramRuns."""
        return [dict(record) for record in self.find(run).log.trace]

    async def dead_letters(self, run: str) -> list[DeadLetter]:
        """See ports.ProgramRuns."""
        return list(self.find(run).log.dead)

    async def states(self, run: str) -> dict[str, RegionState]:
        """See ports.ProgramRuns."""
        return dict(self.find(run).states)

    async def inbox(self, run: str, region: str) -> list[Message]:
        """See ports.ProgramRuns."""
        return sorted(self.find(run).mail.inboxes.get(region, ()), key=lambda message: message.id)
