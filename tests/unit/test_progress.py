"""What a watcher of a run sees, on a terminal and without one."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from regions_dist.cli.progress import Progress
from regions_dist.domain.outcome import Event
from regions_dist.domain.plan import Plan
from regions_dist.domain.schedule import schedule

HINT = "start one: regions-worker --region Facts"
FIRST = "0000-001-000"


def plan() -> Plan:
    return Plan.model_validate(
        {
            "regions": [{"name": name, "type": "Region"} for name in ("Facts", "Historian")],
            "layer_config": [{"chain_1": ["Facts"]}, {"chain_1": ["Historian"]}],
            "execution_config": [[("Facts", "make_replies")], [("Historian", "make_questions")]],
            "execution_order": [0, 1],
        }
    )


class Watch:
    """A display on a screen of text, and a clock that the test moves."""

    def __init__(self, *, terminal: bool = False) -> None:
        self.time = 0.0
        self._screen = io.StringIO()
        console = (
            Console(file=self._screen, force_terminal=True, width=120, height=40)
            if terminal
            else Console(file=self._screen)
        )
        self.progress = Progress(schedule(plan()), console, now=lambda: self.time)

    def event(self, kind: str, at: float = 0.0, **fields: str) -> None:
        self.progress.handle(Event("1-0", at, kind, fields))

    @property
    def raw(self) -> str:
        return self._screen.getvalue()

    @property
    def lines(self) -> list[str]:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw).splitlines()

    def last_picture(self) -> str:
        """What the display leaves standing when it closes."""
        before = len(self.raw)
        self.progress.close()
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.raw[before:])


def test_without_a_terminal_each_change_is_a_plain_line() -> None:
    watch = Watch()
    watch.event("layer", 1.0, place="0", layer="0", status="started")
    watch.event("step", 1.0, step=FIRST, status="running", worker="w1")
    watch.event("step", 1.2, step=FIRST, status="retrying", message="the model answers 500")
    watch.event("step", 2.5, step=FIRST, status="done")
    watch.event("layer", 2.5, place="0", layer="0", status="done")
    watch.event("run", 2.5, status="succeeded")
    watch.progress.close()
    assert watch.raw.splitlines() == [
        "layer 0 (1 of 2) started",
        "Facts.make_replies running on w1",
        "Facts.make_replies retrying: the model answers 500",
        "Facts.make_replies done after 1.50 s",
        "layer 0 (1 of 2) done after 1.50 s",
        "run succeeded",
    ]


def test_a_failure_says_which_step_why_and_where() -> None:
    watch = Watch()
    watch.event("step", step=FIRST, status="failed", message="no model at http://x")
    watch.event("run", status="failed", message="a step failed", where="Facts.make_replies")
    assert watch.lines == [
        "Facts.make_replies failed: no model at http://x",
        "run failed: a step failed (Facts.make_replies)",
    ]


def test_a_warning_is_shown_and_leaves_the_step_as_it_was() -> None:
    watch = Watch(terminal=True)
    watch.event("layer", place="0", layer="0", status="started")
    watch.event("step", step=FIRST, status="running")
    watch.event("step", step=FIRST, status="warning", message="asked nobody known")
    assert any("Facts.make_replies warns: asked nobody known" in line for line in watch.lines)
    assert re.search(r"Facts\.make_replies +running", watch.last_picture())


def test_a_message_cannot_steer_the_terminal_nor_span_lines() -> None:
    watch = Watch()
    watch.event("step", step=FIRST, status="failed", message="bad\x1b[31m\nanswer [bold]x[/bold]")
    assert watch.raw == "Facts.make_replies failed: bad [31m answer [bold]x[/bold]\n"


def test_a_long_line_is_not_broken_without_a_terminal() -> None:
    watch = Watch()
    watch.event("step", step=FIRST, status="failed", message="word " * 60)
    assert len(watch.lines) == 1


def test_a_wait_says_for_what_since_when_and_what_to_do() -> None:
    watch = Watch()
    watch.progress.waiting("Facts", 12.4, HINT)
    assert watch.lines == [f"waiting for a worker for region 'Facts' for 12 s; {HINT}"]


def test_a_wait_is_repeated_every_ten_seconds_not_every_second() -> None:
    watch = Watch()
    for second in range(1, 22):
        watch.progress.waiting("Facts", float(second), HINT)
    assert [re.findall(r"for (\d+) s", line) for line in watch.lines] == [["1"], ["11"], ["21"]]


def test_the_picture_shows_who_waits_until_the_step_runs() -> None:
    watch = Watch(terminal=True)
    watch.event("layer", place="0", layer="0", status="started")
    watch.event("step", step=FIRST, status="queued")
    watch.progress.waiting("Facts", 3.0, HINT)
    with watch.progress.aside():
        pass
    assert any("waiting for a worker" in line and HINT in line for line in watch.lines)
    watch.event("step", step=FIRST, status="running", worker="w1")
    assert "waiting" not in watch.last_picture()


def test_the_picture_counts_seconds_of_what_runs_and_keeps_those_of_what_is_done() -> None:
    watch = Watch(terminal=True)
    watch.event("layer", 5.0, place="0", layer="0", status="started")
    watch.event("layer", 6.5, place="0", layer="0", status="done")
    watch.event("layer", 6.5, place="1", layer="1", status="started")
    watch.event("step", 6.5, step="0001-001-000", status="running")
    watch.time = 4.0
    picture = watch.last_picture()
    assert re.search(r"layer 0 \(1 of 2\) +done +1\.5 s", picture)
    assert re.search(r"Historian\.make_questions +running +4\.0 s", picture)


def test_the_picture_is_away_while_an_answer_is_written() -> None:
    watch = Watch(terminal=True)
    with watch.progress.aside():
        before = watch.raw
        watch.event("layer", place="0", layer="0", status="started")
        assert watch.raw == before
    assert re.search(r"layer 0 \(1 of 2\) +running", watch.last_picture())


@pytest.mark.parametrize("terminal", [True, False])
def test_what_it_does_not_know_changes_nothing(*, terminal: bool) -> None:
    watch = Watch(terminal=terminal)
    before = watch.lines
    watch.event("message", id="0000-001-000-00000", outcome="printed")
    watch.event("something-new", status="x")
    watch.event("step", step="0099-001-000", status="running")
    watch.event("step", step="nonsense", status="running")
    watch.event("layer", place="99", layer="0", status="started")
    assert watch.lines == before
    watch.progress.close()
    watch.progress.close()
