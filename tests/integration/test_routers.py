"""Several who route, and routers that die: order is kept, and nothing is lost or done twice."""

from __future__ import annotations

import signal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from regions_dist.transport import keys
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import Says

FIRST = "0000-001-000"
TO_B: tuple[Says, ...] = tuple(("B", "reply", f"{number:03}") for number in range(300))


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def test_a_run_goes_on_when_its_postmaster_is_killed_and_when_another_comes(
    stage: Stage,
) -> None:
    ring = [region(n, kind="BroadcastRegion", connections=[to]) for n, to in ("AB", "BA")]
    turns = [{"one": ("A" if number % 2 == 0 else "B",)} for number in range(40)]
    await stage.hosts("A", "B")
    first = await stage.worker("--postmaster")
    await first.logged("is up")
    await stage.open(plan_of(ring, *turns), outside("A"))
    await stage.event(type="layer", place="10", status="started")
    await first.killed()
    await stage.event(type="layer", place="20", status="started")
    await stage.worker("--postmaster")

    view = await stage.succeeded()

    assert view.messages == {"delivered": 41}
    trace = await stage.store.trace("r")
    assert len({record["id"] for record in trace}) == len(trace) == 41


async def test_two_postmasters_and_a_committing_worker_keep_the_order(stage: Stage) -> None:
    routers = [await stage.worker("--postmaster") for _ in range(2)]
    for router in routers:
        await router.logged("is up")
    sources = [region(name, *TO_B, kind="Speaker") for name in ("A", "C", "D")]
    layer = {"one": ("A",), "two": ("C",), "three": ("D",)}
    await stage.hosts("A", "C", "D")
    await stage.open(plan_of([*sources, region("B")], layer))

    view = await stage.succeeded()

    assert view.messages == {"delivered": 900}
    inbox = await stage.redis.xrange(keys.of_run("r", "in:B"))
    for source in "ACD":
        arrived = [fields["id"] for _, fields in inbox if fields["source"] == source]
        assert len(arrived) == 300
        assert all(before < after for before, after in pairwise(arrived))


async def test_a_postmaster_that_is_stopped_and_goes_on_doubles_nothing(stage: Stage) -> None:
    await stage.hosts("A")
    router = await stage.worker("--postmaster")
    await router.logged("is up")
    router.signal(signal.SIGSTOP)
    await stage.open(plan_of([region("A", *TO_B), region("B")], {"one": ("A",)}))
    await stage.event(step=FIRST, status="done")
    router.signal(signal.SIGCONT)

    assert (await stage.succeeded()).messages == {"delivered": 300}
    assert await stage.inbox("B") == [content for _, _, content in TO_B]
