"""Workflows of the reference, in each of their file forms, run as they are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.shell import COMPAT, TRACE_KEYS, Shell

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMS = ("pair", "full state")
DOCUMENT = ["run", "status", "answers", "layers", "messages", "seconds", "error"]
FATES = ["delivered", "printed", "dropped", "returned", "rerouted", "dead"]
LOOKUP = {
    ("terminal", "Historian", "request", "delivered"),
    ("Historian", "Biography", "request", "delivered"),
    ("Historian", "HistoricalFacts", "request", "delivered"),
    ("Biography", "Historian", "reply", "delivered"),
    ("HistoricalFacts", "Historian", "reply", "delivered"),
    ("Historian", "terminal", "reply", "printed"),
}
REFINE = {
    ("terminal", "BroadcastPrompt", "request", "delivered"),
    ("terminal", "DraftA", "request", "delivered"),
    ("terminal", "DraftB", "request", "delivered"),
    ("terminal", "CombineReplies", "request", "delivered"),
    ("DraftA", "CombineReplies", "reply", "delivered"),
    ("DraftB", "CombineReplies", "reply", "delivered"),
    ("CombineReplies", "terminal", "reply", "printed"),
}
ROUTES = {"lookup": LOOKUP, "refine": REFINE}
FIRST = {"lookup": "Historian", "refine": "BroadcastPrompt"}


def files(workflow: str, form: str) -> Sequence[object]:
    """The arguments that name a workflow in one of its forms."""
    if form == "full state":
        return [COMPAT / f"{workflow}_full_state.json"]
    regions, executions = (COMPAT / f"{workflow}_{part}.json" for part in ("regions", "executions"))
    return ["--regions", regions, "--executions", executions]


@pytest.mark.usefixtures("stub")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workflow", ROUTES)
def test_a_workflow_of_the_reference_runs_and_its_mail_goes_where_it_should(
    shell: Shell, workflow: str, form: str
) -> None:
    trace = shell.folder / "trace.jsonl"
    ask = f"{FIRST[workflow]}=Who led the Zebras?"
    options = ("--ask", ask, "--run-id", "one", "--json", "--trace", trace)
    ended = shell.coordinator("run", *files(workflow, form), *options)
    assert ended.code == 0, ended.err
    document, lines = ended.document, trace.read_text(encoding="utf-8")
    records = [json.loads(line) for line in lines.splitlines()]
    assert list(document) == DOCUMENT
    assert (document["run"], document["status"], document["error"]) == ("one", "succeeded", None)
    assert [list(turn) for turn in document["layers"]] == [["index", "status", "seconds"]] * 3
    assert [turn["index"] for turn in document["layers"]] == [0, 1, 2]
    assert list(document["messages"]) == FATES
    assert document["messages"]["delivered"] == len(ROUTES[workflow]) - 1
    (answer,) = document["answers"]
    assert list(answer) == ["source", "content"]
    assert {tuple(record) for record in records} == {TRACE_KEYS}
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    routes = [(r["source"], r["destination"], r["role"], r["outcome"]) for r in records]
    assert set(routes) == ROUTES[workflow]
    assert len(routes) == len(ROUTES[workflow])
    stored = shell.coordinator("trace", "one", "--json")
    assert (stored.code, stored.out) == (0, lines)
    shell.assert_nobody_left()


@pytest.mark.usefixtures("stub")
def test_the_only_listener_of_files_that_cannot_name_one_hears_all_mail_between_regions(
    shell: Shell,
) -> None:
    ended = shell.coordinator(
        "run", *files("refine", "pair"), "--ask", "BroadcastPrompt=Rhyme", "--run-id", "one", "-q"
    )
    assert ended.code == 0, ended.err
    lines = shell.coordinator("trace", "one", "--json").out.splitlines()
    between = [record for line in lines if (record := json.loads(line))["outcome"] == "delivered"]
    assert [record["copies"] for record in between] == [["CC"]] * 6


@pytest.mark.parametrize("to", ["plan", "full-state"])
@pytest.mark.parametrize("workflow", ROUTES)
def test_a_converted_workflow_still_verifies(shell: Shell, workflow: str, to: str) -> None:
    pair = files(workflow, "pair")
    converted = shell.coordinator("convert", *pair, "--to", to)
    assert converted.code == 0, converted.err
    checked = shell.coordinator("verify", shell.write("converted.json", converted.out))
    assert checked.code == 0, checked.err
    assert shell.coordinator("show", *pair).out == shell.coordinator("show", "converted.json").out


def test_the_drawing_of_a_full_state_outlives_two_conversions(shell: Shell) -> None:
    state = COMPAT / "refine_full_state.json"
    plan = shell.coordinator("convert", state, "--to", "plan")
    again = shell.coordinator("convert", shell.write("plan.json", plan.out), "--to", "full-state")
    assert (plan.err, again.err) == ("", "")
    assert drawing(json.loads(again.out)) == drawing(json.loads(state.read_text(encoding="utf-8")))


def drawing(state: dict[str, Any]) -> object:
    places = {node["data"]["params"]["name"]: node["position"] for node in state["flowNodes"]}
    return places, state["chainColors"]


def test_a_repair_is_told_with_file_and_place(shell: Shell) -> None:
    ended = shell.coordinator("verify", *files("lookup", "pair"), "--json")
    assert ended.code == 0
    assert all(list(item) == ["severity", "code", "message", "where"] for item in ended.document)
    repair = next(item for item in ended.document if item["code"] == "repaired-connections")
    assert "lookup_regions.json" in repair["message"]
    assert repair["where"] == "regions[1].connections"
