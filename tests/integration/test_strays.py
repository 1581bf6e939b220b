"""What somebody puts into the streams by hand: it is told and kept, and stops nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.transport import keys
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

A, B = region("A"), region("B", ("terminal", "reply", "still here"))
PLAN = plan_of([A, B], {"one": ("A",), "two": ("B",)}, {"one": ("B",)})
FIRST, SECOND, THIRD = "0000-001-000", "0000-002-000", "0001-001-000"
LETTER = {
    "id": "0000-001-000-000000",
    "parent": "",
    "source": "A",
    "destination": "B",
    "role": "request",
    "hops": "0",
    "content": "forged",
    "body": "",
}
POISON = {
    "no message at all": ({"what": "ever"}, 'no field "id"'),
    "no destination": (
        {name: text for name, text in LETTER.items() if name != "destination"},
        'no field "destination"',
    ),
    "an unknown role": (LETTER | {"role": "command"}, "neither request nor reply"),
    "hops that are no number": (LETTER | {"hops": "many"}, "hops are no number"),
    "a message that no step posted": (LETTER, "no step posted it"),
    "an id that is no position": (LETTER | {"id": "me"}, "no step posted it"),
    "bytes that are no text": (LETTER | {"content": b"\xff\xfe"}, "no step posted it"),
}


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def put(stage: Stage, stream: str, fields: object) -> None:
    await stage.redis.xadd(keys.of_run("r", stream), fields)


async def goes_on(stage: Stage, stream: str, reason: str) -> None:
    """The run succeeds as if nothing had been put; the stray is a dead letter with the reason."""
    await stage.play(FIRST, "A", ("B", "request", "genuine"))
    await stage.play(SECOND, "B")
    claim = await stage.play(THIRD, "B")
    assert [message.content for message in claim.mail] == ["genuine"]
    await stage.succeeded()
    (dead,) = await stage.store.dead_letters("r")
    assert f"found in {stream}" in dead.reason
    assert reason in dead.reason
    outcomes = [record["outcome"] for record in await stage.store.trace("r")]
    assert sorted(outcomes) == ["dead", "delivered"]


@pytest.mark.parametrize(("poison", "reason"), POISON.values(), ids=POISON)
@pytest.mark.parametrize("stream", ["out", "in:B"])
async def test_a_stray_among_the_mail_is_a_dead_letter_and_stops_nobody(
    stage: Stage, stream: str, poison: dict[str, str], reason: str
) -> None:
    await stage.open(PLAN)
    await put(stage, stream, poison)

    await goes_on(stage, stream, reason)


async def test_a_copy_of_a_letter_that_is_on_its_way_counts_once(stage: Stage) -> None:
    stage.mail.routing = False
    await stage.open(PLAN)
    await stage.play(FIRST, "A", ("B", "request", "genuine"))
    ((_, entry),) = await stage.redis.xrange(keys.of_run("r", "out"))
    await put(stage, "out", entry)

    await stage.store.route("r")

    assert await stage.inbox("B") == ["genuine"]
    assert [letter.reason[-20:] for letter in await stage.store.dead_letters("r")] == [
        "here: no step posted it"[-20:]
    ]


async def test_a_stray_among_the_mail_from_outside_is_a_dead_letter(stage: Stage) -> None:
    await stage.open(PLAN)
    await put(stage, "held", {"source": "somebody"})

    await goes_on(stage, "held", "it has no field")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"please": "work"}, "it is no order"),
        ({"step": "0009-001-000", "method": "say"}, "no such step"),
        ({"step": THIRD, "method": "clear_replies"}, "no such step"),
    ],
    ids=["no order", "no step of the plan", "another method than the plan's"],
)
async def test_a_stray_order_is_a_dead_letter_and_its_worker_goes_on(
    stage: Stage, order: dict[str, str], reason: str
) -> None:
    await stage.hosts("B")
    await stage.open(PLAN, outside("B"))
    await stage.event(step=SECOND, status="done")
    await put(stage, "orders:B", order)
    await stage.event(type="message", outcome="dead")

    await stage.play(FIRST, "A")

    assert (await stage.succeeded()).answers == (("B", "still here"),) * 2
    (dead,) = await stage.store.dead_letters("r")
    assert reason in dead.reason


async def test_strays_among_the_records_are_passed_over_by_who_reads_them(stage: Stage) -> None:
    await stage.open(PLAN)
    for stream in ("trace", "dead", "answers", "events"):
        await put(stage, stream, {"what": "ever"})
    await stage.play(FIRST, "A")
    await stage.play(SECOND, "B", ("terminal", "reply", "an answer"))
    await stage.play(THIRD, "B")

    assert (await stage.succeeded()).answers == (("B", "an answer"),)
    assert [record["outcome"] for record in await stage.store.trace("r")] == ["printed"]
    assert await stage.store.dead_letters("r") == []


async def test_a_stray_run_name_does_not_stop_a_worker(stage: Stage) -> None:
    await stage.hosts("A", "B")
    for name in ({"what": "ever"}, {"run": "{no name}"}, {"run": "never opened"}):
        await stage.redis.xadd(keys.ANNOUNCEMENTS, name)
    await stage.open(PLAN)

    await stage.succeeded()
