"""An Executor's run in the memory of this process: no broker, the same rules."""

from __future__ import annotations

import os
import socket
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from regions_dist.config import load_settings
from regions_dist.library.resources import HereResources, ProgramResources
from regions_dist.library.workshop import Bench, host_name, hosting
from regions_dist.memory.mail import MemoryMail, NoHeart
from regions_dist.memory.store import MemoryRuns
from regions_dist.ports import WorkerInfo
from regions_dist.resources.listener_sinks import ListenerSinks
from regions_dist.runtime.host import Host, OwnRegions

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.domain.plan import RegionEntry
    from regions_dist.library.assembly import Assembly
    from regions_dist.runtime.listeners import Hearing

__all__ = ["InProcess"]


class InProcess:
    """Implements Workshop with a run in memory, and all its regions hosted here."""

    def __init__(self) -> None:
        self._runs = MemoryRuns()
        self._hearings: dict[tuple[str, str], Hearing] = {}

    @asynccontextmanager
    async def at_work(self, run: str, made: Assembly) -> AsyncIterator[Bench]:
        """See Workshop."""
        names = tuple(entry.name for entry in made.plan.regions)
        info = WorkerInfo(host_name(run), socket.gethostname(), os.getpid(), names)

        async def entry_of(run: str, region: str) -> RegionEntry | None:  # noqa: ARG001  one run
            return made.own.get(region) or made.plan.entry(region)

        async with aclosing(HereResources()) as here:
            host = Host(
                MemoryMail(self._runs),
                NoHeart(),
                ProgramResources(made.find, here),
                ListenerSinks(entry_of, lambda: load_settings().home),
                owner=host_name(run),
                concurrency=max(1, len(names)),
                own=OwnRegions(made.own, self._hearings),
            )
            async with hosting(host, info) as taking:
                yield Bench(self._runs, _ThisProcess(info), (taking,), hosts_all=True)

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[MemoryRuns]:
        """See Workshop."""
        yield self._runs


class _ThisProcess:
    """Implements ports.Workers: this process is the only one."""

    def __init__(self, info: WorkerInfo) -> None:
        self._info = info

    async def list(self) -> list[WorkerInfo]:
        return [self._info]
