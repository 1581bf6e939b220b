"""A region whose answers go on to its connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.domain.regions.llm import Region

if TYPE_CHECKING:
    from regions_dist.domain.message import Message

__all__ = ["FeedForwardRegion"]


class FeedForwardRegion(Region):
    """Answers like a Region, but sends each answer to every connection instead of to the asker."""

    def _send_answer(self, request: Message, answer: str) -> None:
        for connection in self.connections:
            self.post(connection, answer, "reply", answers=request)
