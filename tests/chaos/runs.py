"""Runs that are carried out while the cluster is disturbed, and how each of them ended."""

from __future__ import annotations

import asyncio
import json
import signal
from typing import TYPE_CHECKING, Any

from regions_dist.transport import keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.cluster import Cluster
    from tests.chaos.processes import Process

__all__ = ["Failed", "Watched"]


_UNREACHABLE = 3
"""Exit code of a coordinator that finds no broker when it starts."""


class Failed(Exception):
    """The run failed, which none of these should."""


class Watched:
    """A run, and the coordinators that watch it: who is killed is replaced by a ``resume``.

    ``coordinators`` are those that live; ``gave_up`` tells who ended otherwise than he should.
    """

    def __init__(self, cluster: Cluster, run: str, plan: Path) -> None:
        self.run = run
        self.coordinators: list[Process] = []
        self.gave_up: list[str] = []
        self._cluster = cluster
        self._plan = plan
        self._started = 0
        self._others: list[asyncio.Task[dict[str, Any]]] = []

    async def carried_out(self) -> dict[str, Any]:
        """What the coordinator printed that saw the run's end; all others saw the same.

        Raises Failed.
        """
        try:
            told = await self._seen_to_its_end("run", str(self._plan), "--run-id", self.run)
            for other in self._others:  # which may become more meanwhile
                if _in_short(await other) != _in_short(told):
                    self.gave_up.append(f"two coordinators of {self.run} saw different ends")
        finally:
            for task in self._others:
                task.cancel()
        return told

    def join(self, *, pause: bool) -> None:
        """Have another coordinator resume the run, and watch it from then on.

        With ``pause`` the run is paused before, as by somebody at another machine.
        """
        self._others.append(asyncio.create_task(self._joined(pause=pause)))

    async def _joined(self, *, pause: bool) -> dict[str, Any]:
        if pause:
            await self._command("pause", self.run)
        return await self._seen_to_its_end("resume", self.run)

    async def _seen_to_its_end(self, *command: str) -> dict[str, Any]:
        while True:
            if told := await self._command(*command):
                return told
            if await self._cluster.redis.exists(keys.of_run(self.run, "run")):
                command = ("resume", self.run)

    async def _command(self, *command: str) -> dict[str, Any] | None:
        """What the command printed; None where it was killed."""
        self._started += 1
        outages = self._cluster.outages
        name = f"coordinator-{self.run}.{self._started}"
        process = await self._cluster.coordinator(self.run, name, *command)
        self.coordinators.append(process)
        try:
            code = await asyncio.shield(process.ended)
        finally:
            self.coordinators.remove(process)
            if not process.ended.done():
                process.tell(signal.SIGKILL)
        if code == 0:
            out = self._cluster.logs / f"{name}.out"
            document: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
            return document
        if not (process.doomed or (code == _UNREACHABLE and self._cluster.outages > outages)):
            self.gave_up.append(f"{name} ({command[0]}) ended with {code}")
            await self._refuse_failed()
        return None

    async def _refuse_failed(self) -> None:
        head = await self._cluster.redis.hgetall(keys.of_run(self.run, "run"))
        if head.get("status") in {"failed", "cancelled"}:
            raise Failed(f"{self.run} {head['status']}: {head.get('error_message')}")


def _in_short(told: dict[str, Any]) -> tuple[Any, ...]:
    return told["status"], told["answers"], told["messages"]
