"""A real broker for each test that asks for one: fresh, empty, and gone afterwards."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from regions_dist.embedded.broker import Broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class KillableBroker(Broker):
    """The embedded broker, started, that a test can kill and start again at the same URL."""

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


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KillableBroker]:
    """A started broker: ``url``, ``pid``, ``folder``, ``kill()``, ``restart()``."""
    broker = KillableBroker(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture
def broker_url(broker: KillableBroker) -> str:
    """The URL of a started, empty broker."""
    return broker.url
