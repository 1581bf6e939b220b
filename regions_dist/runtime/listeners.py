"""What this worker's listeners hear: readers of a run's trace, each with a cursor of its own."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from regions_dist.errors import RunLost
from regions_dist.runtime.ending import end

if TYPE_CHECKING:
    from regions_dist.ports import Mail, Order

__all__ = ["Hearing", "Listeners", "Sink"]

log = logging.getLogger(__name__)

SINK_LIMIT: Final = 10.0
"""Seconds that a sink has for one message; one that takes longer is taken for dead."""

_NAMED: Final = 5
"""Messages that a warning names by their ids."""


class Sink(Protocol):
    """Where what a listener hears goes."""

    async def ready(self, run: str, listener: str) -> None:
        """Find the listener's sink. Raises BadInput where there is none of that name."""
        ...

    async def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """Take one record of the trace, or raise. It may come again, with its id."""
        ...


@dataclass
class Hearing:
    """How far a listener is: the last record it came to, and those its sink did not take.

    ``missed`` has, by each such record's cursor, the cursor before it. ``dead``: the sink hangs.
    """

    cursor: str = "0-0"
    missed: dict[str, str] = field(default_factory=dict)
    reason: str = ""
    dead: bool = False


class Listeners:
    """Follows traces between a listener's ``start`` and its ``stop``; never stalls routing.

    A listener hears all that was delivered up to its ``stop``, from the beginning of the run. What
    its sink did not take is offered once more at the stop, and then named in a warning.
    ``hearings`` are those that another left behind when it was closed, by run and listener.
    ``limit``: seconds that a sink has for one message.
    """

    def __init__(
        self,
        mail: Mail,
        sink: Sink,
        hearings: dict[tuple[str, str], Hearing] | None = None,
        limit: float = SINK_LIMIT,
    ) -> None:
        self._mail = mail
        self._sink = sink
        self._limit = limit
        self._hearings = {} if hearings is None else hearings
        self._followers: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._giving: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def act(self, order: Order) -> tuple[str, ...]:
        """Carry out a listener's step: begin to follow, or hear what is left and end.

        What the run's watchers are to be warned of. Methods of other names are the region's own.
        """
        if order.method == "start":
            return await self._start(order.run, order.region)
        if order.method == "stop":
            return await self._stop(order.run, order.region)
        return ()

    def go_on(self) -> None:
        """Follow for all listeners that were started and not stopped."""
        for key in self._hearings.keys() - self._followers.keys():
            self._followers[key] = asyncio.create_task(self._follow(*key))

    async def catch_up(self) -> None:
        """Let all listeners hear what has been delivered so far, and follow no longer."""
        for key in list(self._hearings):
            await self._leave(key)
            with suppress(RunLost):
                await self._hear(*key, block=False)

    async def aclose(self) -> None:
        """End all followers."""
        await end(self._followers.values())

    async def _start(self, run: str, name: str) -> tuple[str, ...]:
        self._hearings.setdefault((run, name), Hearing())
        self.go_on()
        try:
            await self._sink.ready(run, name)
        except Exception as error:  # noqa: BLE001  a listener never blocks the run
            return (f"nothing will be heard: {error}",)
        return ()

    async def _stop(self, run: str, name: str) -> tuple[str, ...]:
        key = (run, name)
        hearing = self._hearings.setdefault(key, Hearing())
        try:
            await self._leave(key)
            await self._hear(*key, block=False)
            lost = await self._offer_again(*key, hearing)
        finally:  # a stop that is given up is another's, who hears all of it
            self._hearings.pop(key, None)
            self._giving.pop(key, None)
        return (_missing(lost, hearing.reason),) if lost else ()

    async def _leave(self, key: tuple[str, str]) -> None:
        """Follow no longer; what the sink is just being given, it is given to the end."""
        async with self._giving[key]:
            if follower := self._followers.pop(key, None):
                await end([follower])

    async def _follow(self, run: str, name: str) -> None:
        with suppress(RunLost):
            while True:
                await self._hear(run, name, block=True)
        self._hearings.pop((run, name), None)
        self._followers.pop((run, name), None)

    async def _hear(self, run: str, name: str, *, block: bool) -> None:
        hearing = self._hearings[run, name]
        records = await self._mail.heard(run, hearing.cursor, block=block)
        async with self._giving[run, name]:
            for cursor, record in records:
                if name in record["copies"] and not await self._give(run, name, hearing, record):
                    hearing.missed[cursor] = hearing.cursor
                hearing.cursor = cursor

    async def _offer_again(self, run: str, name: str, hearing: Hearing) -> list[str]:
        """The ids of those messages that the sink will not take now, either."""
        if not hearing.missed:
            return []
        hearing.dead = False
        lost = []
        before = next(iter(hearing.missed.values()))
        for cursor, record in await self._mail.heard(run, before, block=False):
            if cursor in hearing.missed and not await self._give(run, name, hearing, record):
                lost.append(str(record["id"]))
        return lost

    async def _give(self, run: str, name: str, hearing: Hearing, record: dict[str, Any]) -> bool:
        """Whether the sink took it; what is wrong with one that did not is logged once."""
        if hearing.dead:
            return False
        timer = asyncio.timeout(self._limit)
        try:
            async with timer:
                await self._sink.hear(run, name, record)
        except Exception as error:  # noqa: BLE001  a sink may raise anything
            hearing.dead = timer.expired()
            took = f"it took more than {self._limit:g} s for a message"
            reason = took if hearing.dead else f"{type(error).__name__}: {error}"
            if reason != hearing.reason:
                log.warning("run %s: the sink of listener %s fails: %s", run, name, reason)
            hearing.reason = reason
            return False
        return True


def _missing(lost: list[str], reason: str) -> str:
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    ids = ", ".join(lost[:_NAMED])
    return (
        f"its sink fails, {reason}; it did not take {len(lost)} message(s): {ids}{more}; "
        "the trace has them all"
    )
