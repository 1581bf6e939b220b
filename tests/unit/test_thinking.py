"""A model's thoughts never reach an answer."""

from __future__ import annotations

import pytest

from regions_dist.domain.thinking import strip_thinking


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Yes.", "Yes."),
        ("<think>\nhm\n</think>\nYes.", "Yes."),
        ("<think>hm</think>Yes.", "Yes."),
        ("<THINK>hm</Think> Yes.", "Yes."),
        ("<think>a</think>Yes, <think>b</think>indeed.", "Yes, indeed."),
        ("Yes. <think>but then", "Yes."),
        ("so it is</think>Yes.", "Yes."),
        ("<think>only thoughts</think>", ""),
        ("<think>a <think>b</think> c</think>Yes.", "Yes."),
        ("Well, <think>a <think>b</think> c</think>yes.", "Well, yes."),
        ("<think>a <think>b</think>Yes.", "Yes."),
        ("No.</think>Well<think>hm</think>, yes.", "Well, yes."),
        ("< think >hm</ think >Yes.", "Yes."),
        ("<thinking>hm</thinking>Yes.", "Yes."),
        ("<thinking>a <think>b</think> c</THINKING>Yes.", "Yes."),
        ("I am <thinker>.", "I am <thinker>."),
        ("2 < 3, I think > so", "2 < 3, I think > so"),
        ("", ""),
    ],
)
def test_fault_think_without_newline_or_unclosed_is_stripped_too(answer: str, said: str) -> None:
    assert strip_thinking(answer) == said
