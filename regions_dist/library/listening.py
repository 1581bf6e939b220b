"""Listeners of a program: what they hear goes to its own callables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regions_dist.domain.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from regions_dist.domain.plan import RegionEntry

__all__ = ["Callables"]


class Callables:
    """Implements runtime.listeners.Sink: calls each listener's ``out_process`` with a Message."""

    def __init__(self, regions: Iterable[RegionEntry]) -> None:
        self._callables: dict[str, Callable[[Message], object]] = {
            entry.name: entry.parameters["out_process"]
            for entry in regions
            if callable(entry.parameters.get("out_process"))
        }

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:  # noqa: ARG002
        """See Sink."""
        if listener in self._callables:
            keys = ("source", "destination", "role", "content", "id")
            message = Message(**{key: record[key] for key in keys}, parent=record["parent"] or "")
            self._callables[listener](message)
