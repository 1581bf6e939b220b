"""What a region tells its model, and in which form it wants the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Prompt", "question_prompt", "readable", "reply_prompt", "summary_prompt"]

MAX_QUESTION_CHARS = 300
MAX_QUESTIONS_PER_CONNECTION = 2
NO_MATCH = "no matching memory"


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call to a chat model.

    ``messages`` (each ``{"role", "content"}``) are a system message, which holds the region's
    focus, and a user message. ``schema`` is the JSON schema of the answer, None for free text.
    ``max_tokens`` is None where the length is the model resource's own affair.
    """

    messages: tuple[dict[str, str], ...]
    schema: dict[str, object] | None = None
    max_tokens: int | None = None

    @property
    def characters(self) -> int:
        """The length of all its messages."""
        return sum(len(message["content"]) for message in self.messages)


def question_prompt(
    task: str,
    knowledge: Sequence[tuple[str, str]],
    requests: Sequence[tuple[str, str]],
    connections: Mapping[str, str],
) -> Prompt:
    """Ask what a region should ask its connections.

    ``knowledge`` and ``requests`` are (source, content) in order of arrival; ``connections``
    maps a region's name to that region's task.
    """
    system = (
        "You ask others for what you need to answer a request.\n"
        f"focus: {task}\n"
        "They see nothing but your question, so it has to be complete: name the persons, places "
        "and things it is about, in the words of the request.\n"
        'Answer with a JSON array of {"source": who is asked, "question": what you ask}.'
    )
    pending = [f"Request from {source}: {content.strip()}" for source, content in requests]
    parts = [
        *_knowledge_part(knowledge),
        "You can ask:\n" + "\n".join(_connection_line(*item) for item in connections.items()),
        *(pending or ["No request is pending: ask what your focus needs."]),
    ]
    return Prompt(_chat(system, parts), _questions_schema(connections))


def reply_prompt(
    task: str, knowledge: Sequence[tuple[str, str]], request: tuple[str, str]
) -> Prompt:
    """Ask for the answer to one ``request`` (source, content), from all the region knows."""
    source, content = request
    known = _knowledge_part(knowledge)
    system = f"You answer requests. This one is from {source}.\nfocus: {task}"
    if known:
        system += "\nAnswer from what you are told here; if it leaves the answer open, say so."
    return Prompt(_chat(system, [*known, f"Request: {content.strip()}"]))


def summary_prompt(task: str, source: str, texts: Sequence[str]) -> Prompt:
    """Ask for one text that says all that ``texts``, the replies of ``source``, say."""
    system = (
        f"You summarize texts.\nfocus: {task}\n"
        "Keep every name, number and date, leave out repetitions, and add nothing."
    )
    known = _knowledge_part([(source, text) for text in texts])
    return Prompt(_chat(system, [*known, f"Request: Summarize all that {source} said."]))


def _chat(system: str, parts: Sequence[str]) -> tuple[dict[str, str], ...]:
    user = "\n\n".join(parts)
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def _connection_line(name: str, task: str) -> str:
    return f"- {name}: {task.strip()}" if task.strip() else f"- {name}"


def readable(knowledge: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Knowledge with a store's memories as sentences, not JSON, and each of a source's but once."""
    told: list[tuple[str, str]] = []
    seen: set[tuple[str, str]] = set()
    for source, content in knowledge:
        lines: list[str] = []
        for line in content.strip().split("\n"):
            memory = _memory_text(line)
            if memory is None or (source, memory) not in seen:
                lines.append(line if memory is None else memory)
            if memory is not None:
                seen.add((source, memory))
        if lines:
            told.append((source, "\n".join(lines)))
    return told


def _knowledge_part(knowledge: Iterable[tuple[str, str]]) -> list[str]:
    by_source: dict[str, list[str]] = {}
    for source, content in readable(knowledge):
        by_source.setdefault(source, []).append(content)
    blocks = ((source, "\n\n".join(texts)) for source, texts in by_source.items())
    said = [f"From {source}:\n{block}" for source, block in blocks]
    return ["What you know:", *said] if said else []


def _memory_text(line: str) -> str | None:
    """The text of a line ``{"memory_fragment": text, "actors": [...]}``; None for other lines."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        memory = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(memory, dict) or "memory_fragment" not in memory:
        return None
    text = memory["memory_fragment"]
    if not isinstance(text, str):
        return f"({memory.get('note') or NO_MATCH})"
    return text + _unnamed_actors(text, memory.get("actors"))


def _unnamed_actors(text: str, actors: object) -> str:
    """The actors of a memory, as far as its text does not name them already."""
    if not isinstance(actors, list):
        return ""
    unnamed = [actor for actor in actors if isinstance(actor, str) and actor not in text]
    return f" ({', '.join(unnamed)})" if unnamed else ""


def _questions_schema(connections: Mapping[str, str]) -> dict[str, object]:
    question = {
        "type": "object",
        "properties": {
            "source": {"type": "string", "enum": list(connections)},
            "question": {"type": "string", "minLength": 1, "maxLength": MAX_QUESTION_CHARS},
        },
        "required": ["source", "question"],
        "additionalProperties": False,
    }
    most = MAX_QUESTIONS_PER_CONNECTION * len(connections)
    return {"type": "array", "items": question, "minItems": 1, "maxItems": most}
