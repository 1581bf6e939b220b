"""Questions are read from a model's answer as JSON, and only those for a connection count."""

from __future__ import annotations

import json

import pytest

from regions_dist.domain.questions import parse_questions

CONNECTIONS = {"Facts": "what happened", "People": "who they were"}
ARRAY = json.dumps([{"source": "Facts", "question": "When?"}])
PAIR = [("Facts", "When?")]


@pytest.mark.parametrize(
    "answer",
    [
        ARRAY,
        f'{{"questions": {ARRAY}}}',
        f"Here you are:\n```json\n{ARRAY}\n```\nAnything else?",
        f"[sic] {ARRAY}",
    ],
)
def test_fault_questions_are_found_as_json_and_not_by_pattern(answer: str) -> None:
    assert parse_questions(answer, CONNECTIONS)[0] == PAIR


@pytest.mark.parametrize(
    "entry",
    [
        {"source": "Nobody", "question": "When?"},
        {"source": ["Facts"], "question": "When?"},
        {"source": "Facts", "question": "  "},
        {"source": "Facts", "question": 7},
        {"source": "Facts"},
        "When?",
    ],
)
def test_an_unusable_question_among_valid_ones_is_a_warning(entry: object) -> None:
    answer = json.dumps([entry, {"source": "Facts", "question": "When?"}])
    questions, warnings = parse_questions(answer, CONNECTIONS)
    assert questions == PAIR
    assert len(warnings) == 1


@pytest.mark.parametrize("answer", ["", "I have no questions.", "[", "[]", "{}", "[[[", '"text"'])
def test_without_a_valid_question_there_is_none_and_a_reason(answer: str) -> None:
    questions, warnings = parse_questions(answer, CONNECTIONS)
    assert questions == []
    assert warnings
