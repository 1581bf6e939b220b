"""Operating system processes of a cluster: started, sent signals, and known to have ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from regions_dist.embedded.processes import Household
from workers.region import spawned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from regions_dist.config import Settings
    from regions_dist.ports import WorkerInfo

__all__ = ["Member", "Process", "forked", "script"]

_ROOT = Path(__file__).parents[2]


class Process:
    """A started process. ``doomed`` once it has been killed here: it did not end by itself."""

    def __init__(self, name: str, pid: int, ended: asyncio.Future[int]) -> None:
        self.name = name
        self.pid = pid
        self.ended = ended
        self.doomed = False
        self.stopped = False

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal, if it is still there."""
        self.stopped = number == signal.SIGSTOP
        if not self.ended.done():
            os.kill(self.pid, number)

    async def kill(self) -> None:
        """Kill -9 it, stopped or not, and wait until it is gone."""
        self.doomed = True
        self.tell(signal.SIGKILL)
        await self.ended


class Member:
    """A place in the cluster: whatever is done to its process, there is one again.

    Each process that takes the place is called ``<name>.<generation>``.
    """

    def __init__(self, name: str, start: Callable[[str], Awaitable[Process]]) -> None:
        self.name = name
        self.ended_unasked: list[str] = []
        self._start = start
        self._generation = 0
        self.process: Process

    async def start(self) -> None:
        """Start the next process of this place."""
        self._generation += 1
        self.process = process = await self._start(f"{self.name}.{self._generation}")
        process.ended.add_done_callback(lambda ended: self._note(process, ended))

    def _note(self, process: Process, ended: asyncio.Future[int]) -> None:
        if not (process.doomed or ended.cancelled()):
            self.ended_unasked.append(f"{process.name} ended with {ended.result()}")


async def forked(settings: Settings, worker: WorkerInfo, log: Path) -> Process:
    """A worker forked from a warmed server, as a coordinator starts those of its own machine."""
    household = Household()
    child = household.start(spawned, settings, worker, name=worker.name, log=log)
    assert child.pid is not None
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def over() -> None:
        loop.remove_reader(child.sentinel)
        code = child.exitcode
        household.stop(grace=0)
        ended.set_result(-1 if code is None else code)

    loop.add_reader(child.sentinel, over)
    return Process(worker.name, child.pid, ended)


async def script(
    name: str, arguments: list[str], environment: Mapping[str, str], log: Path, out: Path
) -> Process:
    """One of this installation's console scripts: its stderr goes to ``log``, stdout to ``out``."""
    command = [str(Path(sys.executable).with_name(arguments[0])), *arguments[1:]]
    with log.open("ab") as errors, out.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=_ROOT,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
    return Process(name, process.pid, asyncio.ensure_future(process.wait()))
