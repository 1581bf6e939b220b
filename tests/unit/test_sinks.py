"""Sinks by name: what a plan may name, and what it may not."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.registry import import_modules
from regions_dist.domain.sinks import named_sink, register_sink
from regions_dist.errors import BadInput
from regions_dist.resources.listener_terminal import ListenerTerminal
from tests import staged_sinks

if TYPE_CHECKING:
    from regions_dist.domain.message import Message

RECORD = {
    "id": "m-1",
    "source": "A",
    "destination": "B",
    "role": "reply",
    "content": "hi\x1b[2J\nB",
}


def hear(message: Message) -> None:
    """Take a message."""


def test_a_registered_callable_is_found_by_its_name() -> None:
    assert register_sink("a test's", hear) is hear
    assert named_sink("a test's") is hear


@pytest.mark.parametrize("name", ["", "file", "terminal", "a:b"])
def test_a_name_that_would_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="another name"):
        register_sink(name, hear)


def test_only_functions_of_modules_that_were_imported_by_the_user_are_found() -> None:
    with pytest.raises(BadInput, match="--import shutil"):
        named_sink("shutil:rmtree")
    import_modules(["tests.staged_sinks"])
    assert named_sink("tests.staged_sinks:takes") is staged_sinks.takes


@pytest.mark.parametrize("function", ["register_sink", "Redis", "_broker", "os.system", "none", ""])
def test_only_public_functions_that_such_a_module_defines_are_found(function: str) -> None:
    import_modules(["tests.staged_sinks"])
    with pytest.raises(BadInput, match="defines no public function"):
        named_sink(f"tests.staged_sinks:{function}")


def test_an_unknown_sink_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="file, terminal"):
        named_sink("nowhere")


class Screen(io.StringIO):
    """A stub of a terminal."""

    def isatty(self) -> bool:
        return True


def test_what_is_no_terminal_gets_no_escape_codes_not_even_those_of_a_message() -> None:
    stream = io.StringIO()
    ListenerTerminal(stream).hear("r", "Ear", RECORD)
    assert stream.getvalue() == "r Ear m-1 A → B reply: hi [2J B\n"


def test_a_terminal_gets_colours_and_only_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Screen()
    ListenerTerminal(stream).hear("r", "Ear", RECORD)
    assert "\x1b[1;36m" in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()
