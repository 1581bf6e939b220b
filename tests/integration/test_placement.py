"""Regions that a plan places: who takes their steps, and who takes over, on a real broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.plan import Placement
from regions_dist.ports import WorkerInfo
from regions_dist.transport.registry import Heartbeat, RedisWorkers
from tests.cluster import LEASE, Stage, WorkerProcess, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HELD = region("A", kind="HeldSpeaker")
OTHER = region("B", kind="HeldSpeaker")
ONE = {"one": ("A",)}


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def up(stage: Stage, *arguments: str) -> WorkerProcess:
    """A worker that is up."""
    worker = await stage.worker(*arguments)
    await worker.logged("is up")
    return worker


@pytest.mark.parametrize(
    ("place", "arguments"),
    [
        (Placement(worker="nas"), ("--name", "nas")),
        (Placement(pool="gpu"), ("--pool", "gpu")),
        (Placement(labels={"ssd": "yes"}), ("--label", "ssd=yes", "--label", "gb=64")),
    ],
    ids=["worker", "pool", "labels"],
)
async def test_a_placed_region_runs_where_it_is_placed_and_others_leave_it_alone(
    stage: Stage, place: Placement, arguments: tuple[str, ...]
) -> None:
    await up(stage, "--region", "A", "--region", "B")
    await stage.open(plan_of([HELD, OTHER], ONE | {"two": ("B",)}, placement={"A": place}))
    await stage.at_gate("B")
    await stage.let_on("B")
    await stage.event(type="step", region="B", status="done")
    assert await stage.redis.llen("waiting:A") == 0

    chosen = await up(stage, *arguments)

    assert await stage.at_gate("A") is chosen
    await stage.let_on("A")
    await stage.succeeded()


async def test_a_worker_of_the_pool_takes_over_from_one_that_was_killed(stage: Stage) -> None:
    for arguments in (["--pool", "gpu"], ["--pool", "gpu", "--pool", "more"], ["--region", "A"]):
        await up(stage, *arguments)
    *pool, outsider = stage.workers
    await stage.open(plan_of([HELD], ONE, placement={"A": Placement(pool="gpu")}))
    first = await stage.at_gate("A")

    await first.killed()

    second = await stage.at_gate("A")
    assert {first, second} == set(pool)
    assert outsider not in {first, second}
    await stage.let_on("A")
    await stage.succeeded()


async def test_who_is_not_of_the_pool_takes_over_what_is_not_placed_and_never_what_is(
    stage: Stage,
) -> None:
    await up(stage, "--pool", "gpu")
    await stage.open(plan_of([HELD], ONE, placement={"A": Placement(pool="gpu")}))
    first = await stage.at_gate("A")
    await up(stage, "--region", "B")
    await stage.open(plan_of([OTHER], {"one": ("B",)}), run="other")
    doomed = await stage.at_gate("B")
    outsider = await up(stage, "--region", "A", "--region", "B")

    await first.killed()
    await doomed.killed()
    assert await stage.at_gate("B") is outsider, "it takes over what died later"

    assert await stage.redis.llen("waiting:A") == 0
    second = await up(stage, "--pool", "gpu")
    assert await stage.at_gate("A") is second
    await stage.let_on("A")
    await stage.let_on("B")
    await stage.succeeded()


async def test_a_worker_tells_its_pools_and_labels(stage: Stage) -> None:
    worker = WorkerInfo("nas", "host", 1, pools=("gpu", "disk"), labels={"ssd": "yes"})
    heart = Heartbeat(stage.url, worker, lease=LEASE)
    workers = RedisWorkers(stage.url, lease=LEASE)
    heart.start()
    try:
        await stage.redis.hset("regions:workers", "odd", '{"labels": 3}')
        while not (listed := await workers.list()):
            pass
    finally:
        heart.stop()
        await workers.close()
    assert [(each.name, each.pools, each.labels) for each in listed] == [
        ("nas", worker.pools, worker.labels)
    ]
