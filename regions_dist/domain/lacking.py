"""What a step says of a model or store that it asks for while nobody serves it."""

from __future__ import annotations

from typing import Final

__all__ = ["lack", "tells_of_lack"]

_WAITING: Final = "waiting for "


def lack(what: str, start: str) -> str:
    """That the step waits for ``what``, which nobody serves; ``start`` is the command for it."""
    return f"{_WAITING}{what}: no machine serves it; start {start}"


def tells_of_lack(message: str) -> bool:
    """Whether a step's last message is one of ``lack``: it waits still."""
    return message.startswith(_WAITING)
