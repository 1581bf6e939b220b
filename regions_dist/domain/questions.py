"""Find the questions in a model's answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = ["parse_questions"]


def parse_questions(
    answer: str, connections: Collection[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The (recipient, question) pairs in ``answer``, and a warning for each that is unusable.

    The answer is a JSON array ``[{"source", "question"}]``, an object that holds one such array,
    or text in which one of these stands. Without a usable question the list is empty.
    """
    for found in _documents(answer):
        items = _array(found)
        if items is not None:
            return _sorted_out(items, connections)
    return [], ["the answer holds no JSON array of questions"]


def _documents(text: str) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    place = 0
    while place < len(text):
        if text[place] in "[{":
            try:
                document, place = decoder.raw_decode(text, place)
            except (ValueError, RecursionError):
                place += 1
                continue
            yield document
        else:
            place += 1


def _array(document: Any) -> list[Any] | None:
    if isinstance(document, dict):
        arrays = [value for value in document.values() if isinstance(value, list)]
        document = arrays[0] if len(arrays) == 1 else None
    if isinstance(document, list) and all(isinstance(item, dict) for item in document):
        return document
    return None


def _sorted_out(
    items: list[dict[str, Any]], connections: Collection[str]
) -> tuple[list[tuple[str, str]], list[str]]:
    questions, warnings = [], []
    for item in items:
        recipient, question = item.get("source"), item.get("question")
        if not isinstance(recipient, str) or recipient not in connections:
            warnings.append(f"a question for {recipient!r}, which is no connection, was left out")
        elif not isinstance(question, str) or not question.strip():
            warnings.append(f"the question for {recipient!r} is empty or no text, and was left out")
        else:
            questions.append((recipient, question.strip()))
    return questions, warnings
