"""A run again from what it was answered: as it was, or with a message that says something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.shell import comparable

if TYPE_CHECKING:
    from tests.acceptance.shell import Ended, Shell
    from tests.stub_model import StubModel

REGIONS: list[dict[str, object]] = [
    {"name": "Guide", "type": "Region", "task": "Answer.", "connections": {"Facts": "Knows."}},
    {"name": "Facts", "type": "RAGRegion", "task": "Know.", "connections": {}, "threshold": 0.1},
]
STEPS = [
    ("Guide", "make_questions"),
    ("Facts", "make_replies"),
    ("Guide", "make_replies"),
]
PLAN: dict[str, object] = {
    "version": 1,
    "regions": REGIONS,
    "layer_config": [{"chain0": [region]} for region, _ in STEPS],
    "execution_config": [[list(step)] for step in STEPS],
    "resources": {"rag": {"default": {"documents": ["facts.txt"]}}},
}
ANSWER = "0002-001-000-000000"
MEMORY = "0001-001-000-000000"


@pytest.fixture
def first(shell: Shell, stub: StubModel) -> Ended:
    """The run ``one``, which asked the model twice."""
    shell.write("facts.txt", "Tom keeps an owl.")
    plan = shell.write("plan.json", PLAN)
    ended = shell.coordinator("run", plan, "--ask", "Guide=What does Tom keep?", "--run-id", "one")
    assert ended.code == 0, ended.err
    assert len(stub.chats) == 2
    return ended


def trace(shell: Shell, run: str) -> list[dict[str, object]]:
    return comparable(shell.coordinator("trace", run, "--json").out)


def test_a_replay_asks_no_model_and_opens_no_store(
    shell: Shell, stub: StubModel, first: Ended
) -> None:
    asked = len(stub.requests)
    (shell.folder / "facts.txt").unlink()

    again = shell.coordinator("run", "plan.json", "--replay", "one", "--run-id", "two")

    assert (again.code, again.out) == (0, first.out), again.err
    assert len(stub.requests) == asked
    assert trace(shell, "two") == trace(shell, "one")
    same = shell.coordinator("diff", "one", "two")
    assert (same.code, same.out) == (0, "")


@pytest.mark.usefixtures("first")
def test_a_replay_of_a_plan_that_asks_something_else_fails_and_says_why(shell: Shell) -> None:
    changed = [REGIONS[0] | {"task": "Answer in verse."}, REGIONS[1]]
    plan = shell.write("changed.json", PLAN | {"regions": changed})

    ended = shell.coordinator("run", plan, "--replay", "one", "--run-id", "two", "--json")

    assert ended.code == 1
    assert ended.document["error"]["code"] == "not-recorded"
    assert "--from-layer" in ended.document["error"]["message"]


@pytest.mark.usefixtures("first")
def test_an_edited_message_branches_the_run_where_it_was_posted(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = lambda _: "a cat"
    asked = len(stub.chats)

    edited = shell.coordinator(
        *("run", "--replay", "one", "--edit", f"{MEMORY}=Tom keeps a cat.", "--run-id", "two")
    )

    assert (edited.code, edited.out) == (0, "Guide: a cat\n"), edited.err
    assert len(stub.chats) == asked + 1  # only the answer, whose prompt has changed
    parted = shell.coordinator("diff", "one", "two", "--json")
    assert parted.code == 1
    changed = [p["id"] for p in parted.document if p["left"] and p["right"]]
    assert changed == [MEMORY, ANSWER]
    assert "Tom keeps a cat." in shell.coordinator("diff", "one", "two").out


@pytest.mark.usefixtures("first")
def test_a_message_that_a_region_knows_already_can_be_edited_too(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = lambda _: "a dog"

    edited = shell.coordinator(
        *("run", "--replay", "one", "--from-layer", "2"),
        *("--edit", f"{MEMORY}=Tom keeps a dog.", "--run-id", "two"),
    )

    assert (edited.code, edited.out) == (0, "Guide: a dog\n"), edited.err
    assert "Tom keeps a dog." in str(stub.chats[-1])


@pytest.mark.usefixtures("first")
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--edit", "0009-001-000-000000=x"), "has no such message"),
        (("--edit", "no text"), "expected MESSAGE_ID=TEXT"),
    ],
)
def test_an_edit_of_nothing_is_bad_input(
    shell: Shell, options: tuple[str, ...], reason: str
) -> None:
    ended = shell.coordinator("run", "--replay", "one", *options)

    assert ended.code == 2
    assert reason in ended.err
