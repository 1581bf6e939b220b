"""Large messages and full inboxes: what is kept once, what is refused, and who waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.message import MAX_BYTES
from regions_dist.domain.plan import OutsideMessage, StepPolicy
from regions_dist.transport import keys
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cluster import Says

A, B = region("A"), region("B")
FIRST, SECOND = "0000-001-000", "0001-001-000"
LARGE = "straße " * 100_000
PLAN = plan_of([A, B], {"one": ("A",)}, {"one": ("B",)})
TO_B: Says = ("B", "reply", LARGE)
TO_C: Says = ("C", "reply", "short")


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


async def load(stage: Stage) -> dict[str, int]:
    counted = await stage.redis.hgetall(keys.of_run("r", "load"))
    return {name: int(number) for name, number in counted.items()}


async def test_a_large_body_is_kept_once_however_many_it_is_for(stage: Stage) -> None:
    await stage.open(PLAN)
    before = (await stage.redis.info("memory"))["used_memory"]
    await stage.play(FIRST, "A", *[TO_B] * 5, ("terminal", "reply", LARGE))

    grown = (await stage.redis.info("memory"))["used_memory"] - before
    assert await stage.redis.hlen(keys.of_run("r", "bodies")) == 1
    assert grown < 4 * len(
        LARGE.encode()
    )  # and not the 13 copies that inboxes and trace would hold


async def test_a_large_body_is_whole_for_everyone_who_reads_it(stage: Stage) -> None:
    await stage.open(PLAN)
    await stage.play(FIRST, "A", ("B", "reply", LARGE), ("terminal", "reply", LARGE))

    assert [m.content for m in await stage.store.inbox("r", "B")] == [LARGE]
    claim = await stage.play(SECOND, "B")

    assert [message.content for message in claim.mail] == [LARGE]
    assert (await stage.succeeded()).answers == (("A", LARGE),)
    assert [record["content"] for record in await stage.store.trace("r")] == [LARGE] * 2
    assert (await stage.event(outcome="printed")).fields["content"] == LARGE
    states = await stage.store.states("r")
    assert [reply.content for reply in states["B"].replies] == [LARGE]


async def test_a_large_body_that_is_returned_comes_back_whole_behind_its_notice(
    stage: Stage,
) -> None:
    rules = {"undeliverable": "return", "rts_prepend": "Returned: "}
    await stage.open(plan_of([A], {"one": ("A",)}, {"one": ("A",)}, **rules))
    await stage.play(FIRST, "A", ("Nobody", "request", LARGE))

    claim = await stage.play(SECOND, "A")

    assert [message.content for message in claim.mail] == ["Returned: " + LARGE]


async def test_a_large_body_from_outside_is_whole(stage: Stage) -> None:
    await stage.open(PLAN, outside("A", LARGE))
    assert await stage.store.inject("r", outside("B", LARGE), "key") == "held"

    first = await stage.play(FIRST, "A")
    second = await stage.play(SECOND, "B")

    assert [m.content for m in (*first.mail, *second.mail)] == [LARGE] * 2


async def test_a_message_beyond_the_size_limit_fails_its_step_and_writes_nothing(
    stage: Stage,
) -> None:
    await stage.open(PLAN)
    claim = await stage.claim(FIRST, "A")
    assert claim is not None

    assert await stage.finish(claim, ("B", "reply", "ß" * (MAX_BYTES // 2 + 1))) == "too-large"

    assert await load(stage) == {}
    assert await stage.finish(claim, ("B", "reply", "ß" * (MAX_BYTES // 2))) == "done"
    assert await load(stage) == {"n:A": 0, "b:A": 0, "n:B": 1, "b:B": MAX_BYTES}


async def test_a_step_that_posts_too_large_a_message_fails_and_says_so(stage: Stage) -> None:
    shouter = region("A", kind="Shouter")
    await stage.hosts("A")
    await stage.open(plan_of([shouter, B], {"one": ("A",)}, steps={"*": StepPolicy(retries=0)}))

    failed = await stage.event(type="run", status="failed")

    assert failed.fields["code"] == "too-large"
    assert "more than 8 MiB" in failed.fields["message"]


async def test_mail_from_outside_beyond_the_size_limit_is_refused(stage: Stage) -> None:
    await stage.open(PLAN)

    assert await stage.store.inject("r", outside("B", "x" * (MAX_BYTES + 1)), "k") == "too-large"


async def test_an_inbox_is_full_by_bytes_as_well(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}, inbox_bytes=10))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None

    assert await stage.finish(claim, ("B", "reply", "12345"), ("B", "reply", "678901")) == (
        "inbox-full"
    )
    assert await stage.finish(claim, ("B", "reply", "12345"), ("B", "reply", "67890")) == "done"


async def test_mail_that_waits_to_be_routed_counts_for_the_inbox_it_is_for(stage: Stage) -> None:
    stage.mail.routing = False
    chains = {"one": ("A",), "two": ("B",)}
    await stage.open(plan_of([A, B, region("C")], chains, {"one": ("C",)}, inbox_limit=3))
    await stage.play(FIRST, "A", TO_C, TO_C)
    claim = await stage.claim("0000-002-000", "B")
    assert claim is not None

    assert await stage.finish(claim, TO_C, TO_C) == "inbox-full"
    assert await stage.finish(claim, TO_C) == "done"


async def test_what_is_on_its_way_or_waits_is_counted_and_what_is_read_or_lost_is_not(
    stage: Stage,
) -> None:
    rules = {"undeliverable": "reroute", "reroute_destination": "B"}
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}, **rules), outside("A"))
    assert await load(stage) == {"n:A": 1, "b:A": 5}

    await stage.play(FIRST, "A", ("B", "reply", "four"), ("Nobody", "reply", "sixsix"))
    assert await load(stage) == {"n:A": 0, "b:A": 0, "n:B": 2, "b:B": 10}

    await stage.play(SECOND, "B", ("terminal", "reply", "out"))
    assert await load(stage) == {"n:A": 0, "b:A": 0, "n:B": 0, "b:B": 0}


async def test_only_who_injects_has_to_wait_for_room(stage: Stage) -> None:
    await stage.open(plan_of([A, B], *[{"one": ("B",)}] * 3, inbox_limit=1), outside("B"))
    letter = OutsideMessage(source="user", destination="B", content="more")

    assert await stage.store.inject("r", letter, "key") == "full"

    await stage.play("0000-001-000", "B")
    assert await stage.store.inject("r", letter, "key") == "held"
    assert await stage.store.inject("r", letter, "key") == "duplicate"
    assert await stage.store.inject("r", letter, "another") == "full"


async def test_what_a_step_consumes_makes_room_for_what_it_posts_to_itself(stage: Stage) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}, inbox_limit=2), outside("A"), outside("A"))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    to_itself: Says = ("A", "reply", "again")

    assert await stage.finish(claim, *[to_itself] * 3) == "inbox-full"
    assert await stage.finish(claim, *[to_itself] * 2) == "done"
