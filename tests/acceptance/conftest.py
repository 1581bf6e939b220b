"""The commands, a stub of a model server and a broker, fresh for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.embedded.broker import Broker
from tests.acceptance.shell import Shell
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """The commands, with a home in ``tmp_path``."""
    shell = Shell(tmp_path)
    yield shell
    shell.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Shell]:
    """The commands on another machine: with a home, and a folder, of its own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shell = Shell(folder)
    yield shell
    shell.close()


@pytest.fixture
def stub(shell: Shell) -> Iterator[StubModel]:
    """A stub of a model server that the commands use as model and embedder."""
    with StubModel() as stub:
        shell.environment |= {"REGIONS_LLM_URL": stub.url, "REGIONS_EMBEDDING_URL": stub.url}
        yield stub


@pytest.fixture
def model() -> Iterator[StubModel]:
    """A stub of a model server that commands use only where they are told its address."""
    with StubModel() as stub:
        yield stub


@pytest.fixture
def broker_url(tmp_path: Path) -> Iterator[str]:
    """The URL, password and all, of a broker that runs."""
    broker = Broker(tmp_path / "broker")
    yield broker.start()
    broker.stop()
