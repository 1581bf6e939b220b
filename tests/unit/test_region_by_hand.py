"""Regions without a plan: an inbox is filled, methods are awaited, outboxes are carried on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from regions_dist.domain.execute import execute
from regions_dist.domain.message import Message, StepId
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.regions import (
    BroadcastRegion,
    FeedForwardRegion,
    ListenerRegion,
    RAGRegion,
    Region,
)
from regions_dist.domain.resources import Fragment
from regions_dist.errors import BadInput, ModelUnavailable
from regions_dist.testing import ScriptedLLM, ScriptedRAG

ASKED = {"source": "user", "destination": "Guide", "role": "request", "content": "When?"}


def carry(*regions: BaseRegion) -> list[dict[str, str]]:
    """Take every outbox to the inboxes it is for; what is for nobody here."""
    named = {region.name: region for region in regions}
    left = []
    for region in regions:
        while not region.outbox.empty():
            message = region.outbox.get_nowait()
            if message["destination"] in named:
                named[message["destination"]].inbox.put_nowait(message)
            else:
                left.append(message)
    return left


async def test_the_sketch_a_question_goes_round_by_hand() -> None:
    model = ScriptedLLM('[{"source": "Facts", "question": "What is the hour?"}]', "At nine.")
    guide = Region("Guide", "answer travellers", model, {"Facts": "knows hours"})
    facts = RAGRegion(
        "Facts", "knows hours", ScriptedRAG({"What is the hour?": [Fragment("nine", (), 0.9)]})
    )

    await guide.inbox.put(ASKED)
    await guide.make_questions()
    assert carry(guide, facts) == []
    await facts.make_replies()
    assert carry(guide, facts) == []
    await guide.make_replies()

    assert carry(guide, facts) == [
        {"source": "Guide", "destination": "user", "role": "reply", "content": "At nine."}
    ]
    assert "nine" in model.prompts[-1]
    assert guide.requests == []


async def test_every_built_in_method_can_be_awaited() -> None:
    held = Message("A", "R", "reply", "text")
    regions = [
        Region("R", "t", ScriptedLLM("summary")),
        FeedForwardRegion("F", "t", ScriptedLLM("summary")),
        RAGRegion("M", "t", ScriptedRAG(), {"R": ""}),
        BroadcastRegion("B", connections={"R": ""}),
        ListenerRegion("L"),
        BaseRegion("N"),
    ]
    for region in regions:
        region.receive([held])
        for method in region.methods:
            await getattr(region, method)()


def test_a_method_that_does_not_wait_can_be_called_without_await() -> None:
    region = BroadcastRegion("B", connections={"C": ""})
    region.inbox.put_nowait(ASKED)

    region.broadcast()

    assert region.outbox.get_nowait() == ASKED | {"destination": "C"}


def test_mail_lies_in_the_inbox_until_the_region_looks_at_it() -> None:
    region = BaseRegion("R")
    region.inbox.put_nowait(ASKED)
    assert region.inbox.qsize() == 1

    assert [request.content for request in region.requests] == ["When?"]
    assert region.inbox.empty()


def test_a_broadcast_keeps_the_order_in_which_mail_was_put_in() -> None:
    region = BroadcastRegion("B", connections={"C": ""})
    for role, content in (("reply", "1"), ("request", "2"), ("reply", "3")):
        region.inbox.put_nowait(ASKED | {"role": role, "content": content})

    region.broadcast()

    assert [message.content for message in region.posted] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"role": "shout"}, "role"),
        ({"destination": None}, "destination"),
        ({"content": 3}, "content"),
    ],
)
def test_fault_a_message_without_destination_kills_its_reader(
    changes: dict[str, object], where: str
) -> None:
    region = BaseRegion("R")

    with pytest.raises(BadInput) as refused:
        region.inbox.put_nowait(ASKED | changes)

    assert refused.value.where == where
    assert region.inbox.empty()


async def test_a_model_that_fails_leaves_the_request_where_it_was() -> None:
    region = Region("Guide", "t", ScriptedLLM(ModelUnavailable("down")))
    region.inbox.put_nowait(ASKED)

    with pytest.raises(ModelUnavailable):
        await region.make_replies()

    assert len(region.requests) == 1
    assert region.outbox.empty()


async def test_who_waits_at_an_outbox_gets_what_is_posted() -> None:
    region = BroadcastRegion("B", connections={"C": ""})
    waiting = asyncio.ensure_future(region.outbox.get())
    await asyncio.sleep(0)

    region.inbox.put_nowait(ASKED)
    region.broadcast()

    assert (await waiting)["destination"] == "C"


class Sleeper(BaseRegion):
    """Blocks until the test lets it go, which happens on the event loop."""

    methods = ("sleep",)
    gate = threading.Event()

    def sleep(self) -> None:
        """Block, and say in which thread."""
        assert self.gate.wait(30)
        self.post("C", threading.current_thread().name, "reply")


async def test_a_sync_method_that_blocks_does_not_block_the_event_loop() -> None:
    step = asyncio.create_task(execute(Sleeper("S"), None, [], "sleep", StepId(0, 1, 0)))
    await asyncio.sleep(0)
    Sleeper.gate.set()

    effects = await step

    assert effects.posted[0].content != threading.current_thread().name
