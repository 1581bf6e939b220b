"""When a standby takes a lease for dead, with clocks that the test moves."""

from __future__ import annotations

import pytest

from regions_dist.transport.clocks import Clocks, Span
from regions_dist.transport.standby import LeaseWatch

LEASE = 2.0


class Hands:
    """The hands of both clocks."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000.0, 50.0
        self.clocks = Clocks(lambda: self.wall, lambda: self.steady)

    def pass_(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def sleep(self, seconds: float) -> None:
        """As the clocks see a machine's sleep."""
        self.wall += seconds


class Standby:
    """A standby that looks eight times a lease."""

    def __init__(self) -> None:
        self.hands = Hands()
        self._watch = LeaseWatch(LEASE, self.hands.clocks)

    def look(self, beat: str, *, took: float = 0.0) -> str:
        """A look, and what it takes for dead."""
        dead = self._watch.dead()
        self.hands.pass_(took)
        self._watch.saw(beat)
        return dead

    def looks(self, beat: str, leases: float) -> str:
        """Look for so many leases; what the last look takes for dead."""
        for _ in range(round(leases * 8)):
            self.look(beat)
            self.hands.pass_(LEASE / 8)
        return self.look(beat)


@pytest.fixture
def standby() -> Standby:
    return Standby()


def test_a_lease_without_a_beat_is_dead_after_its_whole_life_and_not_before(
    standby: Standby,
) -> None:
    assert standby.looks("1:0", 7 / 8) == ""
    standby.hands.pass_(LEASE / 8)
    assert standby.look("1:0") == "1:0"


def test_a_beat_begins_the_watch_anew(standby: Standby) -> None:
    for beat in range(30):
        assert standby.looks(f"1:{beat}", 3 / 8) == ""


def test_a_look_that_took_long_begins_the_watch_anew(standby: Standby) -> None:
    standby.looks("1:0", 7 / 8)
    standby.look("1:0", took=60.0)

    assert standby.looks("1:0", 7 / 8) == ""
    standby.hands.pass_(LEASE / 8)
    assert standby.look("1:0") == "1:0"


def test_a_standby_that_was_stopped_watches_a_whole_lease_again(standby: Standby) -> None:
    standby.looks("1:0", 7 / 8)
    standby.hands.pass_(3600)

    assert standby.look("1:0") == ""
    assert standby.looks("1:0", 7 / 8) == ""


def test_a_standby_whose_machine_slept_watches_a_whole_lease_again(standby: Standby) -> None:
    standby.looks("1:0", 7 / 8)
    standby.hands.sleep(3600)

    assert standby.look("1:0") == ""
    assert standby.looks("1:0", 7 / 8) == ""


def test_a_clock_that_is_set_back_shortens_no_span() -> None:
    hands = Hands()
    span = Span(hands.clocks)
    hands.pass_(5)
    hands.sleep(-3600)

    assert span.seconds() == 5
