"""What passes from a worker without a terminal to the process that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.resources.terminal_relay import TerminalRelay

if TYPE_CHECKING:
    from pathlib import Path


def test_each_line_is_read_once_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "terminal.jsonl"
    shown, written = TerminalRelay(file), TerminalRelay(file)
    assert shown.news() == []
    written.hear("r", "Ear", {"content": "one\ntwo"})
    with file.open("ab") as lines:
        lines.write(b'["r", "Ear", ')
    assert shown.news() == [("r", "Ear", {"content": "one\ntwo"})]
    with file.open("ab") as lines:
        lines.write(b'{"content": "three"}]\n')
    assert shown.news() == [("r", "Ear", {"content": "three"})]


def test_what_was_there_before_is_not_shown_again(tmp_path: Path) -> None:
    TerminalRelay(tmp_path / "terminal.jsonl").hear("r", "Ear", {})
    assert TerminalRelay(tmp_path / "terminal.jsonl").news() == []
