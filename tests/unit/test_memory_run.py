"""A run in memory, on plays of all kinds: the oracle that the broker's scripts are held to, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions_dist.domain.message import OUTSIDE, Message, StepId
from regions_dist.domain.plan import OutsideMessage, Plan, RegionEntry, Undeliverable
from regions_dist.domain.schedule import schedule
from regions_dist.memory.run import MemoryRun
from regions_dist.ports import Claim
from tests.protocol.play import plays
from tests.protocol.undisturbed import Undisturbed

if TYPE_CHECKING:
    from random import Random

    from regions_dist.domain.region import RegionState
    from tests.protocol.play import Play


@pytest.mark.parametrize("undeliverable", get_args(Undeliverable))
@settings(max_examples=60, derandomize=True, deadline=None)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_a_run_in_memory_comes_to_what_any_run_of_the_play_must(
    undeliverable: Undeliverable, data: st.DataObject, random: Random
) -> None:
    play = data.draw(plays(undeliverable))

    run, skipped = driven(play, random)

    oracle = Undisturbed(play, {0: admitted(play)}, skipped)
    fates = {message.id: fate for message, fate in oracle.fates.values()}
    assert {record["id"]: record["outcome"] for record in run.log.trace} == fates
    assert {name: sorted(m.id for m in inbox) for name, inbox in run.mail.inboxes.items()} == {
        name: sorted(m.id for m in oracle.inboxes[name]) for name in run.mail.inboxes
    }
    assert cast("Any", run.states) == oracle.states
    said = {m.id: (m.source, m.destination, m.content, m.parent) for m, _ in oracle.fates.values()}
    assert {
        r["id"]: (r["source"], r["destination"], r["content"], r["parent"] or "")
        for r in run.log.trace
    } == said
    assert [event.number for event in run.log.events] == list(range(1, len(run.log.events) + 1))


def driven(play: Play, random: Random) -> tuple[MemoryRun, set[str]]:
    """The play's run at its end, its steps taken in any order that it allows; those that failed."""
    skipped: set[str] = set()
    with patch("regions_dist.memory.mailroom.time.monotonic", Clock()):
        run = MemoryRun("r", play.plan, open_ended=False)
        run.begin(play.places, play.mail)
        while run.status != "succeeded":
            if run.status == "failed":
                run.resume(None, None)
            run.route()
            if run.orders:
                run.orders.rotate(random.randrange(len(run.orders)))
                step(play, run, skipped)
    return run, skipped


def step(play: Play, run: MemoryRun, skipped: set[str]) -> None:
    """Take a step, and commit it, or let it fail."""
    claim: Any = run.claim(run.orders.popleft())
    if not isinstance(claim, Claim):
        return
    state = cast("str", claim.state or "")
    after, posted = play.effects(claim.order.step, state, claim.mail)
    if run.commit(claim, cast("RegionState", after), posted, ()) != "done":
        skipped.add(claim.order.step)
        assert run.fail(claim, "inbox-full", "no room", go_on=True) == "done"
    assert run.commit(claim, cast("RegionState", after), posted, ()) == "duplicate"


def admitted(play: Play) -> list[Message]:
    """The mail that was there before the first layer, as it enters."""
    return [
        Message(m.source, m.destination, m.role, m.content, StepId(0, OUTSIDE, 0).message_id(n))
        for n, m in enumerate(play.mail)
    ]


class Clock:
    """Goes on by ten seconds with every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Now."""
        self.now += 10
        return self.now


def test_mail_from_outside_is_held_once_for_each_key(play_of_one: MemoryRun) -> None:
    run = play_of_one
    mail = OutsideMessage(source="user", destination="A", content="text")

    assert [run.inject(mail, key) for key in ("1", "1", "2")] == ["held", "duplicate", "held"]
    run.steer("cancel")
    assert [run.inject(mail, key) for key in ("3", "3", "1")] == [
        "run-ended",
        "run-ended",
        "duplicate",
    ]
    assert [letter.reason for letter in run.log.dead] == ["run-ended"]


@pytest.fixture
def play_of_one() -> MemoryRun:
    """A run that waits for its first step."""
    entry = RegionEntry(name="A", type="BaseRegion")
    plan = Plan(
        regions=(entry,),
        layer_config=({"chain": ("A",)},),
        execution_config=((("A", "clear_replies"),),),
        execution_order=(0,),
    )
    run = MemoryRun("r", plan, open_ended=True)
    run.begin(schedule(plan), ())
    return run
