"""Operating system processes of a cluster: started, sent signals, and known to have ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from regions_dist.embedded.processes import Household
from workers.region import spawned

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from workers.region import WorkerSpec

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
        self.doomed |= number == signal.SIGKILL
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def kill(self) -> None:
        """Kill -9 it, stopped or not, and wait until it is gone."""
        self.tell(signal.SIGKILL)
        await self.ended

    def kill_child(self) -> bool:
        """Kill -9 the worker that this process supervises; False where there is none just now."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.pid).children(recursive=True):
                if child.ppid() != self.pid:  # that is the server that forks
                    child.kill()
                    return True
        return False


class Member:
    """A place in the cluster: whatever is done to its process, there is one again.

    Each process that takes the place is called ``<name>.<generation>``. Where it is
    ``supervised``, the process is a supervisor, whose children are called the same.
    """

    def __init__(
        self, name: str, start: Callable[[str], Awaitable[Process]], *, supervised: bool = False
    ) -> None:
        self.name = name
        self.supervised = supervised
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


async def forked(spec: WorkerSpec, log: Path) -> Process:
    """A worker forked from a warmed server, as a coordinator starts those of its own machine."""
    household = Household()
    name = spec.info.name
    child = household.start(spawned, spec, name=name, log=log)

    async def ended() -> int:
        code = await child.ended()
        household.stop(grace=0)
        return code

    return Process(name, child.pid, asyncio.ensure_future(ended()))


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
