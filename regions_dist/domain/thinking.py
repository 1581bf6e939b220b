"""Take a model's thoughts out of its answer."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["strip_thinking"]

_TAG: Final = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)


def strip_thinking(answer: str) -> str:
    """``answer`` without its ``<think>…</think>`` blocks, in any letter case, nested or not.

    An unclosed block ends with the answer; before a closing tag that nothing opened, all is
    thought.
    """
    said: list[str] = []
    depth = place = 0
    for tag in _TAG.finditer(answer):
        if depth == 0:
            said.append(answer[place : tag.start()])
        if tag[1] and depth == 0:
            said.clear()
        depth = max(0, depth - 1) if tag[1] else depth + 1
        place = tag.end()
    if depth == 0:
        said.append(answer[place:])
    return "".join(said).strip()
