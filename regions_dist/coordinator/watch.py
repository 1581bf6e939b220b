"""Follow a run to its end, and notice who it waits for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regions_dist.domain.lacking import tells_of_lack
from regions_dist.domain.outcome import FINAL, RunProblemReport
from regions_dist.domain.placement import absence, hosts, is_placed, start_command
from regions_dist.errors import BrokerUnavailable, NoSuchRun, RunLost, WorkerMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from regions_dist.coordinator.ledger import Ledger
    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.domain.plan import Placement
    from regions_dist.ports import WatchedRuns, WorkerInfo, Workers

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
    """Watches one run. Seconds: ``wait`` for what is missing, ``timeout`` for the run.

    Missing is a worker for a region, by the plan's ``placement``, or for a model or a store.

    ``ledger`` keeps what it sees, for a broker that loses the run, or is away at the end.
    ``on_event`` gets each event; ``on_waiting`` a region and the seconds it has waited so far.
    ``ends`` says with which event there is no more to see.
    """

    store: WatchedRuns
    workers: Workers
    ledger: Ledger
    wait: float
    timeout: float | None = None
    placement: Mapping[str, Placement] = field(default_factory=dict)
    on_event: Callable[[Event], None] = lambda _: None
    on_waiting: Callable[[str, float], None] = lambda *_: None
    ends: Callable[[Event], bool] = has_ended
    _paused: bool = False
    _queued: dict[str, str] = field(default_factory=dict)
    _asking: dict[str, _Lack] = field(default_factory=dict)
    _since: dict[_Lack, float] = field(default_factory=dict)

    async def watch(self, run: str, after: str = "0-0") -> RunView:
        """The run as it ended. Events before ``after`` are left out.

        A run whose time is up is stopped by a deadline that any coordinator may set. One that the
        broker has lost is told from what was seen of it. Raises WorkerMissing, having paused the
        run, when one was missing for too long, and BrokerUnavailable when the broker was.
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
                await self._look_for_the_missing(run)
                continue
            self.ledger.enter(event)
            self.on_event(event)
            self._note(event)
            if self.ends(event):
                return

    def recall(self, event: Event) -> None:
        """Take up an event of before the watch, of which nobody is told."""
        self.ledger.enter(event)
        self._note(event)

    def _note(self, event: Event) -> None:
        fields = event.fields
        if event.type == "run":
            self._paused = fields["status"] == "paused"
        if event.type != "step":
            return
        step, region, status = fields["step"], fields["region"], fields["status"]
        self._queued.pop(step, None)
        if status != "running" or "epoch" in fields:  # else it only is told again: by a resume
            self._asking.pop(step, None)
        if status == "queued":
            self._queued[step] = region
        elif status == "waiting" and tells_of_lack(fields["message"]):
            self._asking[step] = _Lack(
                region, f"{region} stands still after {self.wait:g} s, {fields['message']}"
            )

    async def _look_for_the_missing(self, run: str) -> None:
        """Tell of regions that nobody hosts, and give up on what has been missing for too long."""
        unhosted = [] if self._paused else self._unhosted(await self.workers.list())
        unserved = () if self._paused else self._asking.values()
        now = asyncio.get_running_loop().time()
        self._since = {lack: self._since.get(lack, now) for lack in (*unhosted, *unserved)}
        for lack in unhosted:
            self.on_waiting(lack.region, now - self._since[lack])
        for lack, since in self._since.items():
            if now - since > self.wait:
                await self._give_up(run, lack)

    def _unhosted(self, workers: Sequence[WorkerInfo]) -> list[_Lack]:
        return [
            self._lack_of_worker(region)
            for region in sorted(set(self._queued.values()))
            if not any(hosts(worker, region, self.placement) for worker in workers)
        ]

    def _lack_of_worker(self, region: str) -> _Lack:
        placed = ""
        if is_placed(region, self.placement):
            placed = f", which is placed on {absence(region, self.placement)},"
        start = start_command(region, self.placement)
        after = f"after {self.wait:g} s"
        return _Lack(
            region, f"no worker for region {region!r}{placed} {after}; start one ({start})"
        )

    async def _give_up(self, run: str, lack: _Lack) -> None:
        await self.store.steer(run, "pause")
        raise WorkerMissing(
            f"{lack.text}, then: regions-coordinator resume {run}", where=lack.region
        )


@dataclass(frozen=True)
class _Lack:
    """What a region lacks to go on, and what to start."""

    region: str
    text: str
