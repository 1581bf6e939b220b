"""Keep a child up: one that dies is started again, at once at first, then ever more slowly."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final

from regions_dist.embedded.processes import BAD_INPUT_CODE, LOST_CODE
from regions_dist.errors import RegionsError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from regions_dist.embedded.processes import Child

__all__ = ["STEADY", "Pauses", "keep_up"]

STEADY: Final = 2.0
"""Seconds after which a child counts as up: if it dies then, it is started again at once."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0
_SIGNALLED: Final = 128


class Pauses:
    """Seconds to wait before each start of what keeps dying: 0, 0.1, 0.2, 0.4, … up to 5."""

    def __init__(self) -> None:
        self._next = 0.0

    def next(self, lived: float) -> float:
        """The pause after a life of so many seconds."""
        pause = 0.0 if lived >= STEADY else self._next
        self._next = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, 2 * pause))
        return pause


async def keep_up(
    child: Child, again: Callable[[], Awaitable[Child]], say: Callable[[str], None]
) -> int:
    """Start ``child`` again, by ``again``, as often as it dies; its exit code when it ends.

    It ends with 0, or with BAD_INPUT_CODE, which it would do again. Each death is said.
    """
    restarts = _Restarts(again, say)
    while (code := await child.ended()) not in {0, BAD_INPUT_CODE}:
        child = await restarts.after(child, code)
    return code


class _Restarts:
    def __init__(self, again: Callable[[], Awaitable[Child]], say: Callable[[str], None]) -> None:
        self._again = again
        self._say = say
        self._pauses = Pauses()
        self._clock = asyncio.get_running_loop().time
        self._since = self._clock()

    async def after(self, child: Child, code: int) -> Child:
        """The child that takes this one's place; the same one, dead, where that cannot be yet."""
        died = f"{child.name} died ({_how(code)})"
        if pause := self._pauses.next(self._clock() - self._since):
            log = f"; its log: {child.log}" if child.log else ""
            self._say(f"{died} again; next try in {pause:g} s{log}")
            await asyncio.sleep(pause)
        self._since = self._clock()
        try:
            child = await self._again()
        except RegionsError as error:
            self._say(f"{child.name} cannot be started: {error.message}")
            return child
        if not pause:
            self._say(f"{died}; started again")
        return child


def _how(code: int) -> str:
    number = -code if code < 0 else code - _SIGNALLED
    if code == LOST_CODE:
        return "nobody knows how"
    if number <= 0:
        return f"exit code {code}"
    return "killed" if number == signal.SIGKILL else signal.Signals(number).name
