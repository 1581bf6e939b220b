"""What a run waits for, for whom, and what can be done about it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from regions_dist.ports import WorkerInfo
from regions_dist.runs.stored_runs import Standing
from regions_dist.runs.waiting import Waiting, waits_of
from regions_dist.transport.run_record import RunRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

ADA, BOB = (WorkerInfo(name, "host", 1, ("Facts",)) for name in ("ada", "bob"))
FACTS = {"name": "Facts", "type": "BroadcastRegion"}
ORDER = [("5000-0", {"step": "0000-001-000", "method": "broadcast"})]


def standing(
    status: str = "running",
    *workers: WorkerInfo,
    lease: Mapping[str, str] | None = None,
    held: Mapping[str, str] | None = None,
    tended: bool = True,
    placement: Mapping[str, object] | None = None,
) -> Standing:
    """A run, ten seconds after 1970 began, with one step under way since five seconds."""
    plan = {"regions": [FACTS], "layer_config": [], "execution_config": [], "execution_order": []}
    record = RunRecord(
        "one",
        {
            "plan": {"document": json.dumps(plan | {"placement": placement or {}})},
            "run": {"status": status},
            "clock": {"now": "10000000"},
            "lease:Facts": dict(lease or {}),
        },
        {
            "orders:Facts": ORDER,
            "waiting": [],
            "held": [("6000-0", dict(held))] if held else [],
        },
    )
    return Standing(record, list(workers), tended)


def only(standing: Standing) -> Waiting:
    """The one thing it waits for."""
    (waiting,) = waits_of(standing)
    return waiting


def test_a_step_that_runs_names_its_worker_and_since_when() -> None:
    waiting = only(standing("running", ADA, lease={"owner": "ada", "since": "7500000"}))

    assert (waiting.what, waiting.waits_for) == ("Facts.broadcast", "worker ada")
    assert (waiting.since, waiting.todo, waiting.worker) == (2.5, "", "ada")


def test_a_step_nobody_has_taken_names_who_could() -> None:
    waiting = only(standing("running", ADA, BOB))

    assert (waiting.waits_for, waiting.since) == ("worker ada or bob to take it", 5.0)
    assert (waiting.todo, waiting.worker) == ("", None)


def test_a_step_nobody_hosts_says_what_to_start() -> None:
    waiting = only(standing())

    assert waiting.waits_for == "a worker, but no worker hosts it"
    assert waiting.todo == "regions-worker --region 'Facts'"


def test_a_step_that_is_placed_waits_for_none_but_the_workers_of_its_placement() -> None:
    placement = {"Facts": {"worker": "nas"}}

    waiting = only(standing("running", ADA, placement=placement))

    assert waiting.waits_for == "worker nas, which is not up"
    assert waiting.todo == "regions-worker --name nas"
    nas = WorkerInfo("nas", "host", 1)
    waiting = only(standing("running", ADA, nas, placement=placement))
    assert (waiting.waits_for, waiting.todo) == ("worker nas to take it", "")


def test_a_step_whose_worker_is_silent_says_so_and_what_to_start_where_nobody_takes_over() -> None:
    lease = {"owner": "ada", "since": "7500000"}

    assert "nothing is heard" in only(standing("running", BOB, lease=lease)).waits_for
    assert only(standing("running", lease=lease)).todo == "regions-worker --region 'Facts'"


def test_a_paused_run_waits_to_be_resumed_and_for_steps_that_still_run() -> None:
    lease = {"owner": "ada", "since": "7500000"}
    waits = waits_of(standing("paused", ADA, lease=lease))

    assert [(wait.kind, wait.todo) for wait in waits] == [
        ("resume", "regions-coordinator resume one"),
        ("step", ""),
    ]
    assert [wait.kind for wait in waits_of(standing("paused", ADA))] == ["resume"]


def test_a_run_whose_command_was_killed_waits_to_be_resumed_by_nobody_else() -> None:
    waiting = only(standing(lease={"owner": "ada", "since": "7500000"}, tended=False))

    assert (waiting.kind, waiting.todo) == ("resume", "regions-coordinator resume one")
    assert "nobody works on it" in waiting.what


def test_mail_from_outside_waits_for_the_next_layer() -> None:
    mail = {"source": "ada", "destination": "Facts", "role": "request", "content": "?", "at": "0"}
    _, waiting = waits_of(standing("running", ADA, held=mail))

    assert (waiting.kind, waiting.what) == ("mail", "mail from ada to Facts")
    assert waiting.waits_for == "the next layer to start"


def test_a_run_that_has_ended_waits_for_nothing() -> None:
    for status in ("succeeded", "cancelled"):
        assert waits_of(standing(status)) == []
