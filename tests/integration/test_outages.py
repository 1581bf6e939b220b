"""A broker that is frozen, killed, restarted, or has lost its memory, under real workers."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import pytest

from regions_dist.errors import RunLost
from regions_dist.transport import keys
from tests.cluster import PATIENCE, Stage, outside, plan_of, region
from tests.door import Door

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import WorkerProcess
    from tests.killable_broker import KillableBroker

ONE, TWO, B = region("One"), region("Two"), region("B")
BOTH = {"one": ("One",), "two": ("Two",)}
FIRST, SECOND = "0000-001-000", "0001-001-000"
SHORT = 0.15
"""Seconds of a lease that an outage outlasts several times before it is worth a word."""


@pytest.fixture
async def stage(broker: KillableBroker) -> AsyncIterator[Stage]:
    async with Stage(broker.url, REGIONS_LEASE=str(SHORT)) as stage:
        yield stage
        broker.thaw()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with Door() as door:
        yield door


@pytest.mark.alone
async def test_a_frozen_broker_is_noticed_within_five_seconds_and_survived(
    stage: Stage, broker: KillableBroker, door: Door
) -> None:
    worker = await stage.hosts("A")
    await stage.open(plan_of([door.region("A")], {"one": ("A",)}, {"one": ("A",)}))
    step = await door.knock()
    clock = asyncio.get_running_loop().time
    frozen = clock()
    broker.freeze()

    line = await worker.logged("does not answer")

    assert clock() - frozen < 5
    assert "waiting for it: the run goes on when it is back" in line
    broker.thaw()
    thawed = clock()
    await worker.logged("the broker is back")
    await door.let_on(step)
    await door.let_on()
    assert (await stage.succeeded()).answers == (("A", "a word"),) * 2
    assert clock() - thawed < 5


@pytest.mark.alone
@pytest.mark.parametrize("fsync", ["everysec", "always"])
async def test_workers_and_postmaster_go_on_within_five_seconds_of_a_killed_brokers_return(
    stage: Stage, broker: KillableBroker, door: Door, fsync: str
) -> None:
    await stage.redis.config_set("appendfsync", fsync)
    processes = [await stage.hosts("A"), await stage.hosts("B"), await stage.worker("--postmaster")]
    plan = plan_of([door.region("A"), B], *[{"one": ("A",), "two": ("B",)}] * 2)
    await stage.open(plan, outside("A"))
    step = await door.knock()
    broker.kill()
    for process in processes:
        await process.logged("does not answer")
    clock = asyncio.get_running_loop().time

    broker.restart()

    back = clock()
    await door.let_on(step)
    await door.let_on()
    assert (await stage.succeeded()).answers == (("A", "a word"),) * 2
    assert clock() - back < 5


@pytest.mark.parametrize("frozen", [True, False])
async def test_a_step_outlasts_an_outage_of_several_leases_with_a_standby_watching(
    stage: Stage, broker: KillableBroker, door: Door, *, frozen: bool
) -> None:
    workers = [await stage.hosts("One", "A"), await stage.hosts("Two", "A")]
    await stage.open(plan_of([door.region("A"), ONE, TWO], BOTH, {"one": ("A",)}))
    step = await door.knock()
    down, up = (broker.freeze, broker.thaw) if frozen else (broker.kill, broker.restart)
    down()
    for worker in workers:
        await worker.logged("does not answer")
    up()
    for worker in workers:
        await worker.logged("the broker is back")

    await door.let_on(step)

    assert (await stage.succeeded()).answers == (("A", "a word"),)
    assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "1"


async def test_an_outage_is_told_once_a_process_however_many_wait(
    stage: Stage, broker: KillableBroker
) -> None:
    worker = await stage.worker(*("--region", "A", "--region", "B", "--postmaster"))
    plan = plan_of([region("A"), B], {"one": ("A",), "two": ("B",)})
    await stage.open(plan)
    await stage.succeeded()
    broker.kill()

    lines = [await worker.logged("does not answer")]
    broker.restart()
    lines += await worker.until("the broker is back")

    assert len([line for line in lines if "broker" in line]) == 2, lines


async def test_workers_drop_a_run_that_the_broker_has_lost_and_do_the_next(
    stage: Stage, broker: KillableBroker, door: Door
) -> None:
    worker = await stage.hosts("A")
    await stage.open(plan_of([door.region("A")], {"one": ("A",)}))
    await door.knock()

    broker.lose_memory()

    await worker.logged(f"{FIRST} A.say is abandoned")
    await worker.logged("run r is dropped")
    await stage.open(plan_of([region("A")], {"one": ("A",)}), run="r")
    assert (await stage.succeeded()).status == "succeeded"


async def test_a_run_emptied_away_under_live_connections_is_dropped_too(stage: Stage) -> None:
    worker = await stage.hosts("A")
    await stage.open(plan_of([region("A"), B], {"one": ("A",)}, {"one": ("B",)}))
    await stage.event(step=FIRST, status="done")

    await stage.redis.flushall()

    await worker.logged("run r is dropped")
    await stage.open(plan_of([region("A")], {"one": ("A",)}), run="next")
    await stage.succeeded("next")


async def test_who_follows_a_run_that_is_lost_is_told(stage: Stage, broker: KillableBroker) -> None:
    await stage.open(plan_of([B], {"one": ("B",)}))
    waiting = asyncio.create_task(stage.event(step=FIRST, status="running"))
    await stage.event(step=FIRST, status="queued")

    broker.lose_memory()

    with pytest.raises(RunLost, match="the broker has lost the run 'r'"):
        await asyncio.wait_for(waiting, 5)


async def test_a_later_run_of_the_same_name_is_not_taken_for_the_lost_one(stage: Stage) -> None:
    plan = plan_of([B], {"one": ("B",)})
    await stage.open(plan)
    events = stage.store.events("r")
    assert await anext(events) is not None

    await stage.redis.flushall()
    await stage.open(plan)

    with pytest.raises(RunLost):
        async for _ in events:
            pass


async def test_a_step_of_a_cancelled_run_is_abandoned_soon(stage: Stage, door: Door) -> None:
    worker = await stage.hosts("A")
    await stage.open(plan_of([door.region("A")], {"one": ("A",)}))
    await door.knock()

    await stage.store.steer("r", "cancel")

    await worker.logged(f"{FIRST} A.say is abandoned")


async def test_who_lost_its_lease_stands_by_and_takes_over_from_the_heir(
    stage: Stage,
) -> None:
    first, second = await stage.hosts("One", "A"), await stage.hosts("Two", "A")
    held = region("A", ("terminal", "reply", "a word"), kind="HeldSpeaker")
    await stage.open(plan_of([held, ONE, TWO], BOTH, {"one": ("A",)}))
    owner = await stage.at_gate("A")
    owner.signal(signal.SIGSTOP)
    heir = await stage.at_gate("A")
    assert {owner, heir} == {first, second}
    owner.signal(signal.SIGCONT)
    await owner.logged(f"{SECOND} A.say is abandoned")

    await heir.killed()

    assert await stage.at_gate("A") is owner
    await stage.let_on("A", 3)
    assert (await stage.succeeded()).answers == (("A", "a word"),)


async def test_a_standby_that_was_stopped_does_not_take_over_from_a_live_owner(
    stage: Stage, door: Door
) -> None:
    workers = [await stage.hosts("One", "A"), await stage.hosts("Two", "A")]
    await stage.open(plan_of([door.region("A"), ONE, TWO], BOTH, {"one": ("A",)}))
    running = await stage.event(step=SECOND, status="running")
    (standby,) = (w for w in workers if str(w.pid) not in running.fields["worker"].split("-"))
    (owner,) = (w for w in workers if w is not standby)

    for _ in range(3):
        standby.signal(signal.SIGSTOP)
        await beats(stage, owner, 12)
        standby.signal(signal.SIGCONT)
        await beats(stage, standby, 6)

    await door.let_on()
    await stage.succeeded()
    assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "1"


async def test_a_worker_that_was_stopped_says_so(stage: Stage) -> None:
    stopped, other = await stage.hosts("A"), await stage.hosts("B")
    await stopped.logged("is up")
    await beats(stage, stopped, 1)
    stopped.signal(signal.SIGSTOP)
    await beats(stage, other, 60)

    stopped.signal(signal.SIGCONT)

    line = await stopped.logged("this process was stopped")
    assert "checking what is still ours" in line


async def beats(stage: Stage, worker: WorkerProcess, number: int) -> None:
    """Wait until a worker has beaten so often; it does so three times a lease."""
    async with asyncio.timeout(PATIENCE), stage.redis.monitor() as seen:
        while number:
            command = (await seen.next_command())["command"]
            number -= command.startswith("HSET regions:workers") and f"-{worker.pid}-" in command


@pytest.mark.parametrize("busy", [False, True])
async def test_a_step_that_blocks_its_loop_for_thirty_leases_is_never_started_twice(
    broker: KillableBroker, *, busy: bool
) -> None:
    lease = 0.3
    slow = region("A", kind="Blocker", seconds=31 * lease, busy=busy)
    async with Stage(broker.url, REGIONS_LEASE=str(lease)) as stage:
        await stage.hosts("One", "A")
        await stage.hosts("Two", "A")
        await stage.open(plan_of([slow, ONE, TWO], BOTH, {"one": ("A",)}))

        view = await stage.succeeded()

        assert view.layers[1].seconds > 30 * lease
        assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "1"
