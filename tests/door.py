"""A door at which steps wait, whatever the broker does, until the test lets them on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from tests.cluster import PATIENCE, region

if TYPE_CHECKING:
    from regions_dist.domain.plan import RegionEntry
    from tests.cluster import Says

__all__ = ["Door"]


class Door:
    """What steps of regions of type HeldAtDoor come to: each on a connection of its own."""

    def __init__(self) -> None:
        self._came: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
        self._open: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for step in self._open:
            step.close()

    def region(self, name: str) -> RegionEntry:
        """A region that waits here, and then answers."""
        words: Says = ("terminal", "reply", "a word")
        port = self._server.sockets[0].getsockname()[1]
        return region(name, words, kind="HeldAtDoor", port=port)

    async def knock(self) -> asyncio.StreamWriter:
        """The next step that is here, awaited; closing it lets it on."""
        async with asyncio.timeout(PATIENCE):
            return await self._came.get()

    async def let_on(self, step: asyncio.StreamWriter | None = None) -> None:
        """Let this step on, or the next one that comes."""
        (step or await self.knock()).close()

    async def _take(self, _: asyncio.StreamReader, step: asyncio.StreamWriter) -> None:
        self._open.append(step)
        await self._came.put(step)
