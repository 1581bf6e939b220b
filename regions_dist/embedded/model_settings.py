"""How the embedded model (SmolLM2-135M-Instruct) is served and asked.

Measured with examples/lookup. Without worked examples it asks only one of two connections, and
rambles instead of answering; with them it repeats the request's words in each question, and
answers with the one sentence that it was told. So examples are whole sentences, word for word.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from regions_dist.config import LLMSettings
from regions_dist.domain.prompts import question_prompt, reply_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["N_CTX", "PARAMS", "QUESTION_EXAMPLES", "REPLY_EXAMPLES", "SLOTS", "small_model_of"]

N_CTX = 4096
"""Tokens of context of each slot; two stores' five memories of 512 characters take a third."""

SLOTS = 2
"""Calls at a time: one more than it is fast enough for, so that a short one need not wait."""

PARAMS: dict[str, object] = {"temperature": 0.2, "max_tokens": 768}
"""Unbounded, it can repeat a sentence until its context is full."""

_TASK = "Answer questions about the town."


def _reply_example(question: str, letters: str, news: str, answer: str) -> tuple[str, str]:
    knowledge = [("Letters", letters), ("News", news)]
    prompt = reply_prompt(_TASK, knowledge, ("terminal", question))
    return prompt.messages[-1]["content"], answer


def _question_example(connections: dict[str, str], request: str) -> tuple[str, str]:
    prompt = question_prompt(_TASK, [], [("terminal", request)], connections)
    answer = [{"source": name, "question": request} for name in connections]
    return prompt.messages[-1]["content"], json.dumps(answer)


REPLY_EXAMPLES = (
    _reply_example(
        "What did Ben Young draw?",
        "Ben Young drew a black swan on the wall.",
        "Ben Young sings in the choir.",
        "Ben Young drew a black swan on the wall.",
    ),
    _reply_example(
        "When does the library close?",
        "Lisa Park reads in the library.",
        "The library closes at four o'clock.",
        "The library closes at four o'clock.",
    ),
    _reply_example(
        "What does Lisa Park drink?",
        "Lisa Park sold a red bicycle.",
        "Lisa Park drinks tea with milk.",
        "Lisa Park drinks tea with milk.",
    ),
    _reply_example(
        "What did Max Dale lose?",
        "Max Dale lost a yellow hat at the fair.",
        "Max Dale carries an axe.",
        "Max Dale lost a yellow hat at the fair.",
    ),
)

QUESTION_EXAMPLES = (
    _question_example(
        {"Recipes": "Knows how dishes are made.", "Shopping": "Knows where things are sold."},
        "How much sugar does a plum cake need?",
    ),
    _question_example(
        {"Timetable": "Knows the trains.", "Staff": "Knows who works at the station."},
        "Who repaired the clock of the old station?",
    ),
    _question_example(
        {"Garden": "Knows plants.", "Weather": "Knows rain and sun."},
        "When do the white roses flower?",
    ),
)


def small_model_of(file: Path, params: Mapping[str, object]) -> LLMSettings:
    """The settings of the model in this file; ``params`` count more than its own."""
    return LLMSettings(
        gguf=file,
        params=PARAMS | dict(params),
        examples=REPLY_EXAMPLES,
        question_examples=QUESTION_EXAMPLES,
        slots=SLOTS,
        context=N_CTX,
    )
