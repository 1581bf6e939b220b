"""A real broker for each test that asks for one: fresh, empty, and gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.killable_broker import KillableBroker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KillableBroker]:
    """A started broker, which can be killed, frozen and restarted."""
    broker = KillableBroker(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture
def broker_url(broker: KillableBroker) -> str:
    """The URL of a started, empty broker."""
    return broker.url
