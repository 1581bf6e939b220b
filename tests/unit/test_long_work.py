"""Long work shown on a terminal and elsewhere."""

from __future__ import annotations

import pytest

from regions_dist.cli.long_work import long_work


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)


def work(*, quiet: bool = False, count: int = 1000) -> None:
    with long_work("storing", quiet=quiet) as told:
        for done in range(count + 1):
            told(done, count)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    work()
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "\x1b" in shown.err
    assert "1000/1000" in shown.err


def test_elsewhere_a_few_plain_lines_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    work()
    shown = capsys.readouterr()
    lines = shown.err.splitlines()
    assert shown.out == ""
    assert (lines[0], lines[-1]) == ("storing: 0 of 1000 chunks", "storing: 1000 of 1000 chunks")
    assert len(lines) == 11


def test_quiet_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    work(quiet=True)
    assert capsys.readouterr().err == ""


def test_nothing_to_do_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with long_work("storing") as told:
        told(0, 0)
    assert capsys.readouterr().err == "storing: 0 of 0 chunks\n"
