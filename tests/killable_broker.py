"""The embedded broker, started, for tests that kill it, freeze it, and make it forget."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING

import psutil

from regions_dist.embedded.broker import Broker

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KillableBroker"]


class KillableBroker(Broker):
    """A broker that can be brought down and back at the same URL."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.url = self.start()

    def kill(self) -> None:
        """Kill -9 the server, and wait until it is gone."""
        assert self.pid is not None
        server = psutil.Process(self.pid)
        os.kill(self.pid, signal.SIGKILL)
        server.wait(timeout=10)

    def restart(self) -> None:
        """Start the server again on what it left, at the same URL."""
        assert self.start() == self.url

    def lose_memory(self) -> None:
        """Kill -9 the server, and start it again without its data."""
        self.kill()
        shutil.rmtree(self.folder / "appendonlydir")
        self.restart()

    def tell(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        assert self.pid is not None
        os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop the server: it keeps its connections, and answers nothing."""
        self.tell(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.tell(signal.SIGCONT)

    def stop(self) -> None:
        """End the server, frozen or not, its data safe on disk."""
        if self.pid is not None and psutil.pid_exists(self.pid):
            self.thaw()
        super().stop()
