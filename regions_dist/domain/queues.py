"""The queues by which a region is fed and emptied by hand: its inbox and its outbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from regions_dist.domain.message import Message

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Mapping

__all__ = ["Inbox", "Outbox"]


class Inbox(asyncio.Queue[Any]):
    """Message dicts that a region has not looked at yet; ``put`` raises BadInput for others."""

    _taken = 0

    def take(self) -> list[Message]:
        """All that lies there, in order and with ids that tell the order; it is empty then."""
        taken = []
        while not self.empty():
            self._taken += 1
            taken.append(replace(Message.of(self.get_nowait()), id=f"by-hand-{self._taken:06d}"))
        return taken

    def _put(self, item: Mapping[str, object]) -> None:
        super()._put(dict(Message.of(item).as_dict()))


class Outbox(asyncio.Queue[Any]):
    """What a region has posted: messages within, message dicts for whoever gets them."""

    _queue: deque[Message]

    def posted(self) -> list[Message]:
        """What lies there, which stays."""
        return list(self._queue)

    def clear(self) -> None:
        """Throw away what lies there."""
        while not self.empty():
            self.get_nowait()

    def _get(self) -> dict[str, Any]:
        return dict(self._queue.popleft().as_dict())

    def _put(self, item: Message | Mapping[str, object]) -> None:
        self._queue.append(item if isinstance(item, Message) else Message.of(item))
