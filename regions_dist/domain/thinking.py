"""Removing what a model thought aloud from what it answered."""

from __future__ import annotations

import re

__all__ = ["strip_thinking"]

_TAG = re.compile(r"<\s*(/?)\s*think(?:ing)?\s*>", re.IGNORECASE)


def strip_thinking(answer: str) -> str:
    """``answer`` without its ``<think>…</think>`` blocks, and without white space around it.

    ``<thinking>`` means the same. Nothing is case-sensitive.
    After an opening tag that is never closed everything is thought; before a closing tag that
    was never opened everything was. A block ends at its first closing tag; one that belonged to
    an opening tag inside that block takes along what stands in between.
    """
    kept: list[str] = []
    position = opened_inside = 0
    thinking = False
    for tag in _TAG.finditer(answer):
        closing = bool(tag[1])
        if thinking:
            opened_inside += not closing
            thinking = not closing
        elif not closing:
            kept.append(answer[position : tag.start()])
            thinking, opened_inside = True, 0
        elif opened_inside:
            opened_inside -= 1
        else:
            kept.clear()
        position = tag.end()
    if not thinking:
        kept.append(answer[position:])
    return "".join(kept).strip()
