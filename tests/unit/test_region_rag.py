"""RAGRegion: answers from a store, learns from replies."""

from __future__ import annotations

import json

import pytest

from regions_dist.domain.memory_lines import NO_MATCH_NOTE, dump, load
from regions_dist.domain.message import Message
from regions_dist.domain.prompts import reply_prompt
from regions_dist.domain.regions import RAGRegion
from regions_dist.domain.resources import Fragment
from regions_dist.errors import StoreProblem
from regions_dist.testing import ScriptedRAG

RING = Fragment('Tom found a "ring".\nIt was gold,', ("Tom",), 0.9)
OWL = Fragment("An owl lives here.", (), 0.6)
FOG = Fragment("There was fog.", (), 0.2)
ASKED = Message("Historian", "Facts", "request", "What?", id="0001-001-000-00000")


def told(content: str, source: str = "Scout") -> Message:
    return Message(source, "Facts", "reply", content)


def store() -> ScriptedRAG:
    return ScriptedRAG({"What?": [RING, OWL, FOG]})


async def test_memories_at_or_above_the_threshold_answer_a_request() -> None:
    region = RAGRegion("Facts", "know facts", store(), threshold=0.6)
    region.receive([ASKED])

    await region.make_replies()

    [answer] = region.posted
    assert (answer.destination, answer.role, answer.parent) == ("Historian", "reply", ASKED.id)
    assert [json.loads(line) for line in answer.content.splitlines()] == [
        {"memory_fragment": RING.text},
        {"memory_fragment": OWL.text},
    ]
    assert region.requests == []


async def test_fault_unescaped_trailing_comma_json_fragments() -> None:
    """Each line is JSON whatever the text holds: quotes, commas, line ends of any kind."""
    region = RAGRegion("Facts", "", store(), reply_with_actors=True)
    region.rag = ScriptedRAG({"What?": [RING, Fragment("a\u2028b\u0085c", (), 1.0)]})
    region.receive([ASKED])

    await region.make_replies()

    lines = region.posted[0].content.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"memory_fragment": RING.text, "actors": ["Tom"]},
        {"memory_fragment": "a\u2028b\u0085c", "actors": []},
    ]


async def test_fault_rag_without_a_match_sends_nothing_at_all() -> None:
    region = RAGRegion("Facts", "", ScriptedRAG())
    region.receive([ASKED])

    await region.make_replies()

    [answer] = region.posted
    assert json.loads(answer.content) == {"memory_fragment": None, "note": NO_MATCH_NOTE}


def test_a_model_reads_a_no_match_as_a_plain_note() -> None:
    prompt = reply_prompt("", [("Facts", dump([]))], ("user", "What?"))

    assert f"({NO_MATCH_NOTE})" in prompt.messages[1]["content"]


async def test_the_asker_becomes_a_connection_unless_it_is_one() -> None:
    region = RAGRegion("Facts", "", store(), {"Historian": "tell the past"})
    region.receive([ASKED, Message("user", "Facts", "request", "What?")])

    await region.make_replies()

    assert region.connections == {"Historian": "tell the past", "user": "Previously replied to"}


async def test_fault_a_rag_failure_is_swallowed() -> None:
    region = RAGRegion("Facts", "", ScriptedRAG(failure=StoreProblem("locked")))
    region.receive([ASKED, told("It rained.")])

    with pytest.raises(StoreProblem, match="locked"):
        await region.make_replies()
    with pytest.raises(StoreProblem, match="locked"):
        await region.make_updates()

    assert (region.requests, region.posted) == ([ASKED], [])


async def test_make_updates_teaches_every_held_reply_in_one_call_and_keeps_them() -> None:
    rag = ScriptedRAG()
    region = RAGRegion("Facts", "", rag)
    mail = [told(" It rained. "), told(dump([RING, OWL], with_actors=True)), told(dump([]))]
    region.receive(mail)

    await region.make_updates()

    learned = [Fragment("It rained."), Fragment(RING.text, ("Tom",)), Fragment(OWL.text)]
    assert rag.lessons == [(learned, 0.1)]
    assert region.replies == mail


@pytest.mark.parametrize("mail", [[], [told(dump([]))], [told("  ")]])
async def test_make_updates_with_nothing_to_learn_does_not_call_the_store(
    mail: list[Message],
) -> None:
    rag = ScriptedRAG()
    region = RAGRegion("Facts", "", rag)
    region.receive(mail)

    await region.make_updates()

    assert rag.lessons == []


def test_request_summaries_asks_every_connection() -> None:
    region = RAGRegion("Facts", "", store(), {"A": "", "B": ""})

    region.request_summaries()

    text = "Summarize the knowledge you have."
    assert region.posted == [
        Message("Facts", "A", "request", text),
        Message("Facts", "B", "request", text),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "plain", "[1]", "null", '{"memory": 1}', '{"memory_fragment": 3}', dump([OWL]) + "\nand"],
)
def test_what_is_not_memory_lines_is_told_from_them(text: str) -> None:
    assert load(text) is None


def test_memory_lines_come_back_as_they_were() -> None:
    assert load(dump([RING], with_actors=True)) == [Fragment(RING.text, ("Tom",))]
    assert load(dump([])) == []
    assert load('{"memory_fragment": "x", "actors": "Tom"}') == [Fragment("x")]
