"""What a test waits for, instead of waiting for time."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from regions_dist.domain.message import Message

__all__ = ["Heard", "Signal"]

_PATIENCE: Final = 30.0
"""Seconds after which what should have happened has not."""


class Signal:
    """Set in any thread, awaited on any event loop, or waited for in a thread.

    ``within`` is in seconds; AssertionError is raised when it has not come by then.
    """

    def __init__(self, name: str = "the signal") -> None:
        self._name = name
        self._event = threading.Event()
        self._guard = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    @property
    def is_set(self) -> bool:
        """Whether it has come."""
        return self._event.is_set()

    def set(self) -> None:
        """Let all go on that wait, and will."""
        with self._guard:
            self._event.set()
            for loop, event in self._waiting:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(event.set)
            self._waiting.clear()

    async def wait(self, within: float = _PATIENCE) -> None:
        """Wait without holding up the event loop."""
        event = asyncio.Event()
        with self._guard:
            if self.is_set:
                return
            self._waiting.append((asyncio.get_running_loop(), event))
        try:
            async with asyncio.timeout(within):
                await event.wait()
        except TimeoutError:
            raise self._missing(within) from None

    def wait_here(self, within: float = _PATIENCE) -> None:
        """Wait in this thread, for sync methods and tests."""
        if not self._event.wait(within):
            raise self._missing(within)

    def _missing(self, within: float) -> AssertionError:
        return AssertionError(f"{self._name} did not come within {within:g} s")


class Heard:
    """A listener's ``out_process`` that keeps what it hears, and can be waited for."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._guard = threading.Lock()
        self._signals: list[tuple[int, Signal]] = []

    def __call__(self, message: Message) -> None:
        """Hear one message."""
        with self._guard:
            self.messages.append(message)
            for number, signal in self._signals:
                if len(self.messages) >= number:
                    signal.set()

    async def until(self, number: int, within: float = _PATIENCE) -> list[Message]:
        """Wait for this many messages in all; those that have come."""
        signal = Signal(f"message {number}")
        with self._guard:
            self._signals.append((number, signal))
            if len(self.messages) >= number:
                signal.set()
        await signal.wait(within)
        return list(self.messages)
