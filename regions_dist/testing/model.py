"""A model that answers by a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Room

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Script = Callable[[str, "Mapping[str, Any] | None"], str]

__all__ = ["ScriptedLLM", "ask_everyone"]


class ScriptedLLM:
    """Gives ``answers`` one after another, and raises those that are exceptions.

    After them, or without any, ``script`` answers: it is called with the prompt's text and the JSON
    schema that is asked for, None for free text. ``prompts`` holds the text of each call, ``calls``
    its keyword arguments. A token is a character here; ``context`` is how many fit, None for any.
    """

    def __init__(
        self, *answers: str | Exception, script: Script | None = None, context: int | None = None
    ) -> None:
        self.answers = list(answers)
        self.script = script
        self.context = context
        self.prompts: list[str] = []
        self.calls: list[dict[str, Any]] = []

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """The next answer. Raises AssertionError where the script has none."""
        prompt = "\n".join(message["content"] for message in messages)
        self.prompts.append(prompt)
        self.calls.append({"schema": schema, "max_tokens": max_tokens})
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if self.script is None:
            raise AssertionError(f"the script has no answer left to:\n{prompt}")
        return self.script(prompt, schema)

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,  # noqa: ARG002
        max_tokens: int | None = None,  # noqa: ARG002
    ) -> Room | None:
        """What ``context`` leaves."""
        taken = sum(len(message["content"]) for message in messages)
        return None if self.context is None else Room(taken, self.context)


def ask_everyone(schema: Mapping[str, Any], question: str = "What do you know?") -> str:
    """The answer to a prompt for questions that asks everybody who can be asked."""
    recipients = next(_enums(schema), [])
    asked = [{"source": name, "question": f"{question} ({name})"} for name in recipients]
    return json.dumps(asked)


def _enums(schema: object) -> Iterator[list[str]]:
    """The lists of what a text in the schema may be."""
    if isinstance(schema, dict):
        if isinstance(schema.get("enum"), list):
            yield schema["enum"]
        for value in schema.values():
            yield from _enums(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _enums(value)
