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

log = logging.getLogger(__name__)


class Departure:
    """Hears SIGTERM and SIGINT, from when it is made, and sees that this process ends.

    The first signal completes ``told``; whoever awaits it finishes what runs, in ``grace``
    seconds. When these are over, or a second signal comes, the process says farewell and ends
    with exit code 0, whatever it does then. All of this happens in a thread of its own, for a
    step may block the event loop. An ignored SIGINT stays ignored.
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
        log.info("draining: %s, up to %g s; a second signal stops at once", self._held(), for_steps)
        self._first.set_result(None)
        self._signals.settimeout(for_steps)
        try:
            self._signals.recv(1)
            log.info("stopping at once: %s handed back", self._held())
        except (TimeoutError, BlockingIOError):  # the latter where there is no time at all
            log.info("the grace is over: %s handed back", self._held())
        self.say_farewell()
        os._exit(0)

    def _held(self) -> str:
        count = self.busy()
        return f"{count} step{'' if count == 1 else 's'} running"
