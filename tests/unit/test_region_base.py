"""BaseRegion, BroadcastRegion and ListenerRegion."""

from __future__ import annotations

import pytest

from regions_dist.domain.message import Message
from regions_dist.domain.plan import RegionEntry
from regions_dist.domain.regions import (
    BaseRegion,
    BroadcastRegion,
    FeedForwardRegion,
    ListenerRegion,
    RAGRegion,
    Region,
)

PRUNING = {"clear_replies", "keep_last_reply_per_source"}
ASKING = {"make_questions", "make_replies", "summarize_replies"} | PRUNING


def reply(source: str, content: str) -> Message:
    return Message(source, "R", "reply", content)


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        (BaseRegion, PRUNING),
        (Region, ASKING),
        (FeedForwardRegion, ASKING),
        (RAGRegion, {"make_replies", "make_updates", "request_summaries"} | PRUNING),
        (ListenerRegion, {"start", "stop"}),
        (BroadcastRegion, {"broadcast"}),
    ],
)
def test_a_type_offers_plans_exactly_its_methods(kind: type[BaseRegion], methods: set[str]) -> None:
    assert set(kind.methods) == methods
    assert all(callable(getattr(kind, method)) for method in methods)


def test_mail_is_sorted_into_requests_and_replies() -> None:
    region = BaseRegion("R")
    question, answer = Message("A", "R", "request", "?"), reply("B", "!")

    region.receive([answer, question])

    assert (region.requests, region.replies) == ([question], [answer])


def test_clear_replies_forgets_knowledge_and_keeps_requests() -> None:
    region = BaseRegion("R")
    question = Message("A", "R", "request", "?")
    region.receive([question, reply("A", "1")])

    region.clear_replies()

    assert (region.requests, region.replies) == ([question], [])


def test_keep_last_reply_per_source_keeps_the_last_in_order() -> None:
    region = BaseRegion("R")
    region.receive([reply("A", "1"), reply("B", "1"), reply("A", "2"), reply("A", "2")])

    region.keep_last_reply_per_source()

    assert [(held.source, held.content) for held in region.replies] == [("B", "1"), ("A", "2")]


def test_a_broadcast_sends_all_held_mail_on_unchanged_and_lets_go_of_it() -> None:
    region = BroadcastRegion("Hub", connections={"X": "", "Y": ""})
    first = Message("A", "Hub", "reply", "one", id="0000-001-000-00000", hops=2)
    second = Message("B", "Hub", "request", "two", id="0000-002-000-00000")
    region.receive([second, first])

    region.broadcast()

    assert region.posted == [
        Message("A", "X", "reply", "one", parent=first.id, hops=3),
        Message("A", "Y", "reply", "one", parent=first.id, hops=3),
        Message("B", "X", "request", "two", parent=second.id, hops=1),
        Message("B", "Y", "request", "two", parent=second.id, hops=1),
    ]
    assert (region.requests, region.replies) == ([], [])


def test_fault_broadcast_regions_default_task_is_none() -> None:
    assert BroadcastRegion("Hub").task == "Forward all messages"
    entry = RegionEntry(name="Hub", type="BroadcastRegion")
    assert BroadcastRegion.from_entry(entry, {}).task == "Forward all messages"


def test_start_and_stop_say_whether_a_listener_listens() -> None:
    listener = ListenerRegion("Ear")
    assert not listener.listening

    listener.start()
    assert listener.listening

    listener.stop()
    assert not listener.listening


def test_a_listener_from_a_plan_has_no_connections() -> None:
    entry = RegionEntry(
        name="Ear", type="ListenerRegion", connections={"A": ""}, parameters={"delay": 0.1}
    )

    listener = ListenerRegion.from_entry(entry, {})

    assert (listener.name, listener.delay, listener.connections) == ("Ear", 0.1, {})
