"""A worker that is told to leave: it drains, hands back what it cannot finish, and ends in time.

The lease is longer than a test waits, so that only what was handed back can be taken over.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from regions_dist.transport import keys
from regions_dist.transport.registry import RedisWorkers
from tests.cluster import PATIENCE, Stage, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import WorkerProcess
    from tests.killable_broker import KillableBroker

LONG_LEASE = 2 * PATIENCE
HELD = region("A", ("terminal", "reply", "a word"), kind="HeldSpeaker")
STONE = region("A", kind="Stone")
ONE_STEP = {"one": ("A",)}


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_LEASE=str(LONG_LEASE)) as stage:
        yield stage


async def at_work(stage: Stage, *arguments: str) -> WorkerProcess:
    """A worker whose step of region A has come to the gate."""
    worker = await stage.worker("--region", "A", *arguments)
    await worker.logged("is up")
    await stage.open(plan_of([HELD], ONE_STEP, ONE_STEP))
    await stage.at_gate("A")
    return worker


async def standby_of(stage: Stage) -> WorkerProcess:
    """Another worker for region A, which waits for its lease."""
    worker = await stage.hosts("A")
    await worker.logged("is up")
    return worker


async def epoch(stage: Stage) -> str:
    """How often region A was taken."""
    return str(await stage.redis.hget(keys.of_run("r", "fence"), "A"))


async def test_told_to_leave_it_finishes_the_step_that_runs_and_takes_no_other(
    stage: Stage,
) -> None:
    worker = await at_work(stage)
    worker.signal(signal.SIGTERM)
    await worker.logged("draining: 1 step running, up to 29 s; a second signal stops at once")
    await stage.let_on("A")

    assert await worker.ended() == 0

    await stage.event(step="0001-001-000", status="queued")
    assert await epoch(stage) == "1"
    assert await stage.redis.hkeys(keys.of_run("r", "done")) == ["0000-001-000"]


@pytest.fixture
async def workers(broker_url: str) -> AsyncIterator[RedisWorkers]:
    workers = RedisWorkers(broker_url, lease=LONG_LEASE)
    yield workers
    await workers.close()


async def test_having_left_it_is_in_no_list(stage: Stage, workers: RedisWorkers) -> None:
    worker = await stage.worker("--region", "A", "--postmaster")
    async with asyncio.timeout(PATIENCE):
        while not (listed := await workers.list()):
            pass  # it has not beaten yet
    assert [one.pid for one in listed] == [worker.pid]
    worker.signal(signal.SIGINT)

    assert await worker.ended() == 0

    assert await workers.list() == []
    assert not await stage.redis.exists(keys.POSTMASTER)


async def test_what_is_unfinished_when_the_grace_is_over_a_standby_has_at_once(
    stage: Stage,
) -> None:
    worker = await at_work(stage, "--grace", "1")
    heir = await standby_of(stage)
    worker.signal(signal.SIGTERM)

    assert await stage.at_gate("A") is heir

    assert await worker.ended() == 0
    await stage.let_on("A", 2)
    assert (await stage.succeeded()).answers == (("A", "a word"),) * 2


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_stops_it_at_once_and_a_standby_has_its_step(
    stage: Stage, second: signal.Signals
) -> None:
    worker = await at_work(stage)
    heir = await standby_of(stage)
    worker.signal(signal.SIGTERM)
    await worker.logged("draining")
    worker.signal(second)

    assert await worker.ended() == 0

    assert await stage.at_gate("A") is heir


async def test_told_to_leave_in_a_step_that_blocks_it_it_ends_all_the_same(stage: Stage) -> None:
    worker = await stage.hosts("A")
    await stage.open(plan_of([STONE], ONE_STEP))
    await stage.at_gate("A")
    worker.signal(signal.SIGTERM)
    await worker.logged("draining")
    worker.signal(signal.SIGTERM)

    assert await worker.ended() == 0

    assert not await stage.redis.exists(keys.of_run("r", "lease:A"))
    event = await stage.event(step="0000-001-000", message="its worker has ended")
    assert event.fields["status"] == "queued"


async def test_a_standby_that_is_told_to_leave_waits_for_nobody(stage: Stage) -> None:
    await at_work(stage)
    standby = await standby_of(stage)
    standby.signal(signal.SIGTERM)
    await standby.logged("draining: 0 steps running")

    assert await standby.ended() == 0

    assert await epoch(stage) == "1"
    await stage.let_on("A", 2)
    await stage.succeeded()


@pytest.mark.alone
@pytest.mark.parametrize("away", [signal.SIGKILL, signal.SIGSTOP])
async def test_with_the_broker_away_it_ends_within_its_grace(
    stage: Stage, broker: KillableBroker, away: signal.Signals
) -> None:
    worker = await at_work(stage, "--grace", "2")
    broker.tell(away)
    clock = asyncio.get_running_loop().time
    told = clock()
    worker.signal(signal.SIGTERM)

    assert await worker.ended() == 0

    assert clock() - told < 2 + SLACK


@pytest.mark.alone
@pytest.mark.parametrize("away", [signal.SIGKILL, signal.SIGSTOP])
async def test_with_the_broker_away_a_second_signal_still_stops_it_at_once(
    stage: Stage, broker: KillableBroker, away: signal.Signals
) -> None:
    worker = await at_work(stage)
    worker.signal(signal.SIGTERM)
    await worker.logged("draining")
    broker.tell(away)
    clock = asyncio.get_running_loop().time
    told = clock()
    worker.signal(signal.SIGTERM)

    assert await worker.ended() == 0

    assert clock() - told < 1 + SLACK


SLACK = 2.0
"""Seconds for a machine that is busy with other things."""
