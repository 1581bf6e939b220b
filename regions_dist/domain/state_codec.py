"""A region's state as text, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from regions_dist.domain.message import Message
from regions_dist.domain.region import RegionState

__all__ = ["dump_state", "load_state"]


def dump_state(state: RegionState) -> str:
    """The state as JSON; the same state always gives the same text, in ASCII."""
    fields = {
        "connections": dict(state.connections),
        "requests": [asdict(message) for message in state.requests],
        "replies": [asdict(message) for message in state.replies],
    }
    return json.dumps(fields, separators=(",", ":"))


def load_state(text: str) -> RegionState:
    """The state that ``dump_state`` made ``text`` of. Raises ValueError for any other text."""
    fields = json.loads(text)
    try:
        return RegionState(
            dict(fields["connections"]), _mail(fields["requests"]), _mail(fields["replies"])
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a region's state: {error}") from None


def _mail(messages: list[dict[str, Any]]) -> tuple[Message, ...]:
    return tuple(Message(**message) for message in messages)
