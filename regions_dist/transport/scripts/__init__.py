"""The Lua scripts, each joined with what it builds on."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["source"]

_WITHOUT_ROUTER = {"answer", "forget", "note", "release", "renew"}


@cache
def source(name: str) -> str:
    """The whole text of the script called ``name``."""
    parts = (name,) if name in _WITHOUT_ROUTER else ("router", name)
    folder = files(__package__)
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in ("run", *parts))
