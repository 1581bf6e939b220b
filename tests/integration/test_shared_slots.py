"""Slots of a model's server: a limit over all machines, whoever asks, and whoever dies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster import Stage, outside, plan_of, region
from tests.machines import HeldModel, Machines
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

NAMES = tuple("ABCDE")


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
def machines(stage: Stage, tmp_path: Path) -> Machines:
    return Machines(stage, tmp_path)


@pytest.fixture
def held() -> HeldModel:
    return HeldModel()


@pytest.fixture
def stub(held: HeldModel) -> Iterator[StubModel]:
    with StubModel(held) as stub:
        yield stub
    held.let_on(len(NAMES))


async def all_asked(stage: Stage) -> None:
    """Open a run in which all regions have a question to answer at the same time."""
    chains = {name: (name,) for name in NAMES}
    plan = plan_of([region(name, kind="Region") for name in NAMES], chains)
    await stage.open(plan, *(outside(name, "Why?", "terminal") for name in NAMES))


async def test_workers_of_a_machine_and_callers_of_others_share_the_slots(
    stage: Stage, machines: Machines, stub: StubModel, held: HeldModel
) -> None:
    two = f'url = "{stub.url}"\nslots = 2'
    await machines.worker("one", "--region", "A", "--region", "B", llm_default=two)
    await machines.worker("two", "--llm", "default", "--region", "C", llm_default=two)
    await machines.worker("none", "--region", "D", "--region", "E")
    await all_asked(stage)
    await held.asked(2)
    for _ in range(3):
        held.let_on()
        await held.asked()
    held.let_on(2)
    assert len((await stage.succeeded()).answers) == len(NAMES)
    assert held.most == 2


async def test_the_slot_of_a_worker_that_is_killed_is_another_s_within_a_lease(
    stage: Stage, machines: Machines, stub: StubModel, held: HeldModel
) -> None:
    one = f'url = "{stub.url}"'
    names = [word for name in NAMES for word in ("--region", name)]
    first = await machines.worker("one", *names, llm_default=one)
    await all_asked(stage)
    await held.asked()
    await machines.worker("two", *names, llm_default=one)
    await first.killed()
    held.let_on(1 + len(NAMES))
    assert len((await stage.succeeded()).answers) == len(NAMES)
    assert held.most <= 2  # the server was not told that the first is dead
