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
    ``cursors`` are those that another left behind when it was closed, by run and listener.
    """

    def __init__(
        self, mail: Mail, sink: Sink, cursors: dict[tuple[str, str], str] | None = None
    ) -> None:
        self._mail = mail
        self._sink = sink
        self._cursors = {} if cursors is None else cursors
        self._followers: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def act(self, order: Order) -> None:
        """Carry out a listener's step: begin to follow, or hear what is left and end."""
        key = (order.run, order.region)
        if order.method == "start":
            self._cursors.setdefault(key, "0-0")
            self.go_on()
            return
        if follower := self._followers.pop(key, None):
            await end([follower])
        await self._hear(*key, block=False)
        self._cursors.pop(key, None)

    def go_on(self) -> None:
        """Follow for all listeners that were started and not stopped."""
        for key in self._cursors.keys() - self._followers.keys():
            self._followers[key] = asyncio.create_task(self._follow(*key))

    async def catch_up(self) -> None:
        """Let all listeners hear what has been delivered so far, and follow no longer."""
        await self.aclose()
        for key in list(self._cursors):
            with suppress(RunLost):
                await self._hear(*key, block=False)

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
