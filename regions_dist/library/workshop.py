"""Where the steps of an Executor's run are worked on: in this process, or on the cluster."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from regions_dist.runtime.ending import end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from contextlib import AbstractAsyncContextManager
    from typing import Any

    from regions_dist.domain.placement import Station
    from regions_dist.library.assembly import Assembly
    from regions_dist.ports import ProgramRuns, Workers
    from regions_dist.runtime.host import Host

__all__ = ["Bench", "Workshop", "alongside", "host_name", "hosting"]

T = TypeVar("T")


@dataclass(frozen=True)
class Bench:
    """What a run is watched and steered by while it is worked on.

    ``hosts_all``: all regions are hosted here, wherever the plan places them.
    """

    runs: ProgramRuns
    workers: Workers
    duties: tuple[asyncio.Task[None], ...] = ()
    hosts_all: bool = False


class Workshop(Protocol):
    """A place for one run. Between two uses nothing of it is open, and no task runs."""

    def at_work(self, run: str, made: Assembly) -> AbstractAsyncContextManager[Bench]:
        """Work on the run's steps for as long as this is open."""
        ...

    def reached(self) -> AbstractAsyncContextManager[ProgramRuns]:
        """Only ask and steer."""
        ...


def host_name(run: str) -> str:
    """What a program is called as the worker that hosts its own regions."""
    return f"executor-{run}"


@asynccontextmanager
async def hosting(host: Host, worker: Station) -> AsyncIterator[asyncio.Task[None]]:
    """Do this worker's steps; left normally, those that run are finished, else they are ended."""
    taking = asyncio.create_task(host.run(worker))
    try:
        yield taking
    except BaseException:
        await end([taking])
        await host.stop()
        raise
    await end([taking])
    await host.drain()
    await host.catch_up()


async def alongside(work: Coroutine[Any, Any, T], duties: tuple[asyncio.Task[None], ...]) -> T:
    """What ``work`` comes to, as long as none of the duties that it needs has failed."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task, *duties], return_when=asyncio.FIRST_COMPLETED)
        for duty in duties:
            if duty.done():
                duty.result()
        return await task
    finally:
        await end([task])
