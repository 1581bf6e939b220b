"""The scripts of slots, on a stand-in for the broker that runs their Lua."""

from __future__ import annotations

from typing import Any

import fakeredis
import pytest

from regions_dist.transport import keys
from regions_dist.transport.scripts import source

LEASE = 60_000
"""Milliseconds: longer than any test."""


class Endpoint:
    """An endpoint with so many slots, on a fresh stand-in."""

    def __init__(self, slots: int) -> None:
        self.redis: Any = fakeredis.FakeRedis(decode_responses=True)
        self.slots = slots

    def take(self, token: str, turn: int) -> bool:
        """Whether the token has a slot now."""
        return bool(self._call("take_slot", token, LEASE, self.slots, turn))

    def keep(self, token: str, *, held: bool = True) -> bool:
        """Beat for it."""
        return bool(self._call("keep_slot", token, LEASE, int(held)))

    def give(self, token: str) -> int:
        """Give its slot back; how many are woken."""
        return int(self._call("give_slot", token, self.slots))

    def late(self, token: str) -> None:
        """Let its lease have ended."""
        self.redis.zadd(keys.of_endpoint("e", "here"), {token: 1})

    def silence(self) -> None:
        """Let nobody have been heard for half a lease."""
        self.redis.delete(keys.of_endpoint("e", "beat"))

    def _call(self, script: str, *arguments: str | int) -> Any:
        root = [keys.of_endpoint("e", "here")]
        return self.redis.register_script(source(script))(keys=root, args=arguments)


@pytest.fixture
def one() -> Endpoint:
    return Endpoint(1)


def test_there_are_as_many_holders_as_slots() -> None:
    three = Endpoint(3)
    assert [three.take(f"t{turn}", turn) for turn in range(1, 6)] == [True] * 3 + [False] * 2


def test_who_holds_a_slot_and_asks_again_still_holds_one(one: Endpoint) -> None:
    assert [one.take("a", 1), one.take("a", 1), one.take("b", 2)] == [True, True, False]


def test_a_slot_goes_to_the_lowest_turn_whoever_asks_first(one: Endpoint) -> None:
    one.take("a", 1)
    assert not one.take("late", 9)
    assert not one.take("early", 2)
    assert one.give("a") == 1
    assert [one.take("late", 9), one.take("early", 2)] == [False, True]


def test_who_waits_is_woken_when_a_slot_is_given_back(one: Endpoint) -> None:
    one.take("a", 1)
    one.take("b", 2)
    one.take("c", 3)
    one.give("a")
    wake = [one.redis.llen(keys.of_endpoint("e", f"wake:{token}")) for token in "bc"]
    assert wake == [1, 0]


def test_who_is_not_heard_for_a_lease_holds_no_slot(one: Endpoint) -> None:
    one.take("a", 1)
    assert not one.take("b", 2)
    one.late("a")
    assert one.take("b", 2)
    assert not one.keep("a")
    assert not one.take("c", 3)


def test_who_died_waiting_keeps_nobody_behind_it(one: Endpoint) -> None:
    one.take("a", 1)
    one.take("dead", 2)
    one.take("c", 3)
    one.late("dead")
    one.give("a")
    assert one.take("c", 3)


def test_a_silence_of_all_ends_no_lease(one: Endpoint) -> None:
    one.take("a", 1)
    one.late("a")
    one.silence()
    assert not one.take("b", 2)


def test_after_the_broker_has_forgotten_all_who_beats_first_has_its_slot_again(
    one: Endpoint,
) -> None:
    one.take("a", 1)
    one.redis.flushall()
    assert one.keep("a")
    assert not one.take("b", 2)


def test_who_waits_no_more_has_left_nothing(one: Endpoint) -> None:
    one.take("a", 1)
    one.take("b", 2)
    one.give("b")
    one.give("a")
    assert one.redis.keys(keys.of_endpoint("e", "*")) == [keys.of_endpoint("e", "beat")]
