"""A run's events and trace as views read them: page by page, whole, from anywhere on.

Steps are played in the test's own process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.errors import RunLost
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_feed import RunFeed
from tests.cluster import Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.domain.outcome import Event

LARGE = "large " * 10_000
MANY = 700


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
async def feed(stage: Stage) -> AsyncIterator[RunFeed]:
    feed = RunFeed(stage.url, "r", Patience(stage.url))
    yield feed
    await feed.close()


async def played(stage: Stage) -> None:
    """A run whose one step says much, some of it large."""
    ear = region("Ear", kind="ListenerRegion")
    await stage.open(plan_of([region("A"), region("B"), ear], {"c": ("A",)}), outside("A"))
    says = [("B", "request", LARGE if n == 2 else f"news {n}") for n in range(MANY)]
    await stage.play("0000-001-000", "A", *says)  # type: ignore[arg-type]
    await stage.succeeded()


async def all_of(feed: RunFeed, after: str = "0-0") -> list[Event]:
    """The events up to the run's end."""
    found: list[Event] = []
    async for page in feed.pages(after):
        found += page
        if found and found[-1].fields.get("status") == "succeeded":
            return found
    raise AssertionError("unreachable")


async def test_events_are_numbered_and_messages_come_with_what_they_say(
    stage: Stage, feed: RunFeed
) -> None:
    await played(stage)
    events = await all_of(feed)

    assert [event.number for event in events] == list(range(1, len(events) + 1))
    messages = [event.fields for event in events if event.type == "message"]
    assert [fields["content"] for fields in messages[1:4]] == ["news 0", "news 1", LARGE]
    assert {fields["copies"] for fields in messages} == {'["Ear"]'}
    assert [int(fields["seq"]) for fields in messages] == list(range(1, MANY + 2))
    assert events == (await stage.store.whole("r")).events()


async def test_a_view_goes_on_behind_any_event(stage: Stage, feed: RunFeed) -> None:
    await played(stage)
    events = await all_of(feed)

    for number in (0, 1, len(events) // 2, len(events) - 2):
        assert await all_of(feed, events[number].seq) == events[number + 1 :]
    assert await feed.last_event() == events[-1].seq


async def test_a_page_of_the_trace_begins_behind_any_message(stage: Stage, feed: RunFeed) -> None:
    await played(stage)
    trace = await stage.store.trace("r")

    for after in (0, 1, 2, 350, MANY, MANY + 1, 10_000):
        assert await feed.trace(after, 3) == trace[after : after + 3], after
    assert await feed.trace(0, 10_000) == trace


async def test_a_run_that_is_not_there_is_told_as_lost(feed: RunFeed) -> None:
    with pytest.raises(RunLost):
        await all_of(feed)
