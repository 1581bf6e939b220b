"""What a coordinator can tell of a run from its events alone."""

from __future__ import annotations

import pytest

from regions_dist.coordinator.ledger import Ledger
from regions_dist.domain.outcome import Event, RunProblemReport

LOST = RunProblemReport("run-lost", "it is gone", "r")


@pytest.fixture
def ledger() -> Ledger:
    """A run of layers 4 and 2, in its second."""
    ledger = Ledger("r", [4, 2])
    tell(ledger, 10.0, "run", status="running")
    tell(ledger, 10.0, "layer", place="0", status="started")
    tell(ledger, 10.5, "message", outcome="delivered", source="A")
    tell(ledger, 11.0, "message", outcome="printed", source="A", content="hello")
    tell(ledger, 12.0, "layer", place="0", status="done")
    tell(ledger, 12.0, "layer", place="1", status="started")
    tell(ledger, 15.0, "step", step="0001-001-000", status="running")
    return ledger


def tell(ledger: Ledger, at: float, kind: str, **fields: str) -> None:
    ledger.enter(Event("1-0", at, kind, fields))


def test_a_run_that_is_lost_is_told_as_far_as_it_was_seen(ledger: Ledger) -> None:
    assert ledger.view("failed", LOST).as_dict() == {
        "run": "r",
        "status": "failed",
        "answers": [{"source": "A", "content": "hello"}],
        "layers": [
            {"index": 4, "status": "succeeded", "seconds": 2.0},
            {"index": 2, "status": "failed", "seconds": 3.0},
        ],
        "messages": {
            "delivered": 1,
            "printed": 1,
            "dropped": 0,
            "returned": 0,
            "rerouted": 0,
            "dead": 0,
        },
        "seconds": 5.0,
        "error": {"code": "run-lost", "message": "it is gone", "where": "r"},
    }
    assert ledger.summary() == "1 of 2 layers were done, 1 answers printed, 2 messages counted"


def test_a_run_whose_end_was_seen_ended_so_though_it_was_lost_afterwards(ledger: Ledger) -> None:
    tell(ledger, 16.0, "layer", place="1", status="done")
    tell(ledger, 16.0, "run", status="succeeded")

    view = ledger.view("failed", LOST)

    assert (view.status, view.error) == ("succeeded", None)


def test_a_run_that_never_began_is_told_too() -> None:
    view = Ledger("r", [0]).view("failed", LOST)

    assert view.seconds == 0
    assert view.layers[0].status == "waiting"


def test_what_it_does_not_know_changes_nothing(ledger: Ledger) -> None:
    before = ledger.view("failed", LOST)
    tell(ledger, 15.0, "layer", place="7", status="started")
    tell(ledger, 15.0, "message", outcome="eaten")
    tell(ledger, 15.0, "weather")

    assert ledger.view("failed", LOST) == before
