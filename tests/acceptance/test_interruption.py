"""A run that is interrupted ends all it has started, loses nothing, and can go on."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.shell import Gate, comparable, plan_of

if TYPE_CHECKING:
    from typing import Any

    from tests.acceptance.shell import Command, Shell
    from tests.stub_model import StubModel

ANSWER = "because"
ASK = ("--ask", "Solo=Why?", "--run-id", "one")


def answer(_: dict[str, Any]) -> str:
    """What the stub says once it may."""
    return ANSWER


def held_run(shell: Shell, stub: StubModel) -> tuple[Command, Gate]:
    """An embedded run whose only step waits for its model; and what holds the model back."""
    gate = Gate(answer)
    stub.script = gate
    plan = shell.write("plan.json", plan_of("make_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK)
    gate.wait_reached()
    return command, gate


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_interrupted_in_mid_step_leaves_no_process_and_goes_on_when_resumed(
    shell: Shell, stub: StubModel, number: signal.Signals
) -> None:
    command, gate = held_run(shell, stub)
    family = shell.family()
    command.tell(number)
    ended = command.end()
    assert len(family) >= 3, "the coordinator, a worker and a broker were expected"
    shell.assert_nobody_left()
    gate.opened.set()
    if number == signal.SIGKILL:
        assert ended.code == -signal.SIGKILL
    else:
        assert ended.code == 130
        assert "go on with: regions-coordinator resume one" in ended.err
        assert "Traceback" not in ended.err
    resumed = shell.coordinator("resume", "one")
    assert resumed.code == 0, resumed.err
    assert resumed.out == f"Solo: {ANSWER}\n"
    resumed_trace = shell.coordinator("trace", "one", "--json").out
    whole = shell.coordinator("run", "plan.json", *ASK[:2], "--run-id", "two")
    assert whole.code == 0
    assert comparable(resumed_trace) == comparable(shell.coordinator("trace", "two", "--json").out)
    shell.assert_nobody_left()


def test_an_interrupted_run_can_be_looked_at_before_it_goes_on(
    shell: Shell, stub: StubModel
) -> None:
    command, gate = held_run(shell, stub)
    command.tell(signal.SIGINT)
    assert command.end().code == 130
    gate.opened.set()
    assert [r["destination"] for r in comparable(shell.coordinator("trace", "one", "--json").out)]
    shell.assert_nobody_left()


def test_time_that_is_up_ends_the_wait_and_the_run_goes_on_when_resumed(
    shell: Shell, stub: StubModel
) -> None:
    gate = Gate(answer)
    stub.script = gate
    plan = shell.write("plan.json", plan_of("make_replies"))
    ended = shell.coordinator("run", plan, *ASK, "--timeout", "2", "--json")
    assert ended.code == 3, ended.err
    assert ended.document["status"] == "timed_out"
    gate.opened.set()
    shell.assert_nobody_left()
    resumed = shell.coordinator("resume", "one", "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.document["answers"] == [{"source": "Solo", "content": ANSWER}]


def test_a_run_that_failed_goes_on_when_its_model_is_back(shell: Shell, stub: StubModel) -> None:
    stub.script = lambda _: 400
    plan = shell.write("plan.json", plan_of("make_replies"))
    assert shell.coordinator("run", plan, *ASK).code == 1
    stub.script = answer
    resumed = shell.coordinator("resume", "one")
    assert (resumed.code, resumed.out) == (0, f"Solo: {ANSWER}\n"), resumed.err
    shell.assert_nobody_left()
