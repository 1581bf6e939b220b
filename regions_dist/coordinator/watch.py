"""Follow a run to its end, and notice who it waits for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regions_dist.domain.outcome import FINAL, RunProblemReport
from regions_dist.errors import BrokerUnavailable, NoSuchRun, RunLost, WorkerMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.coordinator.ledger import Ledger
    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.ports import WatchedRuns, Workers

__all__ = ["Watcher", "has_ended", "has_stopped"]


def has_ended(event: Event) -> bool:
    """Whether the run has ended with this event."""
    return event.type == "run" and event.fields["status"] in FINAL


def has_stopped(event: Event) -> bool:
    """Whether a run has stopped with this event before a layer, or at its end, to be let on."""
    fields = event.fields
    return event.type == "run" and fields["status"] == "paused" and fields["code"] == "step"


_LAST_WORD = 3.0
"""Seconds that the broker has to answer when time is up."""


@dataclass
class Watcher:
    """Watches one run. Seconds: ``wait`` for a worker that is missing, ``timeout`` for the run.

    ``ledger`` keeps what it sees, for a broker that loses the run, or is away at the end.
    ``on_event`` gets each event; ``on_waiting`` a region and the seconds it has waited so far.
    ``ends`` says with which event there is no more to see.
    """

    store: WatchedRuns
    workers: Workers
    ledger: Ledger
    wait: float
    timeout: float | None = None
    on_event: Callable[[Event], None] = lambda _: None
    on_waiting: Callable[[str, float], None] = lambda *_: None
    ends: Callable[[Event], bool] = has_ended
    _paused: bool = False
    _queued: dict[str, str] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    async def watch(self, run: str, after: str = "0-0") -> RunView:
        """The run as it ended. Events before ``after`` are left out.

        A run whose time is up is stopped by a deadline that any coordinator may set. One that the
        broker has lost is told from what was seen of it. Raises WorkerMissing, having paused the
        run, when a worker was missing for too long, and BrokerUnavailable when the broker was.
        """
        try:
            async with asyncio.timeout(self.timeout):
                await self._follow(run, after)
                return await self.store.view(run)
        except TimeoutError:
            return await self._time_out(run)
        except (RunLost, NoSuchRun):
            return self._lost(run)

    async def _time_out(self, run: str) -> RunView:
        try:
            async with asyncio.timeout(_LAST_WORD):
                await self.store.steer(run, "time_out")
                return await self.store.view(run)
        except (TimeoutError, BrokerUnavailable):
            why = "the time for the run is up, and the broker is away; it can be resumed"
            return self.ledger.view("timed_out", RunProblemReport("timed-out", why, ""))
        except NoSuchRun:
            return self._lost(run)

    def _lost(self, run: str) -> RunView:
        why = (
            f"the broker has lost the run {run!r}: it was restarted without its data, or emptied; "
            f"{self.ledger.summary()}; nothing is left to resume, so run it anew"
        )
        return self.ledger.view("failed", RunProblemReport("run-lost", why, run))

    async def _follow(self, run: str, after: str) -> None:
        async for event in self.store.events(run, after):
            if event is None:
                await self.store.route(run)
                await self._look_for_workers(run)
                continue
            self.ledger.enter(event)
            self.on_event(event)
            self._note(event)
            if self.ends(event):
                return

    def _note(self, event: Event) -> None:
        if event.type == "run":
            self._paused = event.fields["status"] == "paused"
        if event.type != "step":
            return
        if event.fields["status"] == "queued":
            self._queued[event.fields["step"]] = event.fields["region"]
        else:
            self._queued.pop(event.fields["step"], None)

    async def _look_for_workers(self, run: str) -> None:
        hosted = {name for worker in await self.workers.list() for name in worker.regions}
        missing = set() if self._paused else set(self._queued.values()) - hosted
        now = asyncio.get_running_loop().time()
        self._since = {region: self._since.get(region, now) for region in sorted(missing)}
        for region, since in self._since.items():
            self.on_waiting(region, now - since)
            if now - since > self.wait:
                await self.store.steer(run, "pause")
                raise WorkerMissing(
                    f"no worker for region {region!r} after {self.wait:g} s; start one "
                    f"(regions-worker --region {region!r}), then: regions-coordinator resume {run}",
                    where=region,
                )
