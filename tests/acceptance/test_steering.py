"""Runs are looked at and steered from another machine, on the broker that all know."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.shell import Gate, plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.shell import Command, Ended, Shell
    from tests.stub_model import StubModel

ASK = ("--ask", "Solo=Why?", "--run-id", "one")
ECHO = {"name": "Echo", "type": "BroadcastRegion", "connections": {"Echo": "", "terminal": ""}}


def echo_plan(layers: int, **parts: object) -> dict[str, object]:
    """A plan in which Echo tells itself, and people, what it is told, once a layer."""
    return {
        "version": 1,
        "regions": [ECHO | {"task": "Repeat."}],
        "layer_config": [{"chain0": ["Echo"]}] * layers,
        "execution_config": [[["Echo", "broadcast"]]] * layers,
        **parts,
    }


@pytest.fixture
def there(elsewhere: Shell, broker_url: str) -> Callable[..., Ended]:
    """Run regions-coordinator on another machine, on the same broker."""

    def call(*arguments: object) -> Ended:
        ended = elsewhere.coordinator(*arguments, "--redis", broker_url)
        assert "Traceback" not in ended.err
        assert "\x1b" not in ended.out
        return ended

    return call


@pytest.fixture
def held(shell: Shell, stub: StubModel, broker_url: str) -> tuple[Command, Gate]:
    """A run of two layers on the broker, whose first step waits for its model."""
    gate = Gate(lambda _: "because")
    stub.script = gate
    shell.worker("--region", "Solo", "--name", "ada", "--redis", broker_url)
    plan = shell.write("plan.json", plan_of("make_replies", "clear_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK, "--redis", broker_url)
    gate.wait_reached()
    return command, gate


@pytest.mark.usefixtures("held")
def test_a_run_is_seen_from_another_machine_with_what_it_waits_for(
    there: Callable[..., Ended],
) -> None:
    (listed,) = there("runs", "--json").document
    assert (listed["run"], listed["status"], listed["live"]) == ("one", "running", True)
    assert (listed["layers_done"], listed["layers"], listed["parent"]) == (0, 2, None)
    assert there("runs").out.split("\t")[:2] == ["one", "running"]

    document = there("status", "one", "--json").document
    assert [layer["status"] for layer in document["layers"]] == ["running", "waiting"]
    (wait,) = document["waits"]
    assert (wait["what"], wait["waits_for"]) == ("Solo.make_replies", "worker ada")
    assert wait["since"] > 0
    assert there("status", "--json").document[0]["run"] == "one"
    assert "waits\tSolo.make_replies\tfor worker ada" in there("status").out

    state = there("state", "one", "Solo", "--json").document
    assert [mail["content"] for mail in state["unread"]] == ["Why?"]
    assert there("state", "one", "--json").document == {"Solo": state}
    assert there("state", "one").out == "Solo\tunread\tterminal\tWhy?\n"
    assert there("state", "one", "Nobody").code == 2


def test_a_run_paused_from_another_machine_says_so_and_goes_on_when_resumed(
    there: Callable[..., Ended], held: tuple[Command, Gate]
) -> None:
    command, gate = held
    for _ in range(2):
        paused = there("pause", "one", "--json")
        assert (paused.code, paused.document) == (0, {"run": "one", "status": "paused"})
    assert there("pause", "one").out.startswith("one is paused; steps under way finish")
    command.wait_for("run paused; go on with: regions-coordinator resume one")
    gate.opened.set()
    command.wait_for("Solo.make_replies done")
    waits = there("status", "one", "--json").document["waits"]
    assert [wait["todo"] for wait in waits] == ["regions-coordinator resume one"]

    resumed = there("resume", "one")

    assert (resumed.code, resumed.out) == (0, "Solo: because\n"), resumed.err
    ended = command.end()
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    assert there("pause", "one").out == "one had ended already: succeeded\n"
    assert there("cancel", "one").out == "one had ended already: succeeded\n"


def test_a_run_that_goes_on_is_joined_and_never_stops_for_it(
    shell: Shell, there: Callable[..., Ended], held: tuple[Command, Gate], broker_url: str
) -> None:
    command, gate = held
    joined = shell.start("regions-coordinator", "resume", "one", "--redis", broker_url)
    joined.wait_for("Solo.make_replies running on ada")
    joined.tell(signal.SIGKILL)
    gate.opened.set()
    ended = command.end()
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    assert "paused" not in ended.err
    assert there("resume", "one").out == "Solo: because\n"


def test_a_run_cancelled_from_another_machine_ends_and_its_step_counts_no_more(
    there: Callable[..., Ended], held: tuple[Command, Gate]
) -> None:
    command, gate = held
    for _ in range(2):
        cancelled = there("cancel", "one")
        assert (cancelled.code, cancelled.out) == (0, "one is cancelled\n")
    gate.opened.set()
    ended = command.end()
    assert (ended.code, ended.out) == (1, "")
    assert there("status", "one", "--json").document["status"] == "cancelled"
    assert there("pause", "one", "--json").document["status"] == "cancelled"


def test_a_step_without_a_worker_says_what_to_start(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    plan = shell.write("plan.json", plan_of("make_replies"))
    command = shell.start("regions-coordinator", "run", plan, *ASK, "--redis", broker_url)
    command.wait_for("waiting for a worker")

    (wait,) = there("status", "one", "--json").document["waits"]

    assert wait["waits_for"] == "a worker, but no worker hosts it"
    assert wait["todo"] == "regions-worker --region 'Solo'"
    command.tell(signal.SIGINT)
    assert command.end().code == 130
    assert there("runs", "--json").document[0]["status"] == "paused"


def test_mail_from_another_machine_enters_at_the_next_layer_or_is_a_dead_letter(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    shell.worker("--region", "Echo", "--redis", broker_url)
    plan = shell.write("plan.json", echo_plan(2))
    command = shell.typed(
        *("regions-coordinator", "run", plan, "--step", "--run-id", "one", "--redis", broker_url),
    )
    command.wait_for("stopped before layer 0")

    sent = there("inject", "one", "--to", "Echo", "Hello", "--json")
    assert (sent.code, sent.document["outcome"]) == (0, "held"), sent.err
    assert there("inject", "one", "--to", "Echo", "--source", "Ada", "Bye").code == 0
    bad = [
        there("inject", "one", "--to", "Nobody", "Hello"),
        there("inject", "one", "--to", "Echo", "--role", "order", "Hello"),
        there("inject", "none", "--to", "Echo", "Hello"),
    ]
    assert [(ended.code, ended.err.count("\n")) for ended in bad] == [(2, 1)] * 3
    command.type("\n\n")
    ended = command.end()
    assert ended.code == 0, ended.err
    assert sorted(ended.out.splitlines()) == ["Ada: Bye"] * 2 + ["terminal: Hello"] * 2

    late = there("inject", "one", "--to", "Echo", "Late")
    assert (late.code, late.out) == (1, "")
    assert "kept as a dead letter" in late.err
    (letter,) = there("dead-letters", "one", "--json").document
    assert (letter["reason"], letter["content"]) == ("run-ended", "Late")
    refused = there("dead-letters", "one", "--redeliver", letter["id"])
    assert refused.code == 2
    assert "--from-layer" in refused.err


def test_who_injects_into_a_full_inbox_waits_until_there_is_room(
    shell: Shell, elsewhere: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    plan = shell.write("plan.json", echo_plan(2, postmaster={"inbox_limit": 1}))
    command = shell.start(
        *("regions-coordinator", "run", plan, "--ask", "Echo=Hello", "--run-id", "one"),
        *("--redis", broker_url),
    )
    command.wait_for("waiting for a worker")
    waiting = elsewhere.start(
        *("regions-coordinator", "inject", "one", "--to", "Echo", "More", "--redis", broker_url)
    )
    waiting.wait_for("the inbox of Echo is full; waiting for room")

    assert there("resume", "one", "--inbox-limit", "2", "--timeout", "0.1").code == 3

    ended = waiting.end()
    assert (ended.code, ended.out) == (0, "Echo gets it when the next layer of one starts\n")


def test_a_full_inbox_fails_the_run_which_goes_on_with_a_higher_limit(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    shell.worker("--region", "Echo", "--redis", broker_url)
    many = [{"source": "terminal", "destination": "Echo", "content": f"{n}"} for n in range(3)]
    messages = shell.write("mail.json", [mail | {"role": "request"} for mail in many])
    plan = shell.write("plan.json", echo_plan(1, postmaster={"inbox_limit": 2}))

    failed = shell.coordinator(
        *("run", plan, "--messages", messages, "--run-id", "one", "--redis", broker_url)
    )

    assert failed.code == 1
    assert "resume one --inbox-limit N" in failed.err
    resumed = there("resume", "one", "--inbox-limit", "6", "--inbox-bytes", "99")
    assert resumed.code == 0, resumed.err
    assert len(resumed.out.splitlines()) == 3


def test_a_dead_letter_is_listed_and_sent_once_more(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    shell.worker("--region", "Echo", "--redis", broker_url)
    rules = {"undeliverable": "retry", "retries": 0, "print_address": "paper"}
    plan = shell.write("plan.json", echo_plan(2, postmaster=rules))
    command = shell.typed(
        *("regions-coordinator", "run", plan, "--ask", "Echo=Hello", "--run-id", "one"),
        *("--step", "--redis", broker_url),
    )
    command.wait_for("stopped before layer 0")
    command.type("\n")
    command.wait_for("stopped before layer 1")
    (letter,) = there("dead-letters", "one", "--json").document
    assert letter["destination"] == "terminal"

    assert there("dead-letters", "one", "--redeliver", letter["id"]).code == 2
    assert there("dead-letters", "one", "--redeliver", "none such").code == 2
    again = ("dead-letters", "one", "--redeliver", letter["id"], "--to", "Echo")
    assert there(*again).out.startswith(f"Echo gets {letter['id']}")
    second = there(*again)
    assert (second.code, second.out) == (0, f"{letter['id']} was sent once more already, to Echo\n")
    assert there("dead-letters", "one").out.split("\t")[5] == "Echo"
    command.type("\n")
    assert command.end().code == 0


def test_a_stepped_run_goes_on_by_enter_and_by_resume_from_another_machine(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    shell.worker("--region", "Echo", "--redis", broker_url)
    plan = shell.write("plan.json", echo_plan(4))
    command = shell.typed(
        *("regions-coordinator", "run", plan, "--ask", "Echo=Hello", "--run-id", "one"),
        *("--step", "--redis", broker_url),
    )
    command.wait_for("stopped before layer 0 (1 of 4): Enter goes on")
    command.type("\n", end=True)
    command.wait_for("stopped before layer 1 (2 of 4)")

    stepped = there("resume", "one")
    assert (stepped.code, stepped.out) == (0, "terminal: Hello\n" * 2), stepped.err
    assert "stopped before layer 2 (3 of 4); go on with" in stepped.err
    command.wait_for("stopped before layer 2 (3 of 4); go on with: regions-coordinator resume one")

    assert there("resume", "one", "--json").document["status"] == "paused"
    last = there("resume", "one")
    assert last.code == 0
    assert last.out == "terminal: Hello\n" * 4
    assert command.end().out == "terminal: Hello\n" * 4


def test_the_newest_run_is_shown_where_none_is_live(
    shell: Shell, there: Callable[..., Ended], broker_url: str
) -> None:
    assert there("status").out == there("runs").out == ""
    assert there("status", "--json").document == there("runs", "--json").document == []
    shell.worker("--region", "Echo", "--redis", broker_url)
    plan = shell.write("plan.json", echo_plan(1))
    for name in ("old", "new"):
        assert shell.coordinator("run", plan, "--run-id", name, "--redis", broker_url).code == 0

    assert [line.split("\t")[0] for line in there("runs").out.splitlines()] == ["new", "old"]
    documents: list[dict[str, Any]] = there("status", "--json").document
    assert [document["run"] for document in documents] == ["new"]
    assert there("status", "none").code == 2
