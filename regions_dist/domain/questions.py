"""Finding a region's questions in what its model answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["parse_questions"]

_DECODER = json.JSONDecoder(strict=False)  # models put bare line breaks into strings


def parse_questions(
    answer: str, connections: Collection[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The (recipient, question) pairs in ``answer``, and a warning for all that was refused.

    ``answer`` is a JSON array of ``{"source", "question"}``, an object that holds exactly one
    array, or a text in which one of these stands. Of several arrays the first with a valid
    question counts. Without a valid question the list is empty and the warnings say why.
    """
    refused: list[str] | None = None
    for entries in _arrays(answer):
        questions, warnings = _sort(entries, connections)
        if questions:
            return questions, warnings
        refused = warnings if refused is None else refused
    return [], refused or ["the answer holds no JSON array of questions"]


def _arrays(answer: str) -> Iterator[list[object]]:
    """Each non-empty array that can be decoded from ``answer``, outermost and leftmost first."""
    for start, character in enumerate(answer):
        if character not in "[{":
            continue
        try:
            value, _ = _DECODER.raw_decode(answer, start)
        except ValueError:
            continue
        except RecursionError:
            return
        entries = _held_array(value)
        if entries:
            yield entries


def _held_array(value: object) -> list[object] | None:
    if isinstance(value, dict):
        held = [item for item in value.values() if isinstance(item, list)]
        return held[0] if len(held) == 1 else None
    return value if isinstance(value, list) else None


def _sort(
    entries: list[object], connections: Collection[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    questions: list[tuple[str, str]] = []
    warnings: list[str] = []
    for number, entry in enumerate(entries, start=1):
        question = _question(entry, connections)
        if isinstance(question, str):
            warnings.append(f"question {number} {question}")
        else:
            questions.append(question)
    return questions, warnings


def _question(entry: object, connections: Collection[str]) -> tuple[str, str] | str:
    """The pair that ``entry`` holds, or what is wrong with it."""
    if not isinstance(entry, dict):
        return f"is not an object but {_shown(entry)}"
    source, question = entry.get("source"), entry.get("question")
    if not isinstance(source, str):
        return f"names no recipient: its source is {_shown(source)}"
    if source.strip() not in connections:
        known = ", ".join(connections) or "none"
        return f"has an unknown recipient {_shown(source)} (connections: {known})"
    if not isinstance(question, str):
        return f"to {source.strip()} is not a text but {_shown(question)}"
    if not question.strip():
        return f"to {source.strip()} is empty"
    return source.strip(), question.strip()


def _shown(value: object, most: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[:most] + "…"
