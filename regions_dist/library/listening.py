"""Listeners of a program: what they hear goes to its own callables."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from regions_dist.domain.execute import build
from regions_dist.domain.message import Message
from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.registry import region_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regions_dist.domain.plan import RegionEntry

__all__ = ["Callables"]

log = logging.getLogger(__name__)


class Callables:
    """Implements runtime.listeners.Sink: calls each listener's ``out_process`` with a Message.

    That is the one its entry gives, else the one its type has. One that raises stops nobody.
    """

    def __init__(self, regions: Mapping[str, RegionEntry]) -> None:
        types = region_types()
        listeners = (e for e in regions.values() if issubclass(types[e.type], ListenerRegion))
        found = {entry.name: _out_process(entry) for entry in listeners}
        self._callables = {name: call for name, call in found.items() if call is not None}

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """See Sink."""
        if listener not in self._callables:
            return
        keys = ("source", "destination", "role", "content", "id")
        message = Message(**{key: record[key] for key in keys}, parent=record["parent"] or "")
        try:
            self._callables[listener](message)
        except Exception:
            log.exception("run %s: listener %s could not take %s", run, listener, message.id)


def _out_process(entry: RegionEntry) -> Callable[[Message], object] | None:
    given: Callable[[Message], object] | None = entry.parameters.get("out_process")
    if given is not None:
        return given
    listener = build(entry, {})
    return listener.out_process if isinstance(listener, ListenerRegion) else None
