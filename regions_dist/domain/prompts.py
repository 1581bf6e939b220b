"""What a region tells its model, and the form in which it wants the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MAX_QUESTION_CHARS = 200
MAX_QUESTIONS_PER_CONNECTION = 1


@dataclass(frozen=True, slots=True)
class Prompt:
    """One call to a chat model.

    `messages` are chat messages (role, content): a system message, which holds the region's
    focus, and a user message. `schema` is the JSON schema of the answer, None for free text.
    `max_tokens` is None where the length is the model resource's own affair.
    """

    messages: tuple[dict[str, str], ...]
    schema: dict[str, object] | None = None
    max_tokens: int | None = None


def question_prompt(
    task: str,
    knowledge: Sequence[tuple[str, str]],
    requests: Sequence[tuple[str, str]],
    connections: Mapping[str, str],
) -> Prompt:
    """Ask for the questions that a region should put to its connections.

    `knowledge` and `requests` are (source, content) in order of arrival; `connections` maps
    a region's name to its task.
    """
    system = (
        "You find out what you need to answer requests by asking others.\n"
        f"focus: {task}\n"
        "Ask each one what you need from them. They see nothing but your question: name the "
        "persons, places and things that you ask about, in the words of the request."
    )
    parts = [
        *_knowledge_part(knowledge),
        "You can ask:\n" + "\n".join(_connection_line(*item) for item in connections.items()),
        *(f"Request: {content.strip()}" for _, content in requests),
        'Write a JSON array of {"source": who is asked, "question": the question}.',
    ]
    return Prompt(_chat(system, parts), _questions_schema(connections))


def reply_prompt(
    task: str, knowledge: Sequence[tuple[str, str]], request: tuple[str, str]
) -> Prompt:
    """Ask for the answer to one request (source, content), from all that the region knows."""
    _, content = request
    system = (
        "You answer requests.\n"
        f"focus: {task}\n"
        "Rely on what you are told in the message. If it doesn't hold the answer, say so."
    )
    return Prompt(_chat(system, [*_knowledge_part(knowledge), f"Request: {content.strip()}"]))


def summary_prompt(task: str, source: str, texts: Sequence[str]) -> Prompt:
    """Ask for one text that says what all `texts` from `source` say."""
    system = (
        "You summarize texts.\n"
        f"focus: {task}\n"
        "Keep every name, number and date, leave out repetitions, and add nothing."
    )
    parts = [*_knowledge_part([(source, text) for text in texts]), "Request: Summarize these texts."]
    return Prompt(_chat(system, parts))


def _chat(system: str, parts: Sequence[str]) -> tuple[dict[str, str], ...]:
    user = "\n\n".join(parts)
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


def _connection_line(name: str, task: str) -> str:
    return f"- {name}: {task.strip()}" if task.strip() else f"- {name}"


def _knowledge_part(knowledge: Sequence[tuple[str, str]]) -> list[str]:
    by_source: dict[str, list[str]] = {}
    for source, content in knowledge:
        by_source.setdefault(source, []).extend(_plain_lines(content))
    return [f"{source} says:\n" + "\n".join(lines) for source, lines in by_source.items()]


def _plain_lines(content: str) -> Iterator[str]:
    """The lines of a reply, with a store's memories as sentences instead of JSON."""
    for line in content.strip().splitlines():
        yield _memory_text(line) or line


def _memory_text(line: str) -> str | None:
    """The text of a line `{"memory_fragment": text, "actors": [...]}`, None for other lines."""
    try:
        memory = json.loads(line)
    except ValueError:
        return None
    if not isinstance(memory, dict) or "memory_fragment" not in memory:
        return None
    text = memory["memory_fragment"]
    if not isinstance(text, str):
        return f"({memory.get('note') or 'no matching memory'})"
    return text + _unnamed_actors(text, memory.get("actors"))


def _unnamed_actors(text: str, actors: object) -> str:
    """The actors of a memory, as far as its text doesn't name them already."""
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
