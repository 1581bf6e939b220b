"""Fixtures for pytest: ``pytest_plugins = ["regions_dist.testing.fixtures"]`` in a conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.testing.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["regions_cluster"]


@pytest.fixture
def regions_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster in this process, for one test: a broker that is empty, and no worker yet."""
    with Cluster(tmp_path / "regions") as cluster:
        yield cluster
