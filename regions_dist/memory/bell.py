"""Something that rings, and those who wait for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

__all__ = ["Bell"]


class Bell:
    """Wakes those who wait; belongs to no event loop between two waits."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        """Wake all who wait now."""
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def heard(self, seconds: float | None) -> bool:
        """Wait until it rings, or so many seconds at most; whether it rang."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await future
        return future.done() and not future.cancelled()
