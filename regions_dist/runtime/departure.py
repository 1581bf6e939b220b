"""How a worker leaves: told once it drains, told twice it stops at once; nothing can hold it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAREWELL", "Departure"]

FAREWELL: Final = 1.0
"""Seconds in which what is held is handed back; a broker that does not answer gets no more."""

_DRAINED: Final = b"\0"
"""Comes by the same socket as the signals' numbers, of which none is zero."""

log = logging.getLogger(__name__)


class Departure:
    """Hears SIGTERM and SIGINT, from when it is made, and sees that this process ends.

    The first signal completes ``told``; whoever awaits it finishes what runs, in ``grace``
    seconds, calls ``drained``, and closes what is open. When the time for that is over, or a
    second signal comes, the process says farewell and ends with exit code 0, whatever it does
    then. All of this happens in a thread of its own, for a step may block the event loop. An
    ignored SIGINT stays ignored.
    """

    def __init__(self, grace: float) -> None:
        self.busy: Callable[[], int] = lambda: 0
        """How many steps run; called from the thread."""
        self.farewell: Callable[[], None] = lambda: None
        """Hands back what is held, and signs off; called from a thread."""
        self._grace = grace
        self._first: Future[None] = Future()
        self._first.set_running_or_notify_cancel()  # it cannot be cancelled any more
        self._signals, self._wake = socket.socketpair()
        self._listen()

    async def told(self) -> None:
        """Return when the first signal has come."""
        await asyncio.wrap_future(self._first)

    def drained(self) -> None:
        """Tell that nothing runs any more: FAREWELL seconds are left for the rest."""
        self._wake.send(_DRAINED)

    def say_farewell(self) -> None:
        """Say farewell, in FAREWELL seconds at most."""
        thread = threading.Thread(target=self.farewell, name="farewell", daemon=True)
        thread.start()
        thread.join(FAREWELL)

    def _listen(self) -> None:
        self._wake.settimeout(0)
        signal.set_wakeup_fd(self._wake.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda *_: None)  # the wake-up is what tells
        threading.Thread(target=self._see_it_end, name="departure", daemon=True).start()

    def _see_it_end(self) -> None:
        self._signals.recv(1)
        for_steps = max(self._grace - FAREWELL, self._grace / 2)
        running = self.busy()
        log.info(
            "draining: %s, up to %g s; a second signal stops at once", _steps(running), for_steps
        )
        self._first.set_result(None)
        news = self._next(for_steps if running else max(for_steps, FAREWELL))
        if news == _DRAINED:
            news = self._next(2 * FAREWELL)
        if count := self.busy():
            reason = "told again" if news else "the grace is over"
            log.info("%s: handing back %s", reason, _steps(count))
        self.say_farewell()
        os._exit(0)

    def _next(self, seconds: float) -> bytes:
        """What comes next within so many seconds, or nothing."""
        self._signals.settimeout(seconds)
        try:
            return self._signals.recv(1)
        except (TimeoutError, BlockingIOError):  # the latter where there is no time at all
            return b""


def _steps(count: int) -> str:
    return f"{count} step{'' if count == 1 else 's'} running"
