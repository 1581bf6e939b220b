"""FeedForwardRegion: its answers go on."""

from __future__ import annotations

import pytest

from regions_dist.domain.message import Message
from regions_dist.domain.regions import FeedForwardRegion, Region
from regions_dist.errors import ModelUnavailable
from regions_dist.testing import ScriptedLLM

ASKED = Message("user", "Draft", "request", "Write.", id="0000-000-000-00001")


def draft(llm: ScriptedLLM, connections: dict[str, str]) -> FeedForwardRegion:
    region = FeedForwardRegion("Draft", "write", llm, connections)
    region.receive([ASKED])
    return region


async def test_each_answer_goes_to_every_connection_and_not_to_the_asker() -> None:
    region = draft(ScriptedLLM("Text."), {"Critic": "", "Editor": ""})

    await region.make_replies()

    assert region.posted == [
        Message("Draft", "Critic", "reply", "Text.", parent=ASKED.id),
        Message("Draft", "Editor", "reply", "Text.", parent=ASKED.id),
    ]
    assert region.requests == []


async def test_a_failing_model_keeps_the_request() -> None:
    region = draft(ScriptedLLM(ModelUnavailable("down")), {"Critic": ""})

    with pytest.raises(ModelUnavailable):
        await region.make_replies()

    assert region.requests == [ASKED]


def test_it_has_the_methods_of_a_region() -> None:
    assert FeedForwardRegion.methods == Region.methods
