"""What is said to a chat model: the messages, worked examples, and the form of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from regions_dist.errors import BadInput

__all__ = ["Messages", "conversation", "response_format", "with_examples"]

Messages = str | Mapping[str, str] | Sequence[Mapping[str, str]]
"""A text, one message ``{"role", "content"}``, or a list of these."""

Turns = list[dict[str, str]]


def conversation(messages: Messages) -> Turns:
    """``messages`` as a list. Raises BadInput for what is no message."""
    if isinstance(messages, str):
        return [{"role": "user", "content": messages}]
    turns: Sequence[object] = [messages] if isinstance(messages, Mapping) else list(messages)
    return [_message(turn) for turn in turns]


def with_examples(turns: Turns, examples: Sequence[tuple[str, str]]) -> Turns:
    """``turns`` with the worked examples between system message and question."""
    worked = [
        {"role": role, "content": content}
        for pair in examples
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]
    head = 1 if turns and turns[0]["role"] == "system" else 0
    return [*turns[:head], *worked, *turns[head:]]


def response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a request that asks for an answer of this JSON schema."""
    form = {"name": "answer", "strict": True, "schema": dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def _message(turn: object) -> dict[str, str]:
    if isinstance(turn, Mapping) and {"role", "content"} <= turn.keys():
        return dict(turn)
    found = f"an object with {', '.join(map(str, turn))}" if isinstance(turn, Mapping) else turn
    raise BadInput(
        f'a message is {found}; expected {{"role", "content"}}, a list of these, or text'
    )
