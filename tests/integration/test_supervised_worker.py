"""A supervised worker: whatever ends it, another of its name is there at once, and only one.

The lease is longer than a test waits: what runs again was freed by the supervisor.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from regions_dist.transport import keys
from regions_dist.transport.registry import RedisWorkers
from tests.cluster import PATIENCE, Stage, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.ports import WorkerInfo
    from tests.cluster import WorkerProcess

LONG_LEASE = 2 * PATIENCE
HELD = region("A", ("terminal", "reply", "a word"), kind="HeldSpeaker")
ONE_STEP = {"one": ("A",)}
STEP = "0000-001-000"


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_LEASE=str(LONG_LEASE)) as stage:
        yield stage


async def supervised(stage: Stage, *arguments: str) -> tuple[WorkerProcess, int]:
    """A supervisor, and the process of its worker, whose step has come to the gate."""
    supervisor = await stage.worker("--region", "A", "--supervise", *arguments)
    await supervisor.logged("is up")
    await stage.open(plan_of([HELD], ONE_STEP))
    return supervisor, await stage.pid_at_gate("A")


async def the_one_listed(stage: Stage, pid: int) -> WorkerInfo:
    """The only worker of the registry, once it is the process ``pid``."""
    workers = RedisWorkers(stage.url, lease=LONG_LEASE)
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                listed = await workers.list()
                if [one.pid for one in listed] == [pid]:
                    return listed[0]
    finally:
        await workers.close()


def gone(pid: int) -> bool:
    """Whether a process has ended, or does so in time; one that nobody has reaped is gone, too."""
    try:
        process = psutil.Process(pid)
        return process.status() == psutil.STATUS_ZOMBIE or process.wait(PATIENCE) is None
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return process.status() == psutil.STATUS_ZOMBIE


def forkserver_of(supervisor: WorkerProcess, child: int) -> int:
    """The process between the two."""
    parent = psutil.Process(child).parent()
    assert parent is not None
    assert parent.ppid() == supervisor.pid
    return parent.pid


@pytest.mark.alone
async def test_killed_in_mid_step_it_runs_the_step_again_in_less_than_a_second(
    stage: Stage,
) -> None:
    """Measured up to five times: other work on this machine may slow one down."""
    clock = asyncio.get_running_loop().time
    _, pid = await supervised(stage)
    for _ in range(5):
        killed = clock()
        os.kill(pid, signal.SIGKILL)
        pid = await stage.pid_at_gate("A")
        seconds = clock() - killed
        print(f"running again after {seconds:.3f} s")  # noqa: T201 pytest -s shows it
        if seconds < 1.0:
            break
    assert seconds < 1.0
    await stage.let_on("A")
    assert (await stage.succeeded()).answers == (("A", "a word"),)


async def test_what_takes_its_place_has_its_name_and_another_incarnation(stage: Stage) -> None:
    supervisor, pid = await supervised(stage, "--name", "ada")
    before = await the_one_listed(stage, pid)
    os.kill(pid, signal.SIGKILL)
    assert "worker 'A' died (killed); started again" in await supervisor.logged("died")
    again = await stage.pid_at_gate("A")

    after = await the_one_listed(stage, again)

    assert before.name == after.name == "ada"
    assert after.incarnation != before.incarnation
    token = await stage.redis.hget(keys.of_run("r", "lease:A"), "token")
    assert token.startswith(f"{after.incarnation}.")


async def test_those_who_watch_are_told_that_the_step_waits_and_runs_again(stage: Stage) -> None:
    _, pid = await supervised(stage)
    os.kill(pid, signal.SIGKILL)

    waits = await stage.event(step=STEP, status="queued", message="its worker has ended")

    await stage.event(step=STEP, status="running", after=waits.seq)


async def test_its_supervisor_told_to_leave_lets_it_finish_its_step(stage: Stage) -> None:
    supervisor, _ = await supervised(stage)
    supervisor.signal(signal.SIGTERM)
    await supervisor.logged("draining: 1 step running")
    await stage.let_on("A")

    assert await supervisor.ended() == 0

    assert (await stage.succeeded()).answers == (("A", "a word"),)


async def test_its_supervisor_told_twice_stops_it_at_once(stage: Stage) -> None:
    supervisor, pid = await supervised(stage)
    supervisor.signal(signal.SIGINT)
    await supervisor.logged("draining")
    supervisor.signal(signal.SIGINT)

    assert await supervisor.ended() == 0

    assert gone(pid)
    assert not await stage.redis.exists(keys.of_run("r", "lease:A"))


async def test_frozen_it_is_ended_by_a_supervisor_that_is_told_twice(stage: Stage) -> None:
    supervisor, pid = await supervised(stage)
    os.kill(pid, signal.SIGSTOP)
    supervisor.signal(signal.SIGTERM)
    await supervisor.logged("telling")
    supervisor.signal(signal.SIGTERM)

    assert await supervisor.ended() == 0

    assert gone(pid)
    assert not await stage.redis.exists(keys.of_run("r", "lease:A"))


async def test_its_supervisor_killed_it_hands_back_and_ends(stage: Stage) -> None:
    supervisor, pid = await supervised(stage)
    supervisor.signal(signal.SIGKILL)

    assert await supervisor.ended() == -signal.SIGKILL

    assert gone(pid)
    assert not await stage.redis.exists(keys.of_run("r", "lease:A"))


async def test_with_the_forkserver_killed_there_is_still_one_worker_and_it_is_still_kept_up(
    stage: Stage,
) -> None:
    supervisor, pid = await supervised(stage)
    forkserver = forkserver_of(supervisor, pid)
    os.kill(forkserver, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)

    again = await stage.pid_at_gate("A")

    assert gone(pid)
    assert forkserver_of(supervisor, again) != forkserver
    await the_one_listed(stage, again)
    await stage.let_on("A")
    await stage.succeeded()
    assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "2"


async def test_with_the_forkserver_killed_its_supervisor_still_drains_it(stage: Stage) -> None:
    supervisor, pid = await supervised(stage)
    os.kill(forkserver_of(supervisor, pid), signal.SIGKILL)
    supervisor.signal(signal.SIGTERM)
    await supervisor.logged("draining")
    await stage.let_on("A")

    assert await supervisor.ended() == 0

    assert gone(pid)
    await stage.succeeded()


async def test_dying_again_and_again_it_is_started_ever_more_slowly(stage: Stage) -> None:
    supervisor = await stage.worker("--region", "A", "--supervise")
    await supervisor.logged("is up")
    await stage.open(plan_of([region("A", kind="Deadly")], ONE_STEP))

    for pause in ("0.1 s", "0.2 s", "0.4 s", "0.8 s"):
        line = await supervisor.logged("worker 'A' died (killed) again; next try in")
        assert line.rstrip().endswith(pause)


async def test_refused_by_the_broker_it_is_not_started_again(stage: Stage) -> None:
    refused = stage.url.replace("unix://:", "unix://:not-")
    supervisor = await stage.worker("--region", "A", "--supervise", "--redis", refused)

    await supervisor.logged("refuses the password")

    assert await supervisor.ended() == 2
