"""A store's answer to a request: a JSON object a line, one for each memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Fragment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NO_MATCH_NOTE", "dump", "load"]

NO_MATCH_NOTE = "No matching memory."
_TEXT = "memory_fragment"


def dump(fragments: Sequence[Fragment], *, with_actors: bool = False) -> str:
    """The fragments as JSON lines; without any, one line whose ``memory_fragment`` is null."""
    lines = [_line(fragment, with_actors=with_actors) for fragment in fragments]
    return "\n".join(lines) or _json({_TEXT: None, "note": NO_MATCH_NOTE})


def load(content: str) -> list[Fragment] | None:
    """The fragments in ``content``, without no-match lines; None where it isn't memory lines."""
    memories = [_memory(line) for line in content.splitlines() if line.strip()]
    if not memories or None in memories:
        return None
    return [_fragment(memory) for memory in memories if memory and memory[_TEXT] is not None]


def _line(fragment: Fragment, *, with_actors: bool) -> str:
    actors = {"actors": list(fragment.actors)} if with_actors else {}
    return _json({_TEXT: fragment.text, **actors})


def _json(memory: dict[str, Any]) -> str:
    """One line of JSON: readable, but escaped where a character in it would end the line."""
    text = json.dumps(memory, ensure_ascii=False)
    return text if len(text.splitlines()) == 1 else json.dumps(memory)


def _memory(line: str) -> dict[str, Any] | None:
    """The memory that ``line`` holds, None where it is anything else."""
    try:
        memory = json.loads(line)
    except ValueError:
        return None
    is_memory = isinstance(memory, dict) and isinstance(memory.get(_TEXT, 0), str | None)
    return memory if is_memory else None


def _fragment(memory: dict[str, Any]) -> Fragment:
    actors = memory.get("actors")
    names = actors if isinstance(actors, list) else []
    return Fragment(memory[_TEXT], tuple(name for name in names if isinstance(name, str)))
