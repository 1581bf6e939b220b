"""Waiting for a broker that is away: ask again until it answers, and say so."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from regions_dist.errors import BrokerUnavailable
from regions_dist.transport.connection import ANSWER_WITHIN, connect, translated

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["GIVE_UP", "Patience"]

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")

GIVE_UP = 60.0
"""Seconds for which whoever only asks waits for a broker that is away."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
_BLIP = 0.5
"""Seconds. A shorter outage is none worth a word: one more try mends it."""
_REMIND = 10.0
"""Seconds between two reports of the same outage."""
_SILENCE = BrokerUnavailable.code
_LONGEST_ANSWER = 60.0
_SIGN_WITHIN = 1.0
"""Seconds in which a broker that is well gives a sign of life."""


class _Outage:
    """One trouble with the broker: since when it lasts, and when it was last spoken of."""

    def __init__(self) -> None:
        self.since: float | None = None
        self.said: float | None = None

    def goes_on(self, now: float, since: float) -> str | None:
        """How to speak of it now, if it is time to: "" the first time, then for how long."""
        if self.since is None:
            self.since = since
        lasted = now - self.since
        if self.said is None:
            due, words = lasted >= _BLIP, ""
        else:
            due, words = now - self.said >= _REMIND, f" for {lasted:.0f} s now"
        self.said = now if due else self.said
        return words if due else None

    def ends(self, now: float) -> float | None:
        """How long it lasted, if anything was said of it."""
        lasted = None if self.said is None or self.since is None else now - self.since
        self.since = self.said = None
        return lasted


class Patience:
    """What a process knows of whether its broker answers. Its adapters share one, so that an
    outage is reported once, whoever met it.

    ``say`` gets the reports: when an outage is noticed, every ten seconds while it lasts, and
    when it is over. ``give_up`` is for how many seconds of an outage to wait; None: for ever.
    Whatever is asked must be idempotent, for a broker may have done it and died before it said so.
    """

    def __init__(
        self,
        url: str,
        say: Callable[[str], None] = log.warning,
        *,
        give_up: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.say = say
        self._url = url
        self._give_up = give_up
        self._clock = clock
        self._pause = pause
        self._guard = threading.Lock()
        self._answered = float("-inf")
        self._outages: dict[str, _Outage] = {}

    @property
    def away(self) -> bool:
        """Whether an outage has been noticed and is not over."""
        return any(outage.said is not None for outage in self._outages.values())

    async def ask(self, question: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer, however long it takes the broker to come back.

        Raises BrokerUnavailable once an outage has lasted ``give_up`` seconds, and BrokerRefused
        at once.
        """
        pause, within = _FIRST_PAUSE, ANSWER_WITHIN
        met: set[str] = set()
        while True:
            asked = self._clock()
            try:
                answer = await self.once(question, within=within)
            except BrokerUnavailable as error:
                met.add(error.code)
                self._refuse_longer_wait(error)
            else:
                if met:
                    self.answered(*met)
                return answer
            if self._clock() - asked >= within and not self.away:
                within = min(2 * within, _LONGEST_ANSWER)  # it is well; its answer is long
            await self._pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def once(
        self, question: Callable[[], Awaitable[Answer]], *, within: float = ANSWER_WITHIN
    ) -> Answer:
        """The answer to one try of at most ``within`` seconds. Raises BrokerUnavailable."""
        asked, silent = self._clock(), False
        try:
            with translated(self._url):
                try:
                    async with asyncio.timeout(within):
                        answer = await question()
                except TimeoutError:
                    silent = True
                    raise
        except BrokerUnavailable as error:
            if silent and await self._alive():
                self.answered()
            else:
                self.missed(error, asked, silent=silent)
            raise
        self.answered()
        return answer

    def missed(self, error: BrokerUnavailable, asked: float, *, silent: bool = False) -> None:
        """Take note that what was asked at ``asked`` got no answer; ``silent``: all the while."""
        with self._guard:
            outage = self._outages.setdefault(error.code, _Outage())
            broke = not silent and error.code == _SILENCE
            if broke and outage.since is None and asked < self._answered:
                return  # a connection from before the last outage
            now = self._clock()
            words = outage.goes_on(now, since=max(asked, self._answered) if silent else now)
        if words is not None:
            self.say(f"{error.message}; waiting for it{words}: the run goes on when it is back")

    def answered(self, *met: str) -> None:
        """Take note that the broker has answered, and to whom: the codes of errors met before."""
        with self._guard:
            self._answered = now = self._clock()
            ended = {code: self._outages[code] for code in {_SILENCE, *met} & self._outages.keys()}
            lasted = [spoken for outage in ended.values() if (spoken := outage.ends(now))]
        for seconds in lasted:
            self.say(f"the broker is back, after {seconds:.0f} s")

    def _refuse_longer_wait(self, error: BrokerUnavailable) -> None:
        outage = self._outages.get(error.code)
        if self._give_up is None or outage is None or outage.said is None or outage.since is None:
            return
        if self._clock() - outage.since >= self._give_up:
            raise BrokerUnavailable(
                f"{error.message}; it was waited for {self._give_up:g} s", where=error.where
            )

    async def _alive(self) -> bool:
        """Whether the broker gives a sign of life. A silence by itself does not tell: the answer
        may be long, or this process may have been too busy to hear it.
        """
        probe = connect(self._url)
        with suppress(BrokerUnavailable):
            try:
                with translated(self._url):
                    async with asyncio.timeout(_SIGN_WITHIN):
                        return bool(await probe.ping())
            finally:
                await probe.aclose()
        return False
