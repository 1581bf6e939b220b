"""A listener on a worker: what its sink does stops nobody, and nothing is lost at its stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.domain.plan import Plan, RegionEntry
from tests.cluster import PATIENCE, Stage, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cluster import WorkerProcess

LAYERS = ((("Ear", "start"),), (("A", "say"),), (("B", "say"),), (("Ear", "stop"),))
A_SAYS, B_SAYS, STOP = "0001-001-000", "0002-001-000", "0003-001-000"


@pytest.fixture
async def stage(broker_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_HOME=str(tmp_path)) as stage:
        yield stage


def plan(sink: str = "") -> Plan:
    parameters = {"out_process": sink} if sink else {}
    ear = RegionEntry(name="Ear", type="ListenerRegion", parameters=parameters)
    return Plan(
        regions=(region("A"), region("B"), ear),
        layer_config=tuple({"one": tuple(name for name, _ in layer)} for layer in LAYERS),
        execution_config=LAYERS,
        execution_order=tuple(range(len(LAYERS))),
    )


async def ear(stage: Stage) -> WorkerProcess:
    """A worker whose listener has started."""
    worker = await stage.worker("--region", "Ear", "--import", "tests.staged_sinks")
    await stage.event(type="step", region="Ear", status="done")
    return worker


async def delivered(stage: Stage) -> list[str]:
    return [record["id"] for record in await stage.store.trace("r") if record["copies"]]


async def heard(stage: Stage) -> list[str]:
    return list(await stage.redis.lrange("heard", 0, -1))


async def first_heard(stage: Stage) -> Any:
    return await stage.redis.blmove("heard", "heard", PATIENCE)


@pytest.mark.parametrize("sink", ["notebook", "tests.staged_sinks:takes"])
async def test_a_stop_loses_nothing_that_came_just_before_it(stage: Stage, sink: str) -> None:
    await stage.open(plan(sink))
    await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await stage.play(B_SAYS, "B", *[("A", "reply", str(n)) for n in range(200)])
    await stage.succeeded()

    assert await heard(stage) == await delivered(stage)
    assert len(await heard(stage)) == 201


async def test_a_sink_that_dies_in_mid_run_is_warned_of_and_the_run_goes_on(stage: Stage) -> None:
    await stage.open(plan("tests.staged_sinks:breaks"))
    await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await first_heard(stage)
    await stage.play(B_SAYS, "B", ("A", "reply", "second"), ("A", "reply", "third"))
    await stage.succeeded()

    taken, *lost = await delivered(stage)
    warning = (await stage.event(type="step", status="warning")).fields
    assert await heard(stage) == [taken]
    assert (warning["region"], warning["step"]) == ("Ear", STOP)
    assert "nobody reads this any more" in warning["message"]
    assert all(message in warning["message"] for message in lost)


async def test_a_slow_sink_holds_up_no_mail_and_gets_all_of_it(stage: Stage) -> None:
    await stage.open(plan("tests.staged_sinks:gated"))
    await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await stage.redis.blpop(["waiting"], PATIENCE)
    claim = await stage.play(B_SAYS, "B", ("A", "reply", "second"))
    assert [message.content for message in claim.mail] == ["first"], "while its sink takes nothing"
    await stage.event(type="step", step=STOP, status="running")
    await stage.redis.rpush("gate", "on", "on")
    await stage.succeeded()

    assert await heard(stage) == await delivered(stage)


async def test_what_a_killed_worker_did_not_hear_out_another_hears(stage: Stage) -> None:
    await stage.open(plan("notebook"))
    worker = await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await first_heard(stage)
    await worker.killed()
    await stage.play(B_SAYS, "B", ("A", "reply", "second"))
    await ear(stage)
    await stage.succeeded()

    assert set(await heard(stage)) == set(await delivered(stage)), "each at least once"


async def test_a_plan_makes_no_function_callable_that_the_workers_user_did_not_import(
    stage: Stage,
) -> None:
    await stage.open(plan("json:dumps"))
    await ear(stage)
    warning = (await stage.event(type="step", status="warning")).fields
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await stage.play(B_SAYS, "B")
    await stage.succeeded()

    assert "--import json" in warning["message"]


async def test_without_a_sink_a_listener_writes_a_line_for_each_message(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.open(plan())
    await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))
    await stage.play(B_SAYS, "B", ("A", "reply", "second"))
    await stage.succeeded()

    lines = (tmp_path / "listeners" / "r" / "Ear.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == await delivered(stage)


async def test_the_terminal_of_a_worker_shows_what_its_listener_hears(stage: Stage) -> None:
    await stage.open(plan("terminal"))
    worker = await ear(stage)
    await stage.play(A_SAYS, "A", ("B", "reply", "first"))

    line = await worker.logged("first")
    assert "A → B reply: first" in line
    assert "\x1b" not in line
