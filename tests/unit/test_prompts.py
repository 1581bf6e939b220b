"""Prompts carry all that a model needs to know, and the form of its answer."""

from __future__ import annotations

from typing import Any, cast

from regions_dist.domain.prompts import question_prompt, reply_prompt, summary_prompt

KNOWLEDGE = [("Facts", "The bell was silver.")]
CONNECTIONS = {"Facts": "what happened", "People": "who they were"}


def test_each_prompt_carries_the_focus_in_its_system_message() -> None:
    prompts = (
        question_prompt("Find out.", [], [("user", "Who?")], CONNECTIONS),
        reply_prompt("Find out.", [], ("user", "Who?")),
        summary_prompt("Find out.", "Facts", ["One.", "Two."]),
    )
    for prompt in prompts:
        assert prompt.messages[0]["role"] == "system"
        assert "focus: Find out." in prompt.messages[0]["content"]


def test_questions_are_bounded_and_go_to_connections_only() -> None:
    prompt = question_prompt("Find out.", KNOWLEDGE, [("user", "Who rang?")], CONNECTIONS)
    said = prompt.messages[-1]["content"]
    assert all(text in said for text in ("The bell was silver.", "Who rang?", "who they were"))
    schema = cast("dict[str, Any]", prompt.schema)
    assert schema["type"] == "array"
    assert schema["maxItems"] >= 1
    entry = schema["items"]["properties"]
    assert entry["source"]["enum"] == ["Facts", "People"]
    assert entry["question"]["maxLength"] > 0


def test_a_reply_is_asked_for_with_all_knowledge_and_the_request() -> None:
    prompt = reply_prompt("Find out.", KNOWLEDGE, ("user", "Which bell?"))
    assert prompt.schema is None
    said = prompt.messages[-1]["content"]
    assert said.index("The bell was silver.") < said.index("Which bell?")


def test_a_stores_memories_are_put_as_sentences() -> None:
    lines = (
        '{"memory_fragment": "He rang it.", "actors": ["Tom"]}\n'
        '{"memory_fragment": null, "note": "No matching memory."}'
    )
    said = reply_prompt("Find out.", [("Facts", lines)], ("user", "Who?")).messages[-1]["content"]
    assert "He rang it. (Tom)" in said
    assert "No matching memory." in said
    assert "memory_fragment" not in said


def _told(*replies: tuple[str, str]) -> str:
    return reply_prompt("Find out.", replies, ("user", "Who?")).messages[-1]["content"]


def test_actors_that_a_memory_names_itself_are_not_repeated() -> None:
    line = '{"memory_fragment": "Tom rang it.", "actors": ["Tom", "Ann"]}'
    assert "Tom rang it. (Ann)" in _told(("Facts", line))


def test_a_memory_that_came_twice_is_told_once() -> None:
    line = '{"memory_fragment": "Tom rang it."}'
    assert _told(("Facts", line), ("Facts", line)).count("Tom rang it.") == 1


def test_what_is_no_memory_is_told_unchanged() -> None:
    # Given replies with blank and repeated lines, JSON of another kind, and broken JSON
    texts = ["a\n\na\n\nb", '{"answer": 7}', '{"memory_fragment": "cut o', "{" * 9]
    # When they are knowledge, then each stands there as it came
    for text in texts:
        assert f"From Drafts:\n{text}" in _told(("Drafts", text))


def test_knowledge_is_grouped_by_source_in_order_of_arrival() -> None:
    said = _told(("B", "one"), ("A", "two"), ("B", "three"))
    places = [said.index(part) for part in ("From B:", "one", "three", "From A:", "two")]
    assert places == sorted(places)


def test_without_knowledge_the_model_is_not_held_to_any() -> None:
    with_some = reply_prompt("Find out.", KNOWLEDGE, ("user", "Who?"))
    without = reply_prompt("Find out.", [], ("user", "Who?"))
    assert "what you are told" in with_some.messages[0]["content"]
    assert "what you are told" not in without.messages[0]["content"]


def test_the_asker_is_named() -> None:
    asked = question_prompt("Find out.", [], [("ann", "Who?"), ("bob", "When?")], CONNECTIONS)
    assert "Request from ann: Who?" in asked.messages[-1]["content"]
    assert "Request from bob: When?" in asked.messages[-1]["content"]
    assert "ann" in reply_prompt("Find out.", [], ("ann", "Who?")).messages[0]["content"]


def test_a_summary_is_asked_for_with_every_text_of_its_source() -> None:
    prompt = summary_prompt("Find out.", "Facts", ["One.", "Two."])
    said = prompt.messages[-1]["content"]
    assert prompt.schema is None
    assert all(text in said for text in ("Facts", "One.", "Two."))
