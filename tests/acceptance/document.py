"""Documents as tests see them: their blocks, and what stands above a block for the tests.

A line ``<!-- test: … -->`` right above a block says how it differs from the rule, which is that a
``sh`` block is run in order, as a user would, and ends with 0; that a ``python`` block is run; and
that a ``json`` or ``toml`` block can be parsed:

``exits N``          it ends with this code instead
``stays until TEXT`` it goes on until the page ends; the next block waits until it has said TEXT
``file NAME``        it is written to this file, which later blocks use
``prints``           a ``text`` block: each line stands in the output of the block that ran last,
                     where ``…`` may be anything
``prints about LINE``
                     as ``prints``, of this line alone: the rest is a model's words
``not run: REASON``  it cannot be run here; its commands and options are checked
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Block", "blocks"]

_BLOCK = re.compile(
    r"^(?:<!-- test: (?P<rule>.+?) -->\n)?(?P<indent> *)```(?P<language>\w*).*\n"
    r"(?P<text>(?:.*\n)*?)(?P=indent)```$",
    re.MULTILINE,
)
_RULES = ("exits", "stays until", "file", "prints about", "prints", "not run:")


@dataclass(frozen=True)
class Block:
    """One fenced block of a page; ``rule`` and ``argument`` are what stands above it."""

    page: Path
    line: int
    language: str
    text: str
    rule: str = ""
    argument: str = ""

    def __str__(self) -> str:
        """Where it stands."""
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [_block(page, text, match) for match in _BLOCK.finditer(text)]


def _block(page: Path, text: str, match: re.Match[str]) -> Block:
    line = text.count("\n", 0, match.start("language")) + 1
    rule = next((rule for rule in _RULES if (match["rule"] or "").startswith(rule)), "")
    assert rule or not match["rule"], f"{page}:{line}: no such rule: {match['rule']}"
    argument = (match["rule"] or "").removeprefix(rule).strip()
    indent = len(match["indent"])
    lines = [part[indent:] for part in match["text"].splitlines()]
    return Block(page, line, match["language"], "\n".join(lines), rule, argument)
