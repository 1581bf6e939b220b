"""A coordinator holds nothing: killed, the run goes on; and two at one run do no harm."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.shell import Gate, plan_of

if TYPE_CHECKING:
    from tests.acceptance.shell import Command, Shell
    from tests.stub_model import StubModel


@pytest.fixture
def held(shell: Shell, stub: StubModel, broker_url: str) -> tuple[Command, Gate]:
    """The run ``one`` on the broker, whose first step waits for its model; and what holds it."""
    gate = Gate(lambda _: "because")
    stub.script = gate
    shell.worker("--region", "Solo", "--redis", broker_url)
    plan = shell.write("plan.json", plan_of("make_replies", "clear_replies"))
    words = ("run", plan, "--ask", "Solo=Why?", "--run-id", "one", "--redis", broker_url)
    command = shell.start("regions-coordinator", *words)
    gate.wait_reached()
    return command, gate


def test_a_run_goes_on_without_its_coordinator_and_any_other_shows_how_it_ends(
    elsewhere: Shell, stub: StubModel, broker_url: str, held: tuple[Command, Gate]
) -> None:
    command, gate = held
    command.tell(signal.SIGKILL)
    assert command.end().code == -signal.SIGKILL
    gate.opened.set()

    shown = elsewhere.coordinator("resume", "one", "--json", "--redis", broker_url)

    assert shown.code == 0, shown.err
    assert shown.document["answers"] == [{"source": "Solo", "content": "because"}]
    assert len(stub.chats) == 1


def test_two_coordinators_at_one_run_both_tell_the_answer_which_is_given_once(
    elsewhere: Shell, stub: StubModel, broker_url: str, held: tuple[Command, Gate]
) -> None:
    first, gate = held
    second = elsewhere.start("regions-coordinator", "resume", "one", "--redis", broker_url)
    second.wait_for("Solo.make_replies running")
    gate.opened.set()

    for command in (first, second):
        ended = command.end()
        assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    assert len(stub.chats) == 1
