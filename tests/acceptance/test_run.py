"""What run and its sister commands offer beside the run itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.shell import plan_of

if TYPE_CHECKING:
    from typing import Any

    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

COMMANDS = ("run", "resume", "verify", "show", "convert", "trace", "workers")


def talk(shell: Shell) -> str:
    """A plan of two regions that answer in two layers, the second asked by a message."""
    solo = {"name": "Solo", "type": "Region", "task": "Answer.", "connections": {}}
    plan = plan_of("make_replies", "make_replies", regions=[solo, solo | {"name": "Duo"}])
    plan["layer_config"] = [{"chain0": ["Solo"]}, {"chain0": ["Duo"]}]
    plan["execution_config"] = [[["Solo", "make_replies"]], [["Duo", "make_replies"]]]
    return str(shell.write("plan.json", plan))


def echo(request: dict[str, Any]) -> str:
    """Answer with the focus that the prompt carries."""
    return "because" if "focus: Answer." in json.dumps(request) else "no focus"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(shell: Shell, command: str) -> None:
    ended = shell.coordinator(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Usage: regions-coordinator " + command in ended.out
    assert f"regions-coordinator {command}" in ended.out.partition("Example")[2]
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("script", ["regions-coordinator", "regions-worker"])
def test_each_script_has_help_an_example_and_a_version(shell: Shell, script: str) -> None:
    shown = shell.start(script, "--help").end()
    assert shown.code == 0
    assert script in shown.out.partition("Example")[2]
    told = shell.start(script, "--version").end()
    assert (told.code, told.err) == (0, "")
    assert told.out[0].isdigit()


def test_answers_are_on_stdout_and_progress_on_stderr_without_escape_codes(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = echo
    ended = shell.coordinator("run", talk(shell), "--ask", "Solo=Why?", "--ask", "Duo=How?")
    assert ended.code == 0, ended.err
    assert ended.out == "Solo: because\nDuo: because\n"
    assert "Solo.make_replies done" in ended.err
    assert "\x1b" not in ended.out + ended.err


def test_quiet_leaves_only_the_answers(shell: Shell, stub: StubModel) -> None:
    stub.script = echo
    ended = shell.coordinator("run", talk(shell), "--ask", "Solo=Why?", "-q")
    assert (ended.code, ended.out, ended.err) == (0, "Solo: because\n", "")


def test_regions_packed_into_fewer_processes_answer_the_same(shell: Shell, stub: StubModel) -> None:
    stub.script = echo
    asks = ("--ask", "Solo=Why?", "--ask", "Duo=How?")
    ended = shell.coordinator("run", talk(shell), *asks, "--processes", "1", "--run-id", "one")
    assert (ended.code, ended.out) == (0, "Solo: because\nDuo: because\n"), ended.err
    logs = shell.home / "runs" / "one" / "logs"
    assert [log.name for log in logs.glob("worker-*.log")] == ["worker-0.log"]
    ended = shell.coordinator("run", talk(shell), *asks, "--processes", "2")
    assert (ended.code, ended.out) == (0, "Solo: because\nDuo: because\n"), ended.err
    shell.assert_nobody_left()


def test_only_the_layers_that_are_named_run(shell: Shell, stub: StubModel) -> None:
    stub.script = echo
    asks = ("--ask", "Solo=Why?", "--ask", "Duo=How?")
    ended = shell.coordinator("run", talk(shell), *asks, "--layer", "1", "--json")
    assert ended.code == 0, ended.err
    assert [turn["index"] for turn in ended.document["layers"]] == [1]
    assert ended.document["answers"] == [{"source": "Duo", "content": "because"}]


def test_mail_of_a_file_is_there_before_the_first_layer(shell: Shell, stub: StubModel) -> None:
    stub.script = echo
    mail = [{"source": "Ada", "destination": "Solo", "role": "request", "content": "Why?"}]
    trace = shell.folder / "trace.jsonl"
    options = ("--messages", shell.write("mail.json", mail), "--trace", trace)
    ended = shell.coordinator("run", talk(shell), *options)
    assert ended.code == 0, ended.err
    first, second = map(json.loads, trace.read_text(encoding="utf-8").splitlines())
    assert {key: first[key] for key in mail[0]} == mail[0]
    assert (first["outcome"], first["parent"]) == ("delivered", None)
    assert (second["source"], second["destination"]) == ("Solo", "Ada")
    assert (second["outcome"], second["parent"]) == ("dropped", first["id"])


def test_a_question_to_a_region_that_nobody_has_is_answered_by_the_policy(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = echo
    mail = [{"source": "Duo", "destination": "Nobody", "role": "request", "content": "Why?"}]
    plan = json.loads((shell.folder / talk(shell)).read_text(encoding="utf-8"))
    returned = shell.write("return.json", plan | {"postmaster": {"undeliverable": "return"}})
    options = ("--messages", shell.write("mail.json", mail), "--json")
    ended = shell.coordinator("run", returned, *options)
    assert ended.code == 0, ended.err
    assert ended.document["messages"]["returned"] == 1
    assert ended.document["messages"]["delivered"] == 1
