"""A supervisor: has a worker as its child, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING

from regions_dist.embedded.keeping import keep_up
from regions_dist.embedded.processes import Household
from regions_dist.errors import RegionsError
from regions_dist.transport.leases import release_leases
from workers.region import spawned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from regions_dist.embedded.processes import Child
    from workers.region import WorkerSpec

__all__ = ["ChildWorker", "supervise"]

log = logging.getLogger(__name__)

_STOPPED_WITHIN = 2.0
"""Seconds that a worker has to end once it has been told twice."""


class ChildWorker:
    """A worker as a child of this process; without a ``log_file`` it writes to our stderr."""

    def __init__(self, household: Household, spec: WorkerSpec, log_file: Path | None) -> None:
        self._household = household
        self._spec = spec
        self._log_file = log_file
        self.child = self._start()

    async def keep_up(self, say: Callable[[str], None]) -> int:
        """Start it again as often as it dies; its exit code when it ends. Deaths are said."""
        return await keep_up(self.child, self._again, say)

    async def _again(self) -> Child:
        await asyncio.to_thread(self.release)
        self._spec = self._spec.reborn()
        self.child = self._start()
        return self.child

    def release(self) -> None:
        """Free the steps that it held, once it is gone; one that left by itself holds none."""
        if self.child.code == 0:
            return
        try:
            release_leases(self._spec.settings.redis_url or "", self._spec.info.incarnation)
        except RegionsError as error:
            log.warning("its steps are not freed: %s; they wait for a lease's end", error)

    def _start(self) -> Child:
        info = self._spec.info
        name = f"worker {', '.join(map(repr, info.duties))}"
        return self._household.start(spawned, self._spec, name=name, log=self._log_file)


async def supervise(spec: WorkerSpec) -> int:
    """Keep a worker up until SIGTERM or SIGINT, which it is told to drain; the exit code.

    A second signal stops it at once. A worker that ends by itself ends this, too.
    """
    told = _told_by_signals()
    household = Household()
    worker = ChildWorker(household, spec, None)
    keeping = asyncio.create_task(worker.keep_up(log.warning))
    first = asyncio.create_task(told.get())
    try:
        await asyncio.wait([keeping, first], return_when=asyncio.FIRST_COMPLETED)
        if not keeping.done():
            await _drain(worker, keeping, told, spec.grace)
            return 0
        return keeping.result()
    finally:
        first.cancel()
        household.stop(_STOPPED_WITHIN)
        worker.release()


def _told_by_signals() -> asyncio.Queue[None]:
    told: asyncio.Queue[None] = asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.put_nowait, None)
    return told


async def _drain(
    worker: ChildWorker, keeping: asyncio.Task[int], told: asyncio.Queue[None], grace: float
) -> None:
    keeping.cancel()
    await asyncio.wait([keeping])
    log.info("telling %s to leave", worker.child.name)
    worker.child.signal(signal.SIGTERM)
    ended = asyncio.create_task(worker.child.ended())
    second = asyncio.create_task(told.get())
    await asyncio.wait(
        [ended, second], timeout=grace + _STOPPED_WITHIN, return_when=asyncio.FIRST_COMPLETED
    )
    for task in (ended, second):
        task.cancel()
    await asyncio.wait([ended, second])
