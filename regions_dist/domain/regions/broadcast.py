"""A region that sends on what it is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from regions_dist.domain.quick import quick
from regions_dist.domain.region import BaseRegion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.message import Message

__all__ = ["BroadcastRegion"]

_TASK = "Forward all messages"


class BroadcastRegion(BaseRegion):
    """Sends each message it holds on to every connection."""

    methods: ClassVar[tuple[str, ...]] = ("broadcast",)

    def __init__(
        self,
        name: str,
        task: str = _TASK,
        connections: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name, task or _TASK, connections)

    @quick
    def broadcast(self) -> None:
        """Forward the held mail, unchanged in source, role and content, and let go of it."""
        held = sorted([*self.requests, *self.replies], key=lambda message: message.id)
        for message in held:
            for connection in self.connections:
                self.outbox.put_nowait(_forward(message, connection))
        self.requests.clear()
        self.replies.clear()


def _forward(message: Message, connection: str) -> Message:
    return replace(message, destination=connection, id="", parent=message.id, hops=message.hops + 1)
