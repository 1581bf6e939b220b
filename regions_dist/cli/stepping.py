"""Stops of a run that is watched: it is said what lets it go on, and Enter does so step by step."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from regions_dist.cli.progress import title
from regions_dist.coordinator.watch import has_stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place
    from regions_dist.ports import WatchedRuns

__all__ = ["Lines", "Stops"]

log = logging.getLogger(__name__)


class Lines:
    """Lines on stdin, one after another, also those that came before they were asked for."""

    def __init__(self) -> None:
        self.ended = False
        self._come: asyncio.Queue[bool] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    async def one(self) -> bool:
        """Wait for a line; False where no more will come."""
        line = not (self.ended and self._come.empty()) and await self._come.get()
        self.ended = not line
        return line

    def _read(self) -> None:
        # Not by way of sys.stdin, whose lock would hold up the end of this process.
        with suppress(OSError, RuntimeError):  # there is no stdin; the loop is closed
            while text := os.read(0, 4096):
                for _ in range(text.count(b"\n")):
                    self._put(True)  # noqa: FBT003
        with suppress(RuntimeError):
            self._put(False)  # noqa: FBT003

    def _put(self, line: bool) -> None:  # noqa: FBT001
        self._loop.call_soon_threadsafe(self._come.put_nowait, line)


class Stops:
    """Says when the run stops. With ``lines`` each of them lets it enter one layer."""

    def __init__(
        self,
        run: str,
        places: Sequence[Place],
        store: WatchedRuns,
        say: Callable[[str], None],
        lines: Lines | None = None,
    ) -> None:
        self._run = run
        self._places = places
        self._store = store
        self._say = say
        self._lines = lines
        self._waiting: asyncio.Task[None] | None = None

    def handle(self, event: Event) -> None:
        """Take up one event of the run."""
        if event.type != "run":
            return
        self.close()
        if has_stopped(event):
            self._stopped(int(event.fields["where"]))
        elif event.fields["status"] == "paused":
            self._say(f"run paused; go on with: {self._resume}")

    def close(self) -> None:
        """Wait for no line any more."""
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _stopped(self, place: int) -> None:
        stop = f"stopped before {title(self._places, place)}"
        if self._lines is None or self._lines.ended:
            self._say(f"{stop}; go on with: {self._resume}")
            return
        self._say(f"{stop}: Enter goes on, and so does: {self._resume}")
        self._waiting = asyncio.create_task(self._on_line(self._lines, place))
        self._waiting.add_done_callback(_report)

    async def _on_line(self, lines: Lines, place: int) -> None:
        if await lines.one():
            await self._store.resume(self._run, before=place)

    @property
    def _resume(self) -> str:
        return f"regions-coordinator resume {self._run}"


def _report(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("could not let the run go on: %s", error)
