"""Waiting for a broker, and what is said of it, with a clock that the test moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import redis

from regions_dist.errors import BrokerRefused, BrokerUnavailable
from regions_dist.transport.connection import translated
from regions_dist.transport.patience import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "redis://:secret@nas:6379/0"
LOST = redis.exceptions.ConnectionError("Connection closed by server.")
FULL = redis.exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'.")


class Time:
    """Seconds, and what was said at which; each pause takes as long as it says."""

    def __init__(self) -> None:
        self.now = 100.0
        self.said: list[tuple[float, str]] = []
        self.pauses: list[float] = []

    def patience(self, give_up: float | None = None) -> Patience:
        return Patience(URL, self.say, give_up=give_up, clock=lambda: self.now, pause=self.pause)

    def say(self, text: str) -> None:
        self.said.append((round(self.now - 100), text))

    async def pause(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)


@pytest.fixture
def time() -> Time:
    return Time()


class Broker:
    """Answers with an error until some time has come, and then "pong"."""

    def __init__(self, time: Time, error: Exception, until: float) -> None:
        self._time, self._error, self._until = time, error, until

    async def ping(self) -> str:
        if self._time.now < self._until:
            raise self._error
        return "pong"


async def test_an_outage_is_told_when_it_is_noticed_every_ten_seconds_and_when_it_ends(
    time: Time,
) -> None:
    broker = Broker(time, LOST, until=125)

    assert await time.patience().ask(broker.ping) == "pong"

    waiting = "the broker at redis://nas:6379/0 does not answer (connection closed by server); "
    waiting += "waiting for it{}: the run goes on when it is back"
    assert [text for _, text in time.said] == [
        waiting.format(""),
        waiting.format(" for 11 s now"),
        waiting.format(" for 21 s now"),
        "the broker is back, after 25 s",
    ]
    assert [at for at, _ in time.said] == [1, 11, 21, 25]


async def test_pauses_grow_from_a_twentieth_of_a_second_to_a_half(time: Time) -> None:
    await time.patience().ask(Broker(time, LOST, until=103).ping)

    assert time.pauses[:5] == [0.05, 0.1, 0.2, 0.4, 0.5]
    assert max(time.pauses) == 0.5


async def test_a_blip_is_not_worth_a_word(time: Time) -> None:
    await time.patience().ask(Broker(time, LOST, until=100.3).ping)

    assert time.said == []


async def test_it_gives_up_when_told_to_and_says_how_long_it_waited(time: Time) -> None:
    with pytest.raises(BrokerUnavailable, match="it was waited for 5 s"):
        await time.patience(give_up=5).ask(Broker(time, LOST, until=1000).ping)

    assert 5 <= time.now - 100 < 6


async def test_many_who_wait_are_told_of_once(time: Time) -> None:
    patience = time.patience()
    error = BrokerUnavailable("no broker")
    for second in range(6):
        time.now = 100 + second / 4
        for _ in range(20):
            patience.missed(error, asked=time.now)

    patience.answered()

    assert len(time.said) == 2


async def test_a_connection_of_before_an_outage_tells_of_no_new_one(time: Time) -> None:
    patience = time.patience()
    patience.missed(BrokerUnavailable("no broker"), asked=100)
    time.now += 1
    patience.answered()
    patience.missed(BrokerUnavailable("no broker"), asked=100)
    time.now += 10
    patience.answered()

    assert time.said == []


async def test_a_broker_that_takes_nothing_is_told_of_though_it_answers_who_reads(
    time: Time,
) -> None:
    patience = time.patience()
    writer, reader = Broker(time, FULL, until=103), Broker(time, FULL, until=0)

    async def write() -> str:
        await patience.ask(reader.ping)
        return await writer.ping()

    await patience.ask(write)

    assert [text.partition(";")[0] for _, text in time.said] == [
        "the broker at redis://nas:6379/0 has no memory left",
        "the broker is back, after 3 s",
    ]


NOT_NOW = [
    ("LOADING Redis is loading the dataset in memory", "still loading its data from disk"),
    ("BUSY Redis is busy running a script.", "busy with a script"),
    ("OOM command not allowed when used memory > 'maxmemory'.", "no memory left"),
    ("MISCONF Redis is configured to save RDB snapshots", "disk is full"),
    ("READONLY You can't write against a read only replica.", "a copy that takes nothing"),
    ("CLUSTERDOWN The cluster is down", "a part is down"),
    ("MASTERDOWN Link with MASTER is down", "lost its master"),
    ("NOREPLICAS Not enough good replicas to write.", "lost the copies"),
]


@pytest.mark.parametrize(("answer", "plainly"), NOT_NOW)
def test_what_a_broker_answers_that_cannot_serve_now_is_said_in_plain_words(
    answer: str, plainly: str
) -> None:
    with pytest.raises(BrokerUnavailable, match=plainly) as caught, translated(URL):
        raise _parsed(answer)

    assert "secret" not in caught.value.message


def _parsed(answer: str) -> Exception:
    parse: Callable[[str], Exception] = redis._parsers.base.BaseParser.parse_error
    return parse(answer)


async def test_a_refused_password_is_not_waited_for(time: Time) -> None:
    refused = redis.exceptions.AuthenticationError("invalid username-password pair")

    with pytest.raises(BrokerRefused, match="refuses the password"):
        await time.patience().ask(Broker(time, refused, until=1000).ping)


async def test_an_error_that_waiting_does_not_mend_is_raised_at_once(time: Time) -> None:
    wrong = redis.exceptions.ResponseError("WRONGTYPE Operation against a key")

    with pytest.raises(redis.exceptions.ResponseError, match="WRONGTYPE"):
        await time.patience().ask(Broker(time, wrong, until=1000).ping)
