"""The Lua scripts, each joined with what it builds on."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["source"]

_WITHOUT_ROUTER = {"answer", "forget", "note", "release", "renew"}
_OF_SLOTS = {"give_slot", "keep_slot", "take_slot"}
_OF_CALLS = {"abandon_call", "keep_call", "take_call"}


@cache
def source(name: str) -> str:
    """The whole text of the script called ``name``."""
    folder = files(__package__)
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in _parts(name))


def _parts(name: str) -> tuple[str, ...]:
    if name in _OF_CALLS:
        return (name,)
    if name in _OF_SLOTS:
        return ("slots", name)
    return ("run", name) if name in _WITHOUT_ROUTER else ("run", "router", name)
