"""What this worker's listeners hear: readers of a run's trace, each with a cursor of its own."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from regions_dist.errors import RunLost
from regions_dist.runtime.ending import end

if TYPE_CHECKING:
    from regions_dist.ports import Mail, Order

__all__ = ["Listeners", "Sink"]


class Sink(Protocol):
    """Where what a listener hears goes."""

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """Take one record of the trace. A record may come again after a crash, with its id."""
        ...


class Listeners:
    """Follows traces between a listener's ``start`` and its ``stop``; never stalls routing.

    A listener hears all that was delivered up to its ``stop``, from the beginning of the run.
    """

    def __init__(self, mail: Mail, sink: Sink) -> None:
        self._mail = mail
        self._sink = sink
        self._cursors: dict[tuple[str, str], str] = {}
        self._followers: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def act(self, order: Order) -> None:
        """Carry out a listener's step: begin to follow, or hear what is left and end."""
        key = (order.run, order.region)
        if order.method == "start":
            if key not in self._followers:
                self._followers[key] = asyncio.create_task(self._follow(*key))
            return
        if follower := self._followers.pop(key, None):
            await end([follower])
        await self._hear(*key, block=False)
        self._cursors.pop(key, None)

    async def aclose(self) -> None:
        """End all followers."""
        await end(self._followers.values())

    async def _follow(self, run: str, name: str) -> None:
        with suppress(RunLost):
            while True:
                await self._hear(run, name, block=True)
        self._cursors.pop((run, name), None)
        self._followers.pop((run, name), None)

    async def _hear(self, run: str, name: str, *, block: bool) -> None:
        after = self._cursors.get((run, name), "0-0")
        for cursor, record in await self._mail.heard(run, after, block=block):
            if name in record["copies"]:
                self._sink.hear(run, name, record)
            self._cursors[run, name] = cursor
