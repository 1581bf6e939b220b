"""What is wrong is said once, clearly, with the exit code that scripts rely on."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.shell import plan_of
from tests.stub_model import Raw

if TYPE_CHECKING:
    from tests.acceptance.shell import Ended, Shell
    from tests.stub_model import StubModel

LISTED = [["Solo", "make_replies"]]
UNKNOWN_TYPE = {"name": "Solo", "type": "Oracle", "task": "Answer.", "connections": {}}
REROUTE = {"undeliverable": "reroute", "reroute_destination": "Nobody"}
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "unknown-type": (plan_of("make_replies", regions=[UNKNOWN_TYPE]), ("'Oracle'", "RAGRegion")),
    "unknown-method": (plan_of("predict"), ("'predict'", "make_replies")),
    "private-method": (plan_of("_post"), ("'_post'", "execution_config[0][0]")),
    "two-chains": (
        plan_of("make_replies", layer_config=[{"one": ["Solo"], "two": ["Solo"]}]),
        ("'Solo'", "2 chains", "layer 0"),
    ),
    "reroute": (plan_of("make_replies", postmaster=REROUTE), ("reroute_destination", "'Nobody'")),
    "negative-layer": (plan_of("make_replies", execution_order=[-1]), ("execution_order[0]", "-1")),
}


def said(ended: Ended, code: int, *parts: str) -> None:
    """Check that a command ended with ``code`` and one error that has all ``parts``."""
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err
    assert ended.err.lower().count("error") >= 1
    for part in parts:
        assert part in ended.err


def nothing_left(shell: Shell) -> None:
    """Check that nothing was started or kept."""
    shell.assert_nobody_left()
    assert not shell.home.exists()


@pytest.mark.parametrize("command", ["run", "verify", "show", "convert"])
def test_a_plan_that_is_not_there(shell: Shell, command: str) -> None:
    said(shell.coordinator(command, "nowhere.json"), 2, "nowhere.json", "No such file")
    nothing_left(shell)


def test_broken_json_is_named_with_line_and_column(shell: Shell) -> None:
    shell.write("broken.json", '{"version": 1,\n  "regions": [}')
    said(shell.coordinator("run", "broken.json"), 2, "broken.json", "line 2", "column 15")
    nothing_left(shell)


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_that_cannot_run_is_refused_before_anything_starts(shell: Shell, name: str) -> None:
    plan, parts = REFUSED[name]
    ended = shell.coordinator("run", shell.write("plan.json", plan))
    said(ended, 2, *parts)
    assert ended.err.count("error:") == 1
    nothing_left(shell)


def test_verify_lists_the_errors_of_a_plan_as_json(shell: Shell) -> None:
    ended = shell.coordinator("verify", shell.write("plan.json", plan_of("_post")), "--json")
    assert ended.code == 2
    assert [item["severity"] for item in ended.document if item["severity"] == "error"] == ["error"]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--layr", "1"], "--layr"),
        (["--layer", "7"], "layers 0 to 0"),
        (["--ask", "Nobody=Why?"], "Nobody=Why?"),
        (["--ask", "Solo"], "REGION=TEXT"),
        (["--messages", "none.json"], "none.json"),
        (["--run-id", "../up"], "../up"),
        (["--import", "no_such_module"], "no_such_module"),
        (["--processes", "0"], "--processes"),
        (["--config", "none.toml"], "none.toml"),
        (["--cc", "Solo"], "ListenerRegion"),
        (["--trace", "no/such/folder/trace.jsonl"], "no/such/folder"),
        (["--redis", "nonsense"], "nonsense"),
    ],
)
def test_an_option_that_cannot_be(shell: Shell, arguments: list[str], part: str) -> None:
    plan = shell.write("plan.json", plan_of("make_replies"))
    said(shell.coordinator("run", plan, *arguments, COLUMNS="200"), 2, part)
    nothing_left(shell)


def test_a_broker_that_does_not_answer_can_be_tried_again(shell: Shell) -> None:
    plan = shell.write("plan.json", plan_of("make_replies"))
    address = f"redis://:secret@127.0.0.1:{unused_port()}"
    ended = shell.coordinator("run", plan, "--redis", address)
    said(ended, 3, address.replace(":secret@", ""), "check its address")
    assert "secret" not in ended.err
    nothing_left(shell)


@pytest.mark.parametrize("command", ["run", "workers", "trace", "resume"])
def test_a_wrong_password_is_bad_input(shell: Shell, broker_url: str, command: str) -> None:
    wrong = "unix://:wrong@" + broker_url.partition("@")[2]
    words = {"run": [shell.write("plan.json", plan_of("make_replies"))], "workers": []}
    ended = shell.coordinator(command, *words.get(command, ["one"]), "--redis", wrong)
    said(ended, 2, "refuses the password")
    assert "wrong" not in ended.err.lower().replace("wrongpass", "")
    assert not shell.home.exists()


@pytest.mark.parametrize("command", ["resume", "trace"])
def test_a_run_that_nobody_knows(shell: Shell, command: str) -> None:
    said(shell.coordinator(command, "nothing"), 2, "'nothing'")
    nothing_left(shell)


@pytest.mark.parametrize(
    ("answer", "part"),
    [(500, "500"), (Raw(200, "<html>"), ""), ("no list of questions", "")],
    ids=["answers-500", "is-no-model", "answers-nonsense"],
)
def test_a_model_that_fails_fails_the_run(
    shell: Shell, stub: StubModel, answer: int | Raw | str, part: str
) -> None:
    stub.script = lambda _: answer
    fails_the_run(shell, part)


def test_a_model_that_is_down_fails_the_run(shell: Shell) -> None:
    url = f"http://127.0.0.1:{unused_port()}"
    shell.environment["REGIONS_LLM_URL"] = url
    fails_the_run(shell, url)


def fails_the_run(shell: Shell, part: str) -> None:
    """Run a plan that asks questions, and check that it failed at that step and says why."""
    solo = {"name": "Solo", "type": "Region", "task": "Ask.", "connections": {"Other": "Answer"}}
    other = solo | {"name": "Other", "connections": {}}
    plan = shell.write("plan.json", plan_of("make_questions", regions=[solo, other]))
    ended = shell.coordinator("run", plan, "--ask", "Solo=Why?", "--run-id", "one", "--json")
    said(ended, 1, "resume one")
    error = ended.document["error"]
    assert ended.document["status"] == "failed"
    assert list(error) == ["code", "message", "where"]
    assert error["message"].startswith("Solo.make_questions: ")
    assert part in error["message"]
    assert error["message"] in ended.err
    shell.assert_nobody_left()


def unused_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
