"""Follow a run to its end, and notice who it waits for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regions_dist.domain.outcome import FINAL
from regions_dist.errors import WorkerMissing

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.ports import RunStore, Workers

__all__ = ["Watcher"]


@dataclass
class Watcher:
    """Watches one run. Seconds: ``wait`` for a worker that is missing, ``timeout`` for the run.

    ``on_event`` gets each event; ``on_waiting`` a region and the seconds it has waited so far.
    """

    store: RunStore
    workers: Workers
    wait: float
    timeout: float | None = None
    on_event: Callable[[Event], None] = lambda _: None
    on_waiting: Callable[[str, float], None] = lambda *_: None
    _queued: dict[str, str] = field(default_factory=dict)
    _since: dict[str, float] = field(default_factory=dict)

    async def watch(self, run: str, after: str = "0-0") -> RunView:
        """The run as it ended. Events before ``after`` are left out.

        Raises WorkerMissing, having paused the run, when a worker was missing for too long. A
        run whose time is up is stopped by a deadline that any coordinator may set.
        """
        try:
            async with asyncio.timeout(self.timeout):
                await self._follow(run, after)
        except TimeoutError:
            await self.store.steer(run, "time_out")
        return await self.store.view(run)

    async def _follow(self, run: str, after: str) -> None:
        async for event in self.store.events(run, after):
            if event is None:
                await self.store.route(run)
                await self._look_for_workers(run)
                continue
            self.on_event(event)
            self._note(event)
            if event.type == "run" and event.fields["status"] in FINAL:
                return

    def _note(self, event: Event) -> None:
        if event.type != "step":
            return
        if event.fields["status"] == "queued":
            self._queued[event.fields["step"]] = event.fields["region"]
        else:
            self._queued.pop(event.fields["step"], None)

    async def _look_for_workers(self, run: str) -> None:
        hosted = {name for worker in await self.workers.list() for name in worker.regions}
        missing = set(self._queued.values()) - hosted
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
