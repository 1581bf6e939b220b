"""The embedded model's worked examples have the form of the prompts, and give nothing away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regions_dist.domain.questions import parse_questions
from regions_dist.embedded.model_settings import PARAMS, QUESTION_EXAMPLES, REPLY_EXAMPLES

LOOKUP = Path(__file__).parents[2] / "examples" / "lookup"


@pytest.mark.parametrize(("asked", "answer"), QUESTION_EXAMPLES)
def test_a_worked_example_of_questions_is_a_usable_answer(asked: str, answer: str) -> None:
    recipients = [entry["source"] for entry in json.loads(answer)]
    assert len(parse_questions(answer, recipients)[0]) == len(recipients)
    assert all(f"- {recipient}: " in asked for recipient in recipients)


@pytest.mark.parametrize(("asked", "answer"), REPLY_EXAMPLES)
def test_a_worked_example_of_a_reply_says_what_it_was_told(asked: str, answer: str) -> None:
    assert answer in asked.splitlines()


def test_no_worked_example_gives_away_an_answer_of_the_lookup_world() -> None:
    told = " ".join(part for pair in (*REPLY_EXAMPLES, *QUESTION_EXAMPLES) for part in pair).lower()
    questions = json.loads((LOOKUP / "questions.json").read_text(encoding="utf-8"))["questions"]
    words = {word for question in questions for word in (question["word"], question["swapped"])}
    assert not [word for word in words if word and word in told.split()]


def test_an_answer_is_bounded() -> None:
    assert PARAMS["max_tokens"]
