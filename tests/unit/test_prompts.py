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
