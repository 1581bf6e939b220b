"""What the commands say, and end with, when the broker goes away in mid-run."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.shell import Gate, plan_of
from tests.killable_broker import KillableBroker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.shell import Command, Shell
    from tests.stub_model import StubModel

ANSWER = "because"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[KillableBroker]:
    """A broker of which a test may do anything."""
    broker = KillableBroker(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture
def gate(stub: StubModel) -> Iterator[Gate]:
    """Holds back the answer of the plan's second layer."""
    gate = Gate(lambda _: ANSWER)
    asked = itertools.count()
    stub.script = lambda request: gate(request) if next(asked) else ANSWER
    yield gate
    gate.opened.set()


def start(shell: Shell, broker: KillableBroker, *options: object) -> tuple[Command, Command]:
    """A worker, and a run of two layers, of which each prints an answer."""
    worker = shell.worker("--region", "Solo", "--region", "Duo", "--redis", broker.url)
    solo = {"name": "Solo", "type": "Region", "task": "Answer.", "connections": {}}
    plan = plan_of("make_replies", regions=[solo, solo | {"name": "Duo"}]) | {
        "layer_config": [{"chain0": ["Solo"]}, {"chain0": ["Duo"]}],
        "execution_config": [[["Solo", "make_replies"]], [["Duo", "make_replies"]]],
    }
    run = shell.start(
        *("regions-coordinator", "run", shell.write("plan.json", plan)),
        *("--ask", "Solo=Why?", "--ask", "Duo=How?", "--redis", broker.url),
        *("--run-id", "one", *options),
    )
    return worker, run


@pytest.mark.alone
def test_a_killed_broker_is_waited_for_and_the_run_goes_on_when_it_is_back(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    worker, run = start(shell, broker)
    gate.wait_reached()
    broker.kill()
    for command in (run, worker):
        command.wait_for("waiting for it: the run goes on when it is back")
    broker.restart()
    back = time.monotonic()
    gate.opened.set()
    ended = run.end()
    assert ended.code == 0, ended.err
    assert time.monotonic() - back < 5
    assert "the broker is back, after" in ended.err
    assert broker.url.split("@")[0].split(":")[-1] not in ended.err
    assert "Traceback" not in ended.err + worker.err


@pytest.mark.alone
def test_a_frozen_broker_is_said_within_five_seconds_by_run_and_worker(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    worker, run = start(shell, broker)
    gate.wait_reached()
    frozen = time.monotonic()
    broker.freeze()
    for command in (run, worker):
        command.wait_for("does not answer (it is silent)")
        assert time.monotonic() - frozen < 5
    gate.opened.set()
    broker.thaw()
    ended = run.end()
    assert ended.code == 0, ended.err


def test_a_broker_that_stays_away_ends_the_wait_and_the_run_can_be_resumed(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    _, run = start(shell, broker, "--wait", "1")
    gate.wait_reached()
    broker.kill()
    ended = run.end()
    assert ended.code == 3
    assert "it was waited for 1 s" in ended.err
    assert "go on with: regions-coordinator resume one" in ended.err
    broker.restart()
    gate.opened.set()
    resumed = shell.coordinator("resume", "one", "--redis", broker.url, "--json")
    assert resumed.code == 0, resumed.err
    assert resumed.document["status"] == "succeeded"


def test_the_time_out_is_kept_while_the_broker_is_away(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    _, run = start(shell, broker, "--timeout", "8", "--json")
    gate.wait_reached()
    broker.freeze()
    ended = run.end()
    assert ended.code == 3
    assert ended.document["status"] == "timed_out"
    assert "the broker is away" in ended.document["error"]["message"]
    assert [layer["status"] for layer in ended.document["layers"]] == ["succeeded", "timed_out"]


@pytest.mark.alone
def test_a_broker_that_has_lost_its_memory_fails_the_run_with_what_is_known(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    worker, run = start(shell, broker, "--json")
    gate.wait_reached()
    broker.lose_memory()
    back = time.monotonic()
    ended = run.end()
    assert time.monotonic() - back < 5
    assert ended.code == 1, ended.err
    told = ended.document
    assert (told["status"], told["error"]["code"]) == ("failed", "run-lost")
    assert "restarted without its data" in told["error"]["message"]
    assert "1 of 2 layers were done, 1 answers printed" in told["error"]["message"]
    assert "resume one" not in ended.err
    assert told["answers"] == [{"source": "Solo", "content": ANSWER}]
    assert [layer["status"] for layer in told["layers"]] == ["succeeded", "failed"]
    assert (told["messages"]["delivered"], told["messages"]["printed"]) == (2, 1)
    assert told["seconds"] > 0
    worker.wait_for("run one is dropped")
    gate.opened.set()
    again = shell.coordinator(
        *("run", "plan.json", "--ask", "Solo=Why?", "--redis", broker.url, "--json")
    )
    assert again.code == 0, again.err


def test_an_interrupt_is_heard_while_the_broker_is_away(
    shell: Shell, broker: KillableBroker, gate: Gate
) -> None:
    _, run = start(shell, broker)
    gate.wait_reached()
    broker.freeze()
    run.wait_for("does not answer")
    run.process.terminate()
    ended = run.end()
    assert ended.code == 130
    assert "go on with: regions-coordinator resume one" in ended.err
