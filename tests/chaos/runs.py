"""Runs that are carried out while the cluster is disturbed, and how each of them ended."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regions_dist.transport import keys

if TYPE_CHECKING:
    from pathlib import Path

    from tests.chaos.cluster import Cluster
    from tests.chaos.processes import Process

__all__ = ["Failed", "Watched"]


class Failed(Exception):
    """The run failed, which none of these should."""


class Watched:
    """A run, and the coordinator that watches it: who is killed is replaced by a ``resume``."""

    def __init__(self, cluster: Cluster, run: str, plan: Path) -> None:
        self.run = run
        self.coordinator: Process | None = None
        self.gave_up: list[str] = []
        self._cluster = cluster
        self._plan = plan
        self._coordinators = 0

    async def carried_out(self) -> dict[str, Any]:
        """What the coordinator printed that saw the run's end. Raises Failed."""
        while True:
            self.coordinator = process = await self._start()
            code = await process.ended
            if code == 0:
                out = self._cluster.logs / f"{process.name}.out"
                document: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
                return document
            if not process.doomed:
                self.gave_up.append(f"{process.name} ended with {code}")
                await self._refuse_failed()

    async def _start(self) -> Process:
        self._coordinators += 1
        name = f"coordinator-{self.run}.{self._coordinators}"
        command = ["run", str(self._plan), "--run-id", self.run]
        if await self._cluster.redis.exists(keys.of_run(self.run, "run")):
            command = ["resume", self.run]
        return await self._cluster.coordinator(self.run, name, *command)

    async def _refuse_failed(self) -> None:
        head = await self._cluster.redis.hgetall(keys.of_run(self.run, "run"))
        if head.get("status") in {"failed", "cancelled"}:
            raise Failed(f"{self.run} {head['status']}: {head.get('error_message')}")
