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


def test_an_object_with_two_arrays_gives_the_one_that_holds_questions() -> None:
    answer = json.dumps({"thoughts": ["hm"], "questions": json.loads(ARRAY)})
    assert parse_questions(answer, CONNECTIONS)[0] == PAIR


def test_an_array_of_something_else_is_passed_over() -> None:
    assert parse_questions(f"Sources: [1, 2]. {ARRAY}", CONNECTIONS) == (PAIR, [])


def test_line_breaks_in_a_question_do_no_harm() -> None:
    answer = '[{"source": " Facts ", "question": "When\nwas it?"}]'
    assert parse_questions(answer, CONNECTIONS) == ([("Facts", "When\nwas it?")], [])


def test_a_warning_says_who_is_unknown_and_who_is_known() -> None:
    _, warnings = parse_questions('[{"source": "Nobody", "question": "When?"}]', CONNECTIONS)
    assert warnings == ['question 1 has an unknown recipient "Nobody" (connections: Facts, People)']


def test_brackets_nested_without_end_are_given_up() -> None:
    assert parse_questions("[" * 100_000, CONNECTIONS)[0] == []
