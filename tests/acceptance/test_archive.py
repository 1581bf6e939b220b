"""Commands archive what the broker need not keep, and find it again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
import redis

from regions_dist.coordinator.archiving import KEPT
from regions_dist.domain.schedule import schedule
from regions_dist.transport import keys
from regions_dist.transport.run_store import RedisRunStore
from tests.acceptance.shell import TIMEOUT
from tests.cluster import outside, region
from tests.cluster import plan_of as staged_plan

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell

ECHO = {"name": "Echo", "type": "BroadcastRegion", "connections": {"terminal": "Hears it."}}
PLAN = {
    "version": 1,
    "regions": [ECHO],
    "layer_config": [{"only": ["Echo"]}],
    "execution_config": [[["Echo", "broadcast"]]],
}


async def open_finished(broker_url: str, *names: str) -> None:
    """Runs that have nothing to do, so that they are finished when they are opened."""
    store = RedisRunStore(broker_url)
    plan = staged_plan([region("A")], {})
    for name in names:
        await store.open(name, plan, schedule(plan), [outside("Nowhere", f"to {name}")])
    await store.close()


@pytest.fixture
def full_broker(broker_url: str) -> str:
    """A broker with a hundred finished runs, the one that finished first called ``oldest``."""
    names = (f"run-{number}" for number in range(1, KEPT))
    asyncio.run(open_finished(broker_url, "oldest", *names))
    return broker_url


def test_the_end_of_a_run_archives_the_one_that_is_too_many_and_its_trace_stays(
    shell: Shell, full_broker: str
) -> None:
    cluster = ("--redis", full_broker)
    before = shell.coordinator("trace", "oldest", "--json", *cluster)
    assert "to oldest" in before.out
    shell.worker("--region", "Echo", *cluster)

    ended = shell.coordinator(
        "run", shell.write("plan.json", PLAN), "--ask", "Echo=hello", "--run-id", "new", *cluster
    )

    assert (ended.code, ended.out) == (0, "terminal: hello\n"), ended.err
    file = shell.home / "archive" / "oldest.jsonl"
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert shell.coordinator("trace", "oldest", "--json", *cluster) == before
    resumed = shell.coordinator("resume", "oldest", *cluster)
    assert (resumed.code, resumed.out) == (2, "")
    assert f"archive is {file}" in resumed.err
    again = shell.coordinator("run", shell.folder / "plan.json", "--run-id", "oldest", *cluster)
    assert again.code == 2
    assert f"is archived in {file}" in again.err


def test_what_has_piled_up_is_archived_while_a_run_is_watched(
    shell: Shell, full_broker: str
) -> None:
    asyncio.run(open_finished(full_broker, "one-too-many"))
    plan = shell.write("plan.json", PLAN)
    watching = shell.start("regions-coordinator", "run", plan, "--redis", full_broker)

    deadline = time.monotonic() + TIMEOUT
    with redis.Redis.from_url(full_broker) as broker:
        while broker.exists(keys.of_run("oldest", "run")):
            assert time.monotonic() < deadline, watching.err

    assert [path.name for path in (shell.home / "archive").iterdir()] == ["oldest.jsonl"]
    assert watching.process.poll() is None
