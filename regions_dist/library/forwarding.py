"""Mail from outside, from a Postmaster to the run that takes it up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain.plan import OutsideMessage
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.ports import ProgramRuns

__all__ = ["Forwarding"]

_LOOK_AGAIN: Final = 0.1
"""Seconds after which an inbox that was full is tried again."""


class Forwarding:
    """Takes each message up once: it leaves the Postmaster when the run has it."""

    def __init__(self, run: str, postmaster: Postmaster) -> None:
        self._run = run
        self._postmaster = postmaster
        self._number = 0

    def waiting(self) -> Sequence[OutsideMessage]:
        """What waits, oldest first."""
        return self._postmaster.pending

    def passed(self, number: int) -> None:
        """The run has this many of those that wait."""
        self._number += number
        self._postmaster.drop(number)

    async def forward(self, runs: ProgramRuns) -> None:
        """Pass on what waits. Raises BadInput where an inbox is full, and nothing empties it."""
        for message in self.waiting():
            if not await self._passes(runs, message):
                raise BadInput(
                    f"the inbox of {message.destination!r} has no room for more mail from outside; "
                    "raise inbox_limit",
                    where=message.destination,
                    code="inbox-full",
                )

    async def run(self, runs: ProgramRuns) -> None:
        """Pass on what comes while layers run, until cancelled; a full inbox is waited for."""
        loop, come = asyncio.get_running_loop(), asyncio.Event()
        self._postmaster.posted = lambda: _set(loop, come)
        try:
            while True:
                come.clear()
                for message in self.waiting():
                    while not await self._passes(runs, message):  # noqa: ASYNC110
                        await asyncio.sleep(_LOOK_AGAIN)
                await come.wait()
        finally:
            self._postmaster.posted = lambda: None

    async def _passes(self, runs: ProgramRuns, message: OutsideMessage) -> bool:
        """Whether the run has taken the message, which it does once however often it is asked."""
        key = f"postmaster:{self._number}"
        if await runs.inject(self._run, message, key, by_rules=True) == "full":
            return False
        self.passed(1)
        return True


def _set(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)
