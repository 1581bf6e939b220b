"""The routing service: what waits in an outbox moves to inboxes and dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regions_dist.ports import Outboxes

__all__ = ["serve"]


async def serve(outboxes: Outboxes) -> None:
    """Route for all runs until cancelled. Any number may do so: the move is atomic."""
    async for run in outboxes.filled():
        await outboxes.route(run)
