"""How long what keeps dying waits for its next start."""

from __future__ import annotations

from regions_dist.embedded.keeping import STEADY, Pauses


def test_the_first_start_is_at_once_and_then_ever_later() -> None:
    pauses = Pauses()

    assert [pauses.next(0.0) for _ in range(8)] == [0.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0]
    assert pauses.next(0.0) == 5.0


def test_what_was_up_for_a_while_starts_at_once_again() -> None:
    pauses = Pauses()
    for _ in range(5):
        pauses.next(0.0)

    assert [pauses.next(STEADY), pauses.next(0.0)] == [0.0, 0.1]
