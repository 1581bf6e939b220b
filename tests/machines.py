"""Machines of their own for workers of a Stage: each with a config, and so a home, of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

from tests.cluster import PATIENCE
from tests.stub_model import default_answer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster import Stage, WorkerProcess

__all__ = ["HeldModel", "Machines"]


class Machines:
    """Starts workers whose machine has what ``tables`` list, as TOML tables of the config."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self._stage = stage
        self._folder = folder

    async def worker(self, machine: str, *arguments: str, **tables: str) -> WorkerProcess:
        """A worker, once it is up; ``llm_default="url = …"`` is the table ``[llm.default]``."""
        home = self._folder / machine
        home.mkdir(exist_ok=True)
        texts = [f"[{name.replace('_', '.', 1)}]\n{text}" for name, text in tables.items()]
        (home / "config.toml").write_text("\n".join([f'home = "{home}"', *texts]), "utf-8")
        worker = await self._stage.worker("--config", str(home / "config.toml"), *arguments)
        await worker.logged("is up")
        return worker


class HeldModel:
    """A stub's script, no model: each request waits to be let on; most at a time are counted."""

    def __init__(self) -> None:
        self.most = self.present = 0
        self._guard = threading.Lock()
        self._come = threading.Semaphore(0)
        self._on = threading.Semaphore(0)

    def __call__(self, request: dict[str, Any]) -> str:
        """Answer once let on."""
        with self._guard:
            self.present += 1
            self.most = max(self.most, self.present)
        self._come.release()
        self._on.acquire(timeout=2 * PATIENCE)
        with self._guard:
            self.present -= 1
        return default_answer(request)

    async def asked(self, number: int = 1) -> None:
        """So many more requests have come, awaited."""
        for _ in range(number):
            assert await asyncio.to_thread(self._come.acquire, timeout=PATIENCE), "nobody asks"

    def let_on(self, number: int = 1) -> None:
        """Let so many requests be answered."""
        self._on.release(number)
