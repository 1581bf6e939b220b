"""Layers, barriers, steering and traces on a real broker, with workers as real processes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.domain.plan import StepPolicy
from regions_dist.errors import NoSuchRun
from regions_dist.transport import keys
from tests.cluster import PATIENCE, Stage, outside, plan_of, region
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

A, B = region("A"), region("B")
FIRST, SECOND = "0000-001-000", "0001-001-000"
ONCE = {"*": StepPolicy(retries=0)}


@pytest.fixture
def model() -> Iterator[StubModel]:
    with StubModel() as model:
        yield model


@pytest.fixture
async def stage(broker_url: str, model: StubModel) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_LLM_URL=model.url) as stage:
        yield stage


async def test_ten_layers_of_one_broadcast_succeed_one_after_another(stage: Stage) -> None:
    echo = region("Echo", kind="BroadcastRegion", connections=["terminal"])
    await stage.hosts("Echo")
    await stage.open(plan_of([echo], *[{"one": ("Echo",)}] * 10), outside("Echo", "o"))

    view = await stage.succeeded()

    assert view.answers == (("user", "o"),)
    assert [(turn.index, turn.status) for turn in view.layers] == [
        (number, "succeeded") for number in range(10)
    ]


async def test_empty_layers_and_empty_chains_pass_by_themselves(stage: Stage) -> None:
    layers: list[dict[str, tuple[str, ...]]] = [{}, {"empty": ()}, {"one": ("A",), "empty": ()}, {}]
    await stage.open(plan_of([A], *layers))
    await stage.play("0002-001-000", "A")

    assert {turn.status for turn in (await stage.succeeded()).layers} == {"succeeded"}


async def test_a_plan_of_nothing_but_hundreds_of_empty_layers_succeeds(stage: Stage) -> None:
    await stage.open(plan_of([A], *[{}] * 500))

    assert (await stage.store.view("r")).status == "succeeded"


async def test_a_layer_ends_with_its_last_chain_and_not_before(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",), "two": ("B",)}, {"one": ("A",)}))
    await stage.play(FIRST, "A")

    assert await stage.claim(SECOND, "A") is None

    await stage.play("0000-002-000", "B")
    await stage.play(SECOND, "A")
    await stage.succeeded()


async def test_a_failed_step_fails_the_run_and_resume_tries_it_again(stage: Stage) -> None:
    fragile = region("A", ("terminal", "reply", "mended"), kind="Repairable")
    await stage.hosts("A")
    await stage.open(plan_of([fragile], {"one": ("A",)}, steps=ONCE))
    failed = await stage.event(type="run", status="failed")
    assert (failed.fields["code"], failed.fields["where"]) == ("step-failed", "A.say")

    await stage.redis.set("mended:A", "yes")
    assert await stage.store.resume("r") == "running"

    view = await stage.succeeded()
    assert view.answers == (("A", "mended"),)
    assert view.error is None


async def test_a_run_resumed_in_the_moment_of_its_failure_is_tried_again_each_time(
    stage: Stage,
) -> None:
    fragile = region("A", kind="Repairable")
    await stage.hosts("A")
    await stage.open(plan_of([fragile], {"one": ("A",)}, steps=ONCE))
    seen = "0-0"
    for _ in range(50):
        seen = (await stage.event(after=seen, type="run", status="failed")).seq
        await stage.store.resume("r")
    await stage.event(after=seen, type="run", status="failed")
    await stage.redis.set("mended:A", "yes")
    await stage.store.resume("r")

    await stage.succeeded()


async def test_an_answer_that_could_not_be_used_is_asked_for_again_on_resume(
    stage: Stage, model: StubModel
) -> None:
    model.script = lambda _: "no question at all"
    sage = region("Sage", kind="Region", connections=["terminal"])
    await stage.hosts("Sage")
    plan = plan_of([sage], {"one": ("Sage",)}, steps=ONCE)
    asking = {"execution_config": ((("Sage", "make_questions"),),)}
    await stage.open(plan.model_copy(update=asking), outside("Sage"))
    failed = await stage.event(type="run", status="failed")
    assert failed.fields["code"] == "bad-answer"

    model.script = lambda _: '[{"source": "terminal", "question": "what is it?"}]'
    await stage.store.resume("r")

    assert (await stage.succeeded()).answers == (("Sage", "what is it?"),)


async def test_a_step_that_may_fail_lets_its_chain_go_on_and_says_so(stage: Stage) -> None:
    fragile = region("A", kind="Repairable")
    go_on = {"A": StepPolicy(retries=0, on_failure="continue")}
    last = region("B", ("terminal", "reply", "and yet"))
    await stage.hosts("A", "B")
    await stage.open(plan_of([fragile, last], {"one": ("A", "B")}, steps=go_on))

    failed = await stage.event(step=FIRST, status="failed")

    assert "not mended yet" in failed.fields["message"]
    assert (await stage.succeeded()).answers == (("B", "and yet"),)


async def test_pause_lets_running_steps_finish_and_releases_nothing(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A", "B")}, {"one": ("A",)}))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    assert await stage.store.steer("r", "pause") == "paused"

    assert await stage.finish(claim, ("B", "reply", "words")) == "done"

    assert await stage.inbox("B") == ["words"]
    assert await stage.claim("0000-001-001", "B") is None
    assert await stage.store.resume("r") == "running"
    await stage.play("0000-001-001", "B")
    await stage.play(SECOND, "A")
    await stage.succeeded()


async def test_resumed_while_a_step_still_runs_it_goes_on_and_counts_once(stage: Stage) -> None:
    held = region("A", ("terminal", "reply", "once"), kind="HeldSpeaker")
    await stage.hosts("A")
    await stage.open(plan_of([held], {"one": ("A",)}))
    await stage.at_gate("A")
    await stage.store.steer("r", "pause")
    await stage.store.resume("r")
    await stage.let_on("A")

    assert (await stage.succeeded()).answers == (("A", "once"),)
    assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "1"


async def test_cancel_makes_a_later_commit_return_cancelled(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    assert await stage.store.steer("r", "cancel") == "cancelled"

    assert await stage.finish(claim, ("B", "reply", "words")) == "cancelled"

    assert await stage.inbox("B") == []
    assert await stage.store.resume("r") == "cancelled"
    assert await stage.claim(FIRST, "A") is None


async def test_a_full_inbox_fails_the_step_and_resume_goes_on_when_there_is_room(
    stage: Stage,
) -> None:
    layer = {"one": ("A",), "two": ("B",)}
    speaker = region("B", ("A", "reply", "one"), ("A", "reply", "two"))
    await stage.hosts("B")
    plan = plan_of([A, speaker], {"one": ("B",)}, layer, inbox_limit=2)
    await stage.open(plan)
    failed = await stage.event(type="run", status="failed")
    assert failed.fields["code"] == "inbox-full"
    assert await stage.inbox("A") == ["one", "two"]

    await stage.store.resume("r")
    await stage.event(after=failed.seq, type="run", status="failed")
    await stage.store.resume("r", inbox_limit=4)
    await stage.play(SECOND, "A")

    assert (await stage.succeeded()).messages == {"delivered": 4}


async def test_a_run_whose_time_is_up_can_be_resumed(stage: Stage) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}))
    assert await stage.store.steer("r", "time_out") == "timed_out"
    assert await stage.claim(FIRST, "A") is None

    assert await stage.store.resume("r") == "running"

    await stage.play(FIRST, "A")
    await stage.succeeded()


async def test_steering_or_viewing_an_unknown_run_says_so(stage: Stage) -> None:
    for ask in (stage.store.steer("none", "pause"), stage.store.view("none")):
        with pytest.raises(NoSuchRun, match="no run called 'none'"):
            await ask


async def test_opening_a_run_again_changes_nothing(stage: Stage) -> None:
    plan = plan_of([A], {"one": ("A",)})
    await stage.open(plan, outside("A"))
    await stage.open(plan, outside("A"))

    assert await stage.inbox("A") == ["hello"]


REGIONS = [
    region("Asker", ("Left", "request", "l"), ("Right", "request", "r"), ("Gone", "reply", "g")),
    region("Left", kind="BroadcastRegion", connections=["Asker", "terminal"]),
    region("Right", kind="BroadcastRegion", connections=["Asker", "Left"]),
]
BUSY = plan_of(
    REGIONS,
    {"one": ("Asker",)},
    {"one": ("Left",), "two": ("Right",)},
    {"one": ("Asker", "Left")},
    undeliverable="return",
)


async def story(stage: Stage, run: str) -> list[dict[str, Any]]:
    """A busy run's trace, sorted by id, without what may differ: when, and after whom."""
    await stage.open(BUSY, outside("Right"), outside("Left"), run=run)
    await stage.succeeded(run)
    timeless = [
        {name: what for name, what in record.items() if name not in {"at", "seq"}}
        for record in await stage.store.trace(run)
    ]
    return sorted(timeless, key=lambda record: str(record["id"]))


async def test_the_same_plan_has_the_same_trace_on_one_worker_or_three_and_with_a_postmaster(
    stage: Stage,
) -> None:
    alone = await stage.hosts("Asker", "Left", "Right")
    first = await story(stage, "on one")
    assert len(first) > 10
    assert await story(stage, "on one again") == first
    await alone.killed()
    for name in ("Asker", "Left", "Right"):
        await stage.hosts(name)
    assert await story(stage, "on three") == first

    async with stage.redis.monitor() as seen:
        await stage.worker("--postmaster")
        await told(seen, "SET regions:postmaster")
        for _ in range(8):  # two beats of each of the four
            await told(seen, "EXISTS regions:postmaster")

    assert await story(stage, "with a postmaster") == first


async def told(monitor: Any, what: str) -> None:
    """Wait until a client has told the broker this."""
    async with asyncio.timeout(PATIENCE):
        while what not in (await monitor.next_command())["command"]:
            pass


async def test_a_postmaster_process_routes_what_nobody_else_does(stage: Stage) -> None:
    stage.mail.routing = False
    await stage.open(plan_of([A], {"one": ("A",)}))
    await stage.play(FIRST, "A", ("terminal", "reply", "by post"))
    assert await stage.redis.xlen(keys.of_run("r", "out")) == 1
    assert await stage.store.trace("r") == []

    await stage.worker("--postmaster")
    async with asyncio.timeout(PATIENCE):
        await stage.redis.xread({keys.of_run("r", "trace"): "0-0"}, block=0)

    assert (await stage.succeeded()).answers == (("A", "by post"),)
