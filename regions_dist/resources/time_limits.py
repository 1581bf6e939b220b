"""How long an answer may take: in all, until it begins, and between two of its tokens."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["Limits", "Timer"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; the last two need an answer that is streamed, None means as long as ``total``."""

    total: float
    first_token: float | None = None
    stall: float | None = None


class Timer:
    """Holds one try to its limits. ``seconds`` is how long ago its first token came."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._gap = asyncio.timeout(limits.first_token)
        self._began: float | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The time runs. Raises TimeoutError where a limit is reached; ``reason`` says which."""
        async with asyncio.timeout(self._limits.total), self._gap:
            yield

    def token(self) -> None:
        """A token has come: the next one has ``stall`` seconds."""
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        self._gap.reschedule(None if self._limits.stall is None else now + self._limits.stall)

    @property
    def seconds(self) -> float:
        """Seconds since the first token; 0 before it."""
        now = asyncio.get_running_loop().time()
        return 0.0 if self._began is None else now - self._began

    @property
    def reason(self) -> str:
        """Which limit was reached."""
        if not self._gap.expired():
            return f"did not answer within {self._limits.total:g} s"
        if self._began is None:
            return f"did not begin to answer within {self._limits.first_token:g} s"
        return f"fell silent in the middle of an answer, for {self._limits.stall:g} s"
