"""Pause, resume, cancel, inject, step by step, redelivery: what each means, once and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from regions_dist.domain.plan import StepPolicy
from regions_dist.transport import keys
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import Says

A, B = region("A"), region("B")
FIRST, SECOND, THIRD = "0000-001-000", "0001-001-000", "0002-001-000"
CHAIN = plan_of([A, B], {"one": ("A", "B")}, {"one": ("A",)})
LAYERS = plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}, {"one": ("A",)})
LOST: Says = ("Nobody", "request", "is there anybody?")


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def test_pause_acts_at_commit_what_runs_counts_and_nothing_follows(stage: Stage) -> None:
    await stage.open(CHAIN)
    claim = await stage.claim(FIRST, "A")
    assert claim is not None

    assert await stage.store.steer("r", "pause") == "paused"

    assert await stage.finish(claim, ("B", "reply", "said")) == "done"
    assert await stage.inbox("B") == ["said"]
    assert await stage.claim("0000-001-001", "B") is None
    assert await stage.store.resume("r") == "running"
    assert [m.content for m in (await stage.play("0000-001-001", "B")).mail] == ["said"]


@pytest.mark.parametrize("action", ["pause", "cancel", "time_out"])
async def test_a_run_that_is_steered_twice_is_as_if_steered_once(
    stage: Stage, action: Literal["pause", "cancel", "time_out"]
) -> None:
    await stage.open(CHAIN)
    once = await stage.store.steer("r", action)
    before = await stage.everything()

    assert await stage.store.steer("r", action) == once

    assert await stage.everything() == before


async def test_a_running_run_that_is_resumed_only_tells_its_orders_again(stage: Stage) -> None:
    await stage.open(CHAIN)
    await stage.store.steer("r", "pause")
    await stage.store.resume("r")
    before = await stage.everything()

    assert await stage.store.resume("r") == "running"

    now = await stage.everything()
    told = {keys.of_run("r", "events"), keys.of_run("r", "orders:A")}
    assert {name for name in now | before if now.get(name) != before.get(name)} == told


@pytest.mark.parametrize("action", ["pause", "time_out", "resume"])
async def test_a_cancelled_run_takes_no_commit_and_stays_cancelled(
    stage: Stage, action: Literal["pause", "time_out", "resume"]
) -> None:
    await stage.open(CHAIN)
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    await stage.store.steer("r", "cancel")
    before = await stage.everything()

    assert await stage.finish(claim, ("B", "reply", "late")) == "cancelled"
    steer = stage.store.resume("r") if action == "resume" else stage.store.steer("r", action)
    assert await steer == "cancelled"

    assert await stage.everything() == before


async def test_a_failed_run_tries_its_failed_step_again_and_no_other(stage: Stage) -> None:
    both = {"one": ("A",), "two": ("B",)}
    await stage.hosts("A")
    mended = region("A", kind="Repairable")
    await stage.open(plan_of([mended, B], both, steps={"*": StepPolicy(retries=0)}))
    await stage.play("0000-002-000", "B")
    failed = await stage.event(type="run", status="failed")
    await stage.redis.set("mended:A", "1")

    await stage.store.resume("r")

    await stage.event(after=failed.seq, step=FIRST, status="done")
    await stage.succeeded()
    assert await stage.claim("0000-002-000", "B") is None


async def test_mail_from_outside_enters_when_the_next_layer_starts(stage: Stage) -> None:
    await stage.open(LAYERS)

    assert await stage.store.inject("r", outside("B", "news"), "key") == "held"
    assert await stage.store.inject("r", outside("B", "news"), "key") == "duplicate"

    assert await stage.inbox("B") == []
    await stage.play(FIRST, "A")
    claim = await stage.play(SECOND, "B")
    assert [(m.id, m.content) for m in claim.mail] == [("0001-000-000-000000", "news")]


async def test_mail_from_outside_after_the_last_layers_start_is_a_dead_letter(stage: Stage) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}, inbox_limit=1), outside("A", "fills it"))

    for _ in range(2):
        assert await stage.store.inject("r", outside("A", "late"), "key") == "run-ended"

    (letter,) = await stage.store.dead_letters("r")
    assert (letter.reason, letter.content) == ("run-ended", "late")
    assert (await stage.store.trace("r"))[-1]["outcome"] == "dead"


async def test_a_run_that_is_stepped_stops_before_each_layer(stage: Stage) -> None:
    await stage.open(LAYERS, stepping=True)
    stops = []
    for step, name in ((FIRST, "A"), (SECOND, "B"), (THIRD, "A")):
        view = await stage.store.view("r")
        stops.append((view.status, view.stopped_before))
        assert await stage.claim(step, name) is None
        await stage.store.resume("r", before=view.stopped_before)
        await stage.play(step, name)

    assert stops == [("paused", 0), ("paused", 1), ("paused", 2)]
    assert (await stage.store.view("r")).status == "succeeded"
    stop = await stage.event(type="run", status="paused", where="1")
    assert stop.fields["code"] == "step"


async def test_two_who_let_the_same_layer_go_do_not_let_the_next_one_go(stage: Stage) -> None:
    await stage.open(LAYERS, stepping=True)
    await stage.store.resume("r", before=0)
    assert await stage.store.resume("r", before=0) == "running"
    await stage.play(FIRST, "A")
    before = await stage.everything()

    assert await stage.store.resume("r", before=0) == "paused"

    assert await stage.everything() == before


async def test_a_failed_step_of_a_stepped_run_is_tried_again_in_its_layer(stage: Stage) -> None:
    await stage.open(LAYERS, stepping=True)
    await stage.store.resume("r", before=0)
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    await stage.mail.fail(claim, "broken", "it broke", go_on=False)

    assert await stage.store.resume("r") == "running"

    await stage.play(FIRST, "A")
    assert (await stage.store.view("r")).stopped_before == 1


async def test_a_dead_letter_is_sent_again_once_as_a_message_of_its_own(stage: Stage) -> None:
    rules = {"undeliverable": "reroute", "reroute_destination": "Nobody else"}
    await stage.open(plan_of([A, B], *[{"one": ("A",)}, {"one": ("B",)}] * 2, **rules))
    await stage.play(FIRST, "A", LOST)
    (dead,) = await stage.store.dead_letters("r")

    assert await stage.store.redeliver("r", dead.id) == "no-region"
    assert await stage.store.redeliver("r", "none such", "B") == "unknown"
    assert await stage.store.redeliver("r", dead.id, "B") == "held"
    assert await stage.store.redeliver("r", dead.id, "B") == "duplicate"

    await stage.play(SECOND, "B")
    await stage.play(THIRD, "A")
    claim = await stage.play("0003-001-000", "B")
    assert [(m.parent, m.content) for m in claim.mail] == [(dead.id, "is there anybody?")]
    (dead,) = await stage.store.dead_letters("r")
    assert dead.redelivered == "B"


async def test_a_dead_letter_stays_one_when_no_layer_starts_any_more(stage: Stage) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}))
    await stage.store.inject("r", outside("A"), "key")
    (dead,) = await stage.store.dead_letters("r")
    before = await stage.everything()

    assert await stage.store.redeliver("r", dead.id) == "run-ended"

    assert await stage.everything() == before


async def test_runs_are_told_in_short_the_newest_first(stage: Stage) -> None:
    await stage.open(LAYERS, run="old")
    await stage.play(FIRST, "A", run="old")
    await stage.open(LAYERS, run="new", branch=await stage.store.branch("old", 1))
    await stage.store.resume("old")

    newer, older = await stage.store.summaries()

    assert (newer.run, newer.parent, newer.layers_done, newer.layers) == ("new", "old", 1, 3)
    assert (older.run, older.parent, older.layers_done, older.status) == ("old", "", 1, "running")
    assert newer.started > older.started
