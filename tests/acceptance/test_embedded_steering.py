"""Without a broker: runs of this machine are looked at and steered while they run, and later."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.acceptance.shell import Gate, comparable, plan_of

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

ASK = ("--ask", "Solo=Why?")


def test_a_live_run_is_seen_paused_and_resumed_from_another_shell(
    shell: Shell, stub: StubModel
) -> None:
    gate = Gate(lambda _: "because")
    stub.script = gate
    plan = shell.write("plan.json", plan_of("make_replies", "clear_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK, "--run-id", "one")
    gate.wait_reached()

    (listed,) = shell.coordinator("runs", "--json").document
    assert (listed["run"], listed["status"], listed["live"]) == ("one", "running", True)
    (wait,) = shell.coordinator("status", "--json").document[0]["waits"]
    assert wait["what"] == "Solo.make_replies"
    assert shell.coordinator("pause", "one").code == 0
    command.wait_for("run paused; go on with: regions-coordinator resume one")
    gate.opened.set()
    resumed = shell.coordinator("resume", "one")

    assert (resumed.code, resumed.out) == (0, "Solo: because\n"), resumed.err
    ended = command.end()
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    shell.assert_nobody_left()


def test_a_run_that_was_killed_is_listed_as_interrupted_and_can_be_looked_at_and_cancelled(
    shell: Shell, stub: StubModel
) -> None:
    gate = Gate(lambda _: "because")
    stub.script = gate
    plan = shell.write("plan.json", plan_of("make_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK, "--run-id", "one")
    gate.wait_reached()
    command.tell(signal.SIGKILL)
    command.end()
    shell.assert_nobody_left()

    assert shell.coordinator("runs").out.split("\t")[:2] == ["one", "interrupted"]
    (wait,) = shell.coordinator("status", "one", "--json").document["waits"]
    assert wait["todo"] == "regions-coordinator resume one"
    state = shell.coordinator("state", "one", "Solo", "--json").document
    assert [mail["content"] for mail in state["unread"]] == ["Why?"]
    for _ in range(2):
        assert shell.coordinator("cancel", "one").out == "one is cancelled\n"
    (listed,) = shell.coordinator("runs", "--json").document
    assert (listed["status"], listed["live"]) == ("cancelled", False)
    assert shell.coordinator("cancel", "none").code == 2
    shell.assert_nobody_left()


def test_a_run_stepped_without_a_terminal_goes_on_by_resume_and_by_who_resumes_it_later(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = lambda _: "because"
    plan = shell.write("plan.json", plan_of("make_replies", "clear_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK, "--step", "--run-id", "one")
    command.wait_for("stopped before layer 0 (1 of 2)")
    assert shell.coordinator("resume", "one").out == "Solo: because\n"
    command.wait_for("stopped before layer 1 (2 of 2)")
    command.tell(signal.SIGINT)
    assert command.end().code == 130

    last = shell.coordinator("resume", "one")

    assert (last.code, last.out) == (0, "Solo: because\n"), last.err
    assert shell.coordinator("runs").out.split("\t")[1] == "succeeded"
    shell.assert_nobody_left()


def test_a_new_run_begins_where_another_stood_and_asks_the_model_nothing_again(
    shell: Shell, stub: StubModel
) -> None:
    answers = iter(["first", "second", "third"])
    stub.script = lambda _: next(answers)
    mail = {"source": "terminal", "destination": "Solo", "role": "request", "content": "Why?"}
    methods = ("make_replies", "clear_replies", "make_replies")
    plan = shell.write("plan.json", plan_of(*methods, messages=[mail]))
    first = shell.typed("regions-coordinator", "run", plan, "--run-id", "one", "--step")
    first.wait_for("stopped before layer 0")
    first.type("\n")
    first.wait_for("stopped before layer 1")
    assert shell.coordinator("inject", "one", "--to", "Solo", "And when?").code == 0
    first.type("\n\n")
    assert first.end().out == "Solo: first\nSolo: second\n"

    again = shell.coordinator(
        "run", "--replay", "one", "--from-layer", "1", "--run-id", "two", "--json"
    )

    assert again.code == 0, again.err
    assert [layer["status"] for layer in again.document["layers"]] == [
        "inherited",
        "succeeded",
        "succeeded",
    ]
    assert [answer["content"] for answer in again.document["answers"]] == ["second"]
    old, new = (comparable(shell.coordinator("trace", r, "--json").out) for r in ("one", "two"))
    assert new == [record for record in old if record["id"] >= "0001"]
    assert [run["parent"] for run in shell.coordinator("runs", "--json").document] == ["one", None]

    whole = shell.coordinator("run", plan, "--replay", "one")
    assert (whole.code, whole.out) == (0, "Solo: first\nSolo: second\n"), whole.err
    assert len(stub.chats) == 2

    changed = shell.write("changed.json", plan_of(*methods[:2], "keep_last_reply_per_source"))
    other = shell.coordinator("run", changed, "--replay", "one", "--from-layer", "2")
    assert (other.code, other.out) == (0, ""), other.err
    assert len(stub.chats) == 2


def test_a_replay_from_where_a_run_has_not_been_is_refused(shell: Shell, stub: StubModel) -> None:
    stub.script = lambda _: 400
    plan = shell.write("plan.json", plan_of("make_replies", "clear_replies"))
    assert shell.coordinator("run", plan, *ASK, "--run-id", "one").code == 1
    other = shell.write("other.json", plan_of("clear_replies", "clear_replies"))
    refused = {
        "resume one": shell.coordinator("run", "--replay", "one", "--from-layer", "1"),
        "began otherwise": shell.coordinator("run", other, "--replay", "one", "--from-layer", "1"),
        "--from-layer 7": shell.coordinator("run", "--replay", "one", "--from-layer", "7"),
        "no run called": shell.coordinator("run", "--replay", "none"),
        "--replay RUN": shell.coordinator("run", plan, "--from-layer", "1"),
    }

    for words, ended in refused.items():
        assert (ended.code, ended.out) == (2, ""), ended.err
        assert words in ended.err
        assert "Traceback" not in ended.err
    assert len(shell.coordinator("runs", "--json").document) == 1
