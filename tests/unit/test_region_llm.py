"""Region: asks, answers and summarizes with a model."""

from __future__ import annotations

import json

import pytest

from regions_dist.domain.message import Message
from regions_dist.domain.regions import Region
from regions_dist.errors import BadAnswer, ModelUnavailable, StepFailed
from regions_dist.testing import ScriptedLLM

CONNECTIONS = {"Facts": "knows facts", "Lives": "knows lives"}


def request(content: str, source: str = "terminal", number: int = 0) -> Message:
    return Message(source, "Historian", "request", content, id=f"0000-000-000-{number:05d}")


def reply(source: str, content: str, number: int = 0) -> Message:
    return Message(source, "Historian", "reply", content, id=f"0001-001-000-{number:05d}")


def historian(
    llm: ScriptedLLM, *mail: Message, connections: dict[str, str] | None = None
) -> Region:
    region = Region("Historian", "tell the past", llm, CONNECTIONS | (connections or {}))
    region.receive(mail)
    return region


def questions(*pairs: tuple[str, str]) -> str:
    return json.dumps([{"source": who, "question": text} for who, text in pairs])


def held(region: Region) -> list[tuple[str, str]]:
    return [(message.source, message.content) for message in region.replies]


async def test_each_question_becomes_a_request_to_its_connection() -> None:
    llm = ScriptedLLM(questions(("Facts", "What burned?"), ("Lives", "Who was there?")))
    region = historian(llm, request("What happened?"))

    await region.make_questions()

    assert region.posted == [
        Message("Historian", "Facts", "request", "What burned?"),
        Message("Historian", "Lives", "request", "Who was there?"),
    ]


async def test_questions_are_asked_with_focus_knowledge_requests_and_a_schema() -> None:
    llm = ScriptedLLM(questions(("Facts", "What burned?")))
    region = historian(llm, request("What happened?"), reply("Lives", "Ann saw a fire."))

    await region.make_questions()

    for part in ("focus: tell the past", "Ann saw a fire.", "What happened?", "knows facts"):
        assert part in llm.prompts[0]
    assert llm.calls[0]["schema"]["type"] == "array"


async def test_make_questions_keeps_the_requests() -> None:
    region = historian(ScriptedLLM(questions(("Facts", "What?"))), request("What happened?"))

    await region.make_questions()

    assert [message.content for message in region.requests] == ["What happened?"]


async def test_make_questions_without_connections_succeeds_without_a_call() -> None:
    llm = ScriptedLLM()
    region = Region("Historian", "tell the past", llm)

    await region.make_questions()

    assert llm.prompts == []
    assert region.posted == []


async def test_an_unknown_recipient_among_valid_questions_is_a_warning() -> None:
    region = historian(ScriptedLLM(questions(("Nobody", "What?"), ("Facts", "Who?"))))

    await region.make_questions()

    assert [message.destination for message in region.posted] == ["Facts"]
    assert len(region.warnings) == 1
    assert "Nobody" in region.warnings[0]


@pytest.mark.parametrize("answer", ["I have no idea.", "[]", questions(("Nobody", "What?"))])
async def test_no_valid_question_fails_and_shows_the_answer(answer: str) -> None:
    region = historian(ScriptedLLM(answer))

    with pytest.raises(BadAnswer) as caught:
        await region.make_questions()

    assert caught.value.where == "Historian"
    assert answer[:20] in caught.value.message
    assert region.posted == []


async def test_a_long_bad_answer_is_shown_by_its_start_only() -> None:
    region = historian(ScriptedLLM("blah " * 1000))

    with pytest.raises(BadAnswer) as caught:
        await region.make_questions()

    assert len(caught.value.message) < 500


async def test_fault_questions_found_by_regex() -> None:
    """Brackets, quotes and braces inside a question do not break it apart."""
    text = 'Is ["a", {"b"}] the "sign" [1]?'
    region = historian(ScriptedLLM(questions(("Facts", text))))

    await region.make_questions()

    assert [message.content for message in region.posted] == [text]


async def test_each_request_is_answered_in_order_and_then_consumed() -> None:
    llm = ScriptedLLM(" Rome. ", "Paris.")
    first, second = request("Where?", "A", 1), request("And then?", "B", 2)
    region = historian(llm, first, second)

    await region.make_replies()

    assert region.posted == [
        Message("Historian", "A", "reply", "Rome.", parent=first.id),
        Message("Historian", "B", "reply", "Paris.", parent=second.id),
    ]
    assert region.requests == []
    assert "Where?" in llm.prompts[0]
    assert "And then?" in llm.prompts[1]


async def test_make_replies_with_nothing_pending_succeeds_without_a_call() -> None:
    llm = ScriptedLLM()
    region = historian(llm, reply("Facts", "It burned."))

    await region.make_replies()

    assert (llm.prompts, region.posted) == ([], [])


async def test_replies_rest_on_the_knowledge_and_keep_it() -> None:
    llm = ScriptedLLM("Fire.")
    region = historian(llm, reply("Facts", "It burned."), request("What happened?"))

    await region.make_replies()

    assert "It burned." in llm.prompts[0]
    assert held(region) == [("Facts", "It burned.")]


async def test_an_empty_answer_fails_and_keeps_the_request() -> None:
    region = historian(ScriptedLLM("  \n"), request("Where?"))

    with pytest.raises(BadAnswer, match=r"Historian.*terminal"):
        await region.make_replies()

    assert len(region.requests) == 1


async def test_fault_a_failing_llm_reports_success_and_eats_the_request() -> None:
    region = historian(ScriptedLLM("Rome.", ModelUnavailable("down")), request("1"), request("2"))

    with pytest.raises(ModelUnavailable, match="down"):
        await region.make_replies()

    assert [message.content for message in region.requests] == ["1", "2"]
    assert region.posted == []


async def test_fault_an_llm_failure_is_swallowed_by_make_questions() -> None:
    region = historian(ScriptedLLM(ModelUnavailable("down")))

    with pytest.raises(ModelUnavailable, match="down"):
        await region.make_questions()


@pytest.mark.parametrize(
    "answer",
    [
        "<think>hm</think>Rome.",
        "<think>\nhm, long\n</think>\n\nRome.",
        "<think>a</think><think>b</think> Rome.",
    ],
)
async def test_fault_think_without_a_newline_is_not_stripped(answer: str) -> None:
    region = historian(ScriptedLLM(answer), request("Where?"))

    await region.make_replies()

    assert [message.content for message in region.posted] == ["Rome."]


async def test_fault_unclosed_think_is_not_stripped() -> None:
    """An answer that is a thought only is no answer."""
    region = historian(ScriptedLLM("<think>Where could it be"), request("Where?"))

    with pytest.raises(BadAnswer):
        await region.make_replies()


async def test_one_summary_replaces_the_replies_of_each_source() -> None:
    mail = reply("A", "a1", 1), reply("B", "b1", 2), reply("A", "a2", 3)
    region = historian(ScriptedLLM("all of A", "all of B"), *mail)

    await region.summarize_replies()

    assert held(region) == [("B", "all of B"), ("A", "all of A")]
    assert [message.id for message in region.replies] == [mail[1].id, mail[2].id]


async def test_fault_one_sources_text_leaks_into_the_next_prompt() -> None:
    llm = ScriptedLLM("sum of A", "sum of B")
    region = historian(llm, reply("A", "alpha"), reply("B", "beta"))

    await region.summarize_replies()

    assert "alpha" in llm.prompts[0]
    assert "beta" not in llm.prompts[0]
    assert "beta" in llm.prompts[1]
    assert "alpha" not in llm.prompts[1]
    assert "sum of A" not in llm.prompts[1]


@pytest.mark.parametrize("failure", ["", ModelUnavailable("down")])
async def test_fault_summarize_replies_stores_nothing_on_failure(failure: str | Exception) -> None:
    """The source that failed keeps its own text, the others are summarized, and it is told."""
    mail = reply("A", "a1", 1), reply("B", "b1", 2), reply("A", "a2", 3)
    region = historian(ScriptedLLM(failure, "all of B"), *mail)

    with pytest.raises((BadAnswer, ModelUnavailable)):
        await region.summarize_replies()

    assert held(region) == [("A", "a1"), ("B", "all of B"), ("A", "a2")]


FACTS = "The tower burned in the night. " * 20


async def test_knowledge_that_does_not_fit_is_cut_oldest_first_and_told() -> None:
    mail = reply("Facts", f"oldest {FACTS}", 1), reply("Lives", FACTS, 2), reply("Facts", FACTS, 3)
    llm = ScriptedLLM("Fire.", context=1600)
    region = historian(llm, *mail, request("What happened?"))

    await region.make_replies()

    assert len(llm.prompts[0]) <= 1600
    assert llm.prompts[0].count(FACTS.strip()) == 2
    for part in ("focus: tell the past", "What happened?", "From Lives"):
        assert part in llm.prompts[0]
    (warning,) = region.warnings
    assert warning.startswith("the model's context is too small: left out ")
    assert "characters of Facts, oldest first" in warning
    assert held(region) == [(message.source, message.content) for message in mail]


async def test_knowledge_that_fits_is_not_cut() -> None:
    llm = ScriptedLLM("Fire.", context=10_000)
    region = historian(llm, reply("Facts", FACTS), request("What happened?"))

    await region.make_replies()

    assert FACTS.strip() in llm.prompts[0]
    assert region.warnings == []


async def test_questions_and_summaries_are_cut_to_fit_too() -> None:
    mail = [reply("Facts", FACTS, number) for number in range(4)]
    llm = ScriptedLLM(questions(("Facts", "What?")), "Fire.", context=1900)
    region = historian(llm, *mail, request("What happened?"))

    await region.make_questions()
    await region.summarize_replies()

    assert all(len(prompt) <= 1900 for prompt in llm.prompts)
    assert held(region) == [("Facts", "Fire.")]
    assert len(region.warnings) == 2


async def test_a_cut_memory_is_a_sentence_still() -> None:
    memories = "\n".join(json.dumps({"memory_fragment": f"{n} {FACTS}"}) for n in range(3))
    llm = ScriptedLLM("Fire.", context=1100)
    region = historian(llm, reply("Facts", memories), request("What happened?"))

    await region.make_replies()

    assert "0 The tower burned" in llm.prompts[0]
    assert "memory_fragment" not in llm.prompts[0]


async def test_a_prompt_that_does_not_fit_without_knowledge_fails_with_what_to_do() -> None:
    llm = ScriptedLLM(context=100)
    region = historian(llm, reply("Facts", FACTS), request("What happened?"))

    with pytest.raises(StepFailed, match=r"room for 100.*larger context") as caught:
        await region.make_replies()

    assert (caught.value.code, caught.value.where) == ("prompt-too-long", "Historian")
    assert llm.prompts == []
    assert len(region.requests) == 1
