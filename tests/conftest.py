"""Rules for all tiers."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from regions_dist.embedded.model_file import find_or_fetch
from regions_dist.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Tests that were started in the background ignore Ctrl-C, and so would the commands they try.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped has failed: what it needs has to be there."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is not allowed in CI: {report.longrepr}"
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that run alone come last: none of them keeps others waiting in the middle."""
    items.sort(key=lambda item: item.get_closest_marker("alone") is not None)


@pytest.fixture(autouse=True)
def _company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Where several tests run at a time, one that is marked ``alone`` waits until no other does."""
    if not hasattr(request.config, "workerinput"):
        yield
        return
    import fcntl  # noqa: PLC0415 not on Windows

    alone = request.node.get_closest_marker("alone") is not None
    with (tmp_path_factory.getbasetemp().parent / "company").open("w") as company:
        fcntl.flock(company, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


@pytest.fixture(scope="session")
def model_file() -> Path:
    """The small language model's file, a real one; fetched where it is not there yet."""
    try:
        return find_or_fetch(print)
    except ModelUnavailable as error:
        pytest.skip(error.message)
