"""What a region or a run may be called: names become parts of keys, so they are checked first."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["MAX_NAME_CHARS", "name_problem", "run_name_problem"]

MAX_NAME_CHARS: Final = 100
_UNPRINTABLE: Final = ("Cc", "Cs")  # control characters, halves of surrogate pairs


def name_problem(name: str) -> str | None:
    """What is wrong with ``name``, as the end of a sentence that starts with it; None if nothing.

    A name has 1 to 100 characters, none of them a control character or a brace.
    """
    if not name.strip():
        return "is empty"
    if len(name) > MAX_NAME_CHARS:
        return f"has {len(name)} characters, more than {MAX_NAME_CHARS}"
    if "{" in name or "}" in name:
        return "holds a brace, { or }"
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        return "holds a control character"
    return None


def run_name_problem(name: str) -> str | None:
    """As ``name_problem``, for a run's name, which is a folder's name, too."""
    if problem := name_problem(name):
        return problem
    if name.startswith(".") or set(name) & set("/\\"):
        return "would not do as a folder's name"
    return None
