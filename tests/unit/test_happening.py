"""Events as views get them: flat, with their place in the plan, and never too long."""

from __future__ import annotations

from regions_dist.api.happening import LONGEST, Teller
from regions_dist.domain.message import StepId
from regions_dist.domain.outcome import Event
from regions_dist.domain.schedule import Chain, Place, Step

ASK, ANSWER = StepId(0, 1, 0), StepId(1, 2, 0)
PLACES = (
    Place(3, (Chain("only", (Step(ASK, "A", "make_questions"),)),)),
    Place(1, (Chain("idle", ()), Chain("main", (Step(ANSWER, "B", "make_replies"),)))),
)
MAIL = {"seq": "7", "source": "A", "destination": "B", "role": "request", "outcome": "delivered"}


def told(kind: str, **fields: str) -> dict[str, object]:
    """What is told of an event."""
    return Teller(PLACES).tell(Event("5-0", 1.5, kind, fields, 4))


def test_a_step_is_told_with_its_place_however_little_its_event_says() -> None:
    event = told("step", step=str(ANSWER), region="B", status="done")

    assert (event["type"], event["seq"], event["at"]) == ("step", 4, 1.5)
    assert (event["place"], event["layer"], event["chain"], event["index"]) == (1, 1, 2, 0)
    assert (event["chain_name"], event["method"]) == ("main", "make_replies")
    assert (event["worker"], event["epoch"], event["message"]) == ("", None, "")


def test_a_message_is_told_with_its_position_and_who_hears_it() -> None:
    event = told(
        "message", **MAIL, id="0000-001-000-000002", parent="", copies='["Ear"]', content="Well?"
    )

    assert (event["trace"], event["parent"], event["copies"]) == (7, None, ["Ear"])
    assert [event[name] for name in ("place", "layer", "chain", "step", "ordinal")] == [
        *(0, 3, 1, 0, 2)
    ]
    assert (event["content"], event["size"], event["truncated"]) == ("Well?", 5, False)


def test_a_message_that_routing_made_has_its_parents_position() -> None:
    assert told("message", **MAIL, id="0001-002-000-000000r")["place"] == 1


def test_a_stray_message_has_no_position() -> None:
    event = told("message", **MAIL, id="stray-1-0-out")
    assert (event["place"], event["layer"], event["ordinal"]) == (None, None, None)


def test_a_long_content_is_cut_and_says_so_unless_all_is_wanted() -> None:
    long = "x" * (LONGEST + 1)
    cut = told("message", **MAIL, content=long)
    event = Event("5-0", 1.5, "message", MAIL | {"content": long}, 4)
    whole = Teller(PLACES, longest=None).tell(event)

    assert (len(str(cut["content"])), cut["size"], cut["truncated"]) == (LONGEST, LONGEST + 1, True)
    assert (whole["content"], whole["truncated"]) == (long, False)


def test_a_run_that_is_stepped_says_before_which_place_it_stands() -> None:
    stopped = told("run", status="paused", code="step", where="1")
    paused = told("run", status="paused", code="", where="")

    assert (stopped["stopped_before"], paused["stopped_before"]) == (1, None)


def test_an_event_of_a_place_that_was_added_is_not_known_yet() -> None:
    teller = Teller(PLACES)
    assert teller.knows(Event("1-0", 0.0, "layer", {"place": "1"}))
    assert not teller.knows(Event("1-0", 0.0, "layer", {"place": "2"}))
    assert not teller.knows(Event("1-0", 0.0, "step", {"step": "0002-001-000"}))
    assert teller.knows(Event("1-0", 0.0, "step", {"step": "no step"}))
