"""An embedded run mends itself: whatever of it is killed is started again, and the run goes on."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.shell import Gate, comparable, plan_of

if TYPE_CHECKING:
    import psutil

    from tests.acceptance.shell import Command, Shell
    from tests.stub_model import StubModel

ANSWER = "because"
ASK = ("--ask", "Solo=Why?")
TWO_STEPS = plan_of("make_replies", "make_replies")
LONG_LEASE = {"REGIONS_LEASE": "300"}
"""Longer than a test waits: a step that runs again was freed, and not waited for."""


def held_run(shell: Shell, stub: StubModel) -> tuple[Command, Gate]:
    """An embedded run whose first step waits for its model; and what holds the model back."""
    stub.script = gate = Gate(lambda _: ANSWER)
    plan = shell.write("plan.json", TWO_STEPS)
    command = shell.start("regions-coordinator", "run", plan, *ASK, **LONG_LEASE)
    gate.wait_reached()
    return command, gate


def undisturbed(shell: Shell) -> list[dict[str, Any]]:
    """The trace of the same run, left alone."""
    trace = shell.folder / "undisturbed.jsonl"
    ended = shell.coordinator("run", shell.folder / "plan.json", *ASK, "--trace", trace)
    assert ended.code == 0, ended.err
    return comparable(trace.read_text(encoding="utf-8"))


def worker_of(shell: Shell) -> psutil.Process:
    """The process that writes the worker's log."""
    return writer_of(shell, "worker-0.log")


def writer_of(shell: Shell, log: str) -> psutil.Process:
    """The process that writes a log of this name."""
    found = [p for p in shell.family() if log in {Path(f.path).name for f in p.open_files()}]
    assert len(found) == 1, found
    return found[0]


def server_of(shell: Shell) -> psutil.Process:
    """The broker's server."""
    return next(p for p in shell.family() if p.name() == "valkey-server")


def keeper_of(shell: Shell) -> psutil.Process:
    """The process that keeps the broker's server."""
    keeper = server_of(shell).parent()
    assert keeper is not None
    return keeper


@pytest.mark.parametrize(
    ("victim", "name"),
    [
        (worker_of, "worker 'Solo'"),
        (server_of, "the embedded broker"),
        (keeper_of, "the embedded broker"),
    ],
    ids=["worker", "broker", "keeper"],
)
def test_killed_in_mid_run_it_is_started_again_and_the_run_ends_as_if_nothing_had_happened(
    shell: Shell, stub: StubModel, victim: Any, name: str
) -> None:
    command, gate = held_run(shell, stub)
    victim(shell).kill()
    command.wait_for(f"{name} died (killed); started again")
    gate.opened.set()

    ended = command.end()

    assert (ended.code, ended.out) == (0, f"Solo: {ANSWER}\n"), ended.err
    assert ended.err.count("died") == 1
    run = next((shell.home / "runs").iterdir()).name
    trace = shell.coordinator("trace", run, "--json").out
    assert comparable(trace) == undisturbed(shell)
    shell.assert_nobody_left()


def test_a_broker_that_is_frozen_when_its_keeper_is_killed_is_replaced(
    shell: Shell, stub: StubModel
) -> None:
    command, gate = held_run(shell, stub)
    keeper = keeper_of(shell)
    server_of(shell).suspend()
    keeper.kill()
    command.wait_for("the embedded broker died (killed); started again")
    gate.opened.set()

    ended = command.end()

    assert (ended.code, ended.out) == (0, f"Solo: {ANSWER}\n"), ended.err
    shell.assert_nobody_left()


def test_interrupted_its_workers_hand_back_their_steps_at_once(
    shell: Shell, stub: StubModel
) -> None:
    command, gate = held_run(shell, stub)
    command.tell(signal.SIGINT)
    assert command.end().code == 130
    gate.opened.set()
    run = next((shell.home / "runs").iterdir()).name

    resumed = shell.coordinator("resume", run, **LONG_LEASE)

    assert (resumed.code, resumed.out) == (0, f"Solo: {ANSWER}\n"), resumed.err


def test_interrupted_while_it_mends_a_run_leaves_no_process_and_can_be_resumed(
    shell: Shell, stub: StubModel
) -> None:
    command, gate = held_run(shell, stub)
    worker_of(shell).kill()
    command.tell(signal.SIGINT)

    ended = command.end()

    assert ended.code == 130, ended.err
    shell.assert_nobody_left()
    gate.opened.set()
    run = next((shell.home / "runs").iterdir()).name
    assert shell.coordinator("resume", run).out == f"Solo: {ANSWER}\n"


@pytest.mark.usefixtures("model_file")
def test_the_embedded_model_killed_in_mid_answer_gives_the_same_answer_when_started_again(
    shell: Shell,
) -> None:
    params = {"temperature": 0, "seed": 1, "max_tokens": 150, "ignore_eos": True}
    plan = shell.write(
        "plan.json", plan_of("make_replies", resources={"llm": {"default": {"params": params}}})
    )
    whole = shell.coordinator("run", plan, *ASK)
    assert whole.code == 0, whole.err
    command = shell.start("regions-coordinator", "run", plan, *ASK)
    command.wait_for("Solo.make_replies running")
    writer_of(shell, "the-embedded-model.log").kill()
    command.wait_for("the embedded model died (killed); started again")

    ended = command.end()

    assert (ended.code, ended.out) == (0, whole.out), ended.err
    shell.assert_nobody_left()
