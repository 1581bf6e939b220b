"""The example of a region type of one's own, by hand."""

from __future__ import annotations

import pytest

from examples.custom_region.ballot import BallotRegion
from regions_dist import BadInput
from regions_dist.domain.message import Message


def voted(*votes: str, quorum: int = 1) -> tuple[str, list[str]]:
    """What the chair answers, and its warnings."""
    chair = BallotRegion("Chair", options="lake, forest", quorum=quorum)
    chair.receive([Message("user", "Chair", "request", "Where?")])
    chair.receive(
        Message(f"V{number}", "Chair", "reply", vote) for number, vote in enumerate(votes)
    )
    chair.count_votes()
    (answer,) = chair.posted
    assert (answer.destination, answer.role) == ("user", "reply")
    assert not chair.requests
    return answer.content, chair.warnings


@pytest.mark.parametrize(
    ("votes", "answer"),
    [
        (("Lake!", "the lake", "forest"), "lake (lake 2, forest 1)"),
        (("lake", "forest"), "No decision, a tie: lake 1, forest 1"),
        ((), "No decision, too few valid votes: lake 0, forest 0"),
    ],
)
def test_votes_are_counted(votes: tuple[str, ...], answer: str) -> None:
    assert voted(*votes) == (answer, [])


def test_a_vote_for_none_or_for_both_does_not_count_and_is_told() -> None:
    answer, warnings = voted("lake", "a lakeside", "lake or forest")

    assert answer == "lake (lake 1, forest 0)"
    assert warnings == ["V1 chose not one of lake, forest", "V2 chose not one of lake, forest"]


def test_below_the_quorum_nothing_is_decided() -> None:
    answer, _ = voted("lake", quorum=2)

    assert answer == "No decision, too few valid votes: lake 1, forest 0"


def test_everybody_is_asked_and_the_request_stays() -> None:
    chair = BallotRegion("Chair", connections={"Ada": "", "Ben": ""})
    chair.receive([Message("user", "Chair", "request", "Tea?")])
    chair.ask_everyone()

    assert [(it.destination, it.content) for it in chair.posted] == [
        ("Ada", "Tea?"),
        ("Ben", "Tea?"),
    ]
    assert len(chair.requests) == 1


def test_a_ballot_of_one_option_is_refused() -> None:
    with pytest.raises(BadInput, match="two options or more"):
        BallotRegion("Chair", options="lake")
