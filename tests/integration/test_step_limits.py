"""Steps that take too long, or whose effects cannot be stored, fail and leave no lease behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.plan import StepPolicy
from regions_dist.transport import keys
from tests.cluster import Stage, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FIRST = "0000-001-000"
LATE = StepPolicy(timeout=0.1, retries=0)


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def failed_without_trace(stage: Stage, code: str) -> str:
    """Wait until the run has failed with this code, and see that nothing is left; the message."""
    event = await stage.event(type="run", status="failed", code=code)
    assert await stage.store.trace("r") == []
    assert await stage.store.states("r") == {}
    assert not await stage.redis.exists(keys.of_run("r", "lease:A"))
    return event.fields["message"]


@pytest.mark.parametrize("kind", ["Blocker", "HeldSpeaker"])
async def test_a_step_over_its_time_fails_whether_or_not_it_can_be_interrupted(
    stage: Stage, kind: str
) -> None:
    late = region("A", ("terminal", "reply", "too late"), kind=kind)
    await stage.hosts("A")
    await stage.open(plan_of([late], {"one": ("A",)}, steps={"A": LATE}))

    message = await failed_without_trace(stage, "step-timeout")

    assert message == "A.say: it took longer than its time-out of 0.1 s"


async def test_a_step_whose_effects_cannot_be_stored_fails_and_can_be_resumed(stage: Stage) -> None:
    await stage.hosts("A")
    await stage.open(plan_of([region("A", kind="Garbler")], {"one": ("A",)}))

    assert "A.say: it could not be committed" in await failed_without_trace(stage, "step-error")

    after = await stage.store.last_event("r")
    await stage.store.resume("r")
    await stage.event(after=after, step=FIRST, status="running")
    await stage.event(after=after, type="run", status="failed")


async def test_a_step_that_cannot_be_stored_may_be_gone_without(stage: Stage) -> None:
    await stage.hosts("A")
    policy = StepPolicy(on_failure="continue")
    await stage.open(plan_of([region("A", kind="Garbler")], {"one": ("A",)}, steps={"A": policy}))

    await stage.succeeded()
