"""What becomes of a message: policies, limits, order, and when it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.domain.outcome import FATES
from regions_dist.domain.plan import RegionEntry
from regions_dist.transport import keys
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import Says

A, B, C = region("A"), region("B"), region("C")
FIRST, SECOND = "0000-001-000", "0001-001-000"
LOST: Says = ("Nobody", "request", "is there anybody?")


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def fates(stage: Stage) -> list[tuple[str, str, str]]:
    return [(m["outcome"], m["source"], m["destination"]) for m in await stage.store.trace("r")]


async def dead_letters(stage: Stage) -> list[str]:
    return [fields["reason"] for _, fields in await stage.redis.xrange(keys.of_run("r", "dead"))]


async def lose(stage: Stage, **rules: Any) -> list[tuple[str, str, str]]:
    """A says something to nobody; the fates recorded."""
    await stage.open(plan_of([A, B], {"one": ("A",)}, **rules))
    await stage.play(FIRST, "A", LOST)
    return await fates(stage)


async def test_drop_records_the_message_and_goes_on(stage: Stage) -> None:
    assert await lose(stage) == [("dropped", "A", "Nobody")]
    assert (await stage.succeeded()).messages == {"dropped": 1}


async def test_reroute_makes_a_message_of_its_own_with_a_parent(stage: Stage) -> None:
    rules = {"undeliverable": "reroute", "reroute_destination": "B"}

    assert await lose(stage, **rules) == [("rerouted", "A", "Nobody"), ("delivered", "A", "B")]
    first, second = await stage.store.trace("r")
    assert second["parent"] == first["id"] != second["id"]
    assert await stage.inbox("B") == ["is there anybody?"]


async def test_reroute_to_nobody_ends_as_a_dead_letter(stage: Stage) -> None:
    found = await lose(stage, undeliverable="reroute", reroute_destination="None")

    assert [outcome for outcome, *_ in found] == ["rerouted", "dead"]
    assert await dead_letters(stage) == ["rerouted once already"]
    await stage.succeeded()


async def test_return_comes_back_as_a_reply_with_its_notice_and_source(stage: Stage) -> None:
    await lose(stage, undeliverable="return", rts_source="post office", rts_prepend="Returned: ")

    first, second = await stage.store.trace("r")
    assert first["outcome"] == "returned"
    assert second["parent"] == first["id"]
    assert (second["source"], second["destination"]) == ("post office", "A")
    assert (second["role"], second["content"]) == ("reply", "Returned: is there anybody?")


async def test_return_without_a_source_of_its_own_comes_from_the_address(stage: Stage) -> None:
    found = await lose(stage, undeliverable="return")

    assert found == [("returned", "A", "Nobody"), ("delivered", "Nobody", "A")]


async def test_return_to_an_unknown_sender_is_a_dead_letter_and_does_not_spin(
    stage: Stage,
) -> None:
    plan = plan_of([A], {"one": ("A",)}, undeliverable="return")
    await stage.open(plan, outside("Nobody", source="a stranger"))
    await stage.play(FIRST, "A")

    assert await fates(stage) == [("dead", "a stranger", "Nobody")]
    assert await dead_letters(stage) == ["nobody to return it to"]
    await stage.succeeded()


async def test_retry_holds_the_layer_and_ends_as_a_dead_letter(stage: Stage) -> None:
    assert await lose(stage, undeliverable="retry", retries=1) == []
    assert (await stage.store.view("r")).status == "running"

    view = await stage.succeeded()

    assert view.messages == {"dead": 1}
    assert await dead_letters(stage) == ["still undeliverable after 1 retries"]


async def test_error_fails_the_run_and_says_why_and_resume_goes_on_without_the_message(
    stage: Stage,
) -> None:
    await lose(stage, undeliverable="error")

    view = await stage.store.view("r")
    assert view.status == "failed"
    assert view.error is not None
    assert (view.error.code, view.error.where) == ("undeliverable", "A")
    assert "'Nobody'" in view.error.message
    assert len(await dead_letters(stage)) == 1
    assert await stage.store.resume("r") == "succeeded"


async def test_a_message_past_the_hop_limit_is_a_dead_letter(stage: Stage) -> None:
    ring = [region(n, kind="BroadcastRegion", connections=[to]) for n, to in ("AB", "BA")]
    turns = [{"one": ("A" if n % 2 == 0 else "B",)} for n in range(5)]
    await stage.hosts("A", "B")
    await stage.open(plan_of(ring, *turns, max_hops=3), outside("A"))

    view = await stage.succeeded()

    assert view.messages == {"delivered": 4, "dead": 1}
    assert await dead_letters(stage) == ["hop limit"]


async def test_mail_to_the_print_address_is_printed_in_order(stage: Stage) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}, print_address="paper"))
    await stage.play(FIRST, "A", ("paper", "reply", "one"), ("paper", "reply", "two"))

    view = await stage.succeeded()
    assert view.answers == (("A", "one"), ("A", "two"))
    assert view.messages == {"printed": 2}


async def test_delivered_mail_names_its_listeners_and_other_mail_does_not(stage: Stage) -> None:
    listeners = [RegionEntry(name=name, type="ListenerRegion") for name in ("Ear", "Eye")]
    await stage.open(plan_of([A, B, *listeners], {"one": ("A",)}))
    await stage.play(FIRST, "A", ("B", "reply", "hear, hear"), LOST)

    trace = await stage.store.trace("r")
    assert [record["copies"] for record in trace] == [["Ear", "Eye"], []]


async def test_cc_chooses_among_the_listeners(stage: Stage) -> None:
    listeners = [RegionEntry(name=name, type="ListenerRegion") for name in ("Ear", "Eye")]
    await stage.open(plan_of([A, B, *listeners], {"one": ("A",)}, cc=("Eye",)))
    await stage.play(FIRST, "A", ("B", "reply", "look"))

    assert [record["copies"] for record in await stage.store.trace("r")] == [["Eye"]]


async def test_order_is_kept_between_a_source_and_a_destination(stage: Stage) -> None:
    letters = [("BC"[n % 2], "reply", str(n)) for n in range(200)]
    await stage.open(plan_of([A, B, C], {"one": ("A",)}, {"one": ("B",)}))
    await stage.play(FIRST, "A", *letters)  # type: ignore[arg-type]

    assert await stage.inbox("B") == [str(n) for n in range(0, 200, 2)]
    claim = await stage.play(SECOND, "B")
    assert [message.content for message in claim.mail] == [str(n) for n in range(0, 200, 2)]


async def test_the_next_step_of_a_chain_sees_its_mail_and_another_chains_waits(
    stage: Stage,
) -> None:
    layer = {"one": ("A", "B"), "two": ("C",)}
    await stage.open(plan_of([A, B, C], layer, {"one": ("B",)}))
    await stage.play("0000-002-000", "C", ("B", "reply", "from another chain"))
    await stage.play(FIRST, "A", ("B", "reply", "from its own chain"))

    now = await stage.play("0000-001-001", "B")
    later = await stage.play(SECOND, "B")

    assert [message.content for message in now.mail] == ["from its own chain"]
    assert [message.content for message in later.mail] == ["from another chain"]


async def test_a_step_gets_its_mail_sorted_by_position_whoever_was_first(stage: Stage) -> None:
    await stage.open(plan_of([A, B, C], {"one": ("A",), "two": ("B",)}, {"one": ("C",)}))
    await stage.play("0000-002-000", "B", ("C", "reply", "second chain, committed first"))
    await stage.play(FIRST, "A", ("C", "reply", "first chain, committed second"))

    claim = await stage.play(SECOND, "C")

    assert [message.source for message in claim.mail] == ["A", "B"]


async def test_mail_from_outside_enters_at_the_first_layers_start(stage: Stage) -> None:
    plan = plan_of([A, B], {"one": ("A",), "two": ("B",)})
    await stage.open(plan, outside("A", "one"), outside("B", "two"), outside("A", "three"))

    assert [record["outcome"] for record in await stage.store.trace("r")] == ["delivered"] * 3
    claim = await stage.play(FIRST, "A")
    assert [message.content for message in claim.mail] == ["one", "three"]


async def test_the_trace_is_numbered_in_routing_order_and_every_fate_is_counted(
    stage: Stage,
) -> None:
    plan = plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}, undeliverable="return")
    await stage.open(plan, outside("Nobody"))
    await stage.play(FIRST, "A", ("B", "request", "?"), LOST, ("terminal", "reply", "!"))
    await stage.play(SECOND, "B", ("A", "reply", "."))

    view, trace = await stage.succeeded(), await stage.store.trace("r")
    assert [record["seq"] for record in trace] == list(range(1, len(trace) + 1))
    outcomes = [record["outcome"] for record in trace]
    assert outcomes == ["dead", "delivered", "returned", "delivered", "printed", "delivered"]
    assert view.messages == {fate: outcomes.count(fate) for fate in FATES if fate in outcomes}
    assert len({record["id"] for record in trace}) == len(trace)
