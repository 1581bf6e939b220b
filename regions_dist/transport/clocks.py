"""What clocks tell of a process that was stopped, or of a machine that slept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clocks", "Span"]


@dataclass(frozen=True)
class Clocks:
    """The time of day, and one that only goes forward; both in seconds.

    A machine's sleep is seen by the time of day alone, a step of that clock's hands likewise. That
    a process was stopped is seen by both.
    """

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic


class Span:
    """How long it is since the span began, by whichever clock saw more of it."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._wall, self._steady = clocks.wall(), clocks.steady()

    def seconds(self) -> float:
        """Seconds since it began."""
        return max(self._clocks.wall() - self._wall, self._clocks.steady() - self._steady)
