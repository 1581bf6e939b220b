"""The Postmaster's side of the broker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.transport import keys

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.transport.mail import RedisMail

__all__ = ["RedisOutboxes"]


class RedisOutboxes:
    """Implements ports.Outboxes on the runs' ``out`` streams."""

    def __init__(self, mail: RedisMail) -> None:
        self._mail = mail

    async def filled(self) -> AsyncIterator[str]:
        """See ports.Outboxes."""

        async def streams_of(run: str) -> dict[str, None]:
            return {keys.of_run(run, "out"): None}

        async for run, *_ in self._mail.live_runs(streams_of).entries():
            yield run

    async def route(self, run: str) -> float | None:
        """See ports.Outboxes."""
        return await self._mail.route(run)
