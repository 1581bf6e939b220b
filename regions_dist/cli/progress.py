"""A run as it goes: a live picture on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.live import Live
from rich.table import Table
from rich.text import Text

from regions_dist.domain.message import StepId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import Console, RenderableType

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place, Step

__all__ = ["Progress", "title"]

_LOOKS: Final = {
    "queued": ("·", "dim"),
    "waiting for a worker": ("?", "yellow"),
    "running": ("▶", "cyan"),
    "retrying": ("↻", "yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
}
_REMIND: Final = 10.0
"""Seconds between two plain lines about the same wait."""


@dataclass(slots=True)
class _Timed:
    """Something with a state and a duration. Events tell when; ``now`` serves what still runs."""

    now: Callable[[], float]
    status: str = "queued"
    began: float | None = None
    seen: float = 0.0
    took: float | None = None

    def begin(self, at: float) -> None:
        self.began, self.seen, self.took = at, self.now(), None

    def end(self, at: float) -> None:
        if self.began is not None:
            self.took = max(0.0, at - self.began)

    def seconds(self) -> float | None:
        if self.took is not None or self.began is None:
            return self.took
        return self.now() - self.seen


@dataclass(slots=True)
class _StepLine(_Timed):
    note: str = ""
    worker: str = ""


@dataclass(slots=True)
class _Wait:
    note: str = ""
    said: float = field(default=-_REMIND)


class Progress:
    """Shows the run of ``places`` (from ``schedule``) on ``console``, which writes to stderr.

    On a terminal a live picture stands below whatever else is printed; print answers inside
    ``aside`` so that they do not run through it. Elsewhere each change is a line of its own,
    without escape codes. ``close`` leaves the last picture standing. Places before ``first`` were
    run by another run.
    """

    def __init__(
        self,
        places: Sequence[Place],
        console: Console,
        *,
        first: int = 0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._places = places
        self._console = console
        self._layers = [
            _Timed(now, "inherited" if place < first else "queued") for place in range(len(places))
        ]
        self._plan = {s.id: s for place in places for chain in place.chains for s in chain.steps}
        self._steps = {step: _StepLine(now) for step in self._plan}
        self._waits: dict[str, _Wait] = {}
        self._draws = console.is_terminal and not console.is_dumb_terminal
        self._live: Live | None = None
        self._open()

    def handle(self, event: Event) -> None:
        """Take up one event of the run; types it does not know change nothing."""
        if event.type == "step":
            self._step(event)
        elif event.type == "layer":
            self._layer(event)
        elif event.type == "run":
            self._run(event)

    def waiting(self, region: str, seconds: float, hint: str) -> None:
        """Say that ``region`` has waited ``seconds`` for a worker; ``hint`` says what to do."""
        wait = self._waits.setdefault(region, _Wait())
        wait.note = f"for {seconds:.0f} s; {hint}"
        if seconds < wait.said or seconds - wait.said >= _REMIND:
            wait.said = seconds
            self._line(f"waiting for a worker for region {region!r} {wait.note}")

    def notice(self, text: str) -> None:
        """Say something about the run as a whole, such as that its broker is away."""
        self.say(text, "yellow")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the live picture away while something else is written to the terminal."""
        was_live = self._live is not None
        self._shut(keep=False)
        try:
            yield
        finally:
            if was_live:
                self._open()

    def close(self) -> None:
        """End the display; safe to call twice."""
        self._shut(keep=True)

    def _step(self, event: Event) -> None:
        fields = event.fields
        known = _step_of(self._plan, fields.get("step", ""))
        if known is None:
            return
        status, note = fields.get("status", ""), _one_line(fields.get("message", ""))
        if status == "warning":
            self.say(f"{_name(known)} warns: {note}", "yellow")
            return
        line = self._steps[known.id]
        line.status, line.note, line.worker = status, note, _one_line(fields.get("worker", ""))
        if status == "running":
            line.begin(event.at)
            self._waits.pop(known.region, None)
        elif status in {"done", "failed"}:
            line.end(event.at)
        self._tell(known, line)

    def _tell(self, step: Step, line: _StepLine) -> None:
        if line.status == "failed":
            self.say(f"{_name(step)} failed{_after(line)}: {line.note}", "red")
        elif line.status == "running":
            self._line(f"{_name(step)} running{f' on {line.worker}' if line.worker else ''}")
        elif line.status != "queued":
            note = f": {line.note}" if line.note else ""
            self._line(f"{_name(step)} {line.status}{_after(line)}{note}")

    def _layer(self, event: Event) -> None:
        place = int(event.fields["place"])
        if not 0 <= place < len(self._layers):
            return
        layer = self._layers[place]
        if event.fields["status"] == "started":
            layer.status = "running"
            layer.begin(event.at)
            self._line(f"{self._title(place)} started")
        else:
            layer.status = "done"
            layer.end(event.at)
            self._line(f"{self._title(place)} done{_after(layer)}")

    def _run(self, event: Event) -> None:
        status, message = event.fields.get("status", ""), _one_line(event.fields.get("message", ""))
        if status in {"failed", "cancelled", "timed_out"}:
            self._mark_stopped(event.at)
        where = event.fields.get("where", "")
        reason = f": {message}" if message else ""
        place = f" ({where})" if message and where else ""
        text = f"run {status.replace('_', ' ')}{reason}{place}"
        if status == "running":
            self._line("run started")
        elif status != "paused":  # whoever watches says what lets it go on
            self.say(text, "green" if status == "succeeded" else "red")

    def _mark_stopped(self, at: float) -> None:
        for layer in self._layers:
            if layer.status == "running":
                layer.status = "failed"
                layer.end(at)

    def _title(self, place: int) -> str:
        return title(self._places, place)

    def say(self, text: str, style: str = "") -> None:
        """A line that stays, above the live picture where there is one."""
        self._console.print(Text(_one_line(text), style=style), soft_wrap=True, highlight=False)

    def _line(self, text: str) -> None:
        """A line for where there is no live picture."""
        if not self._draws:
            self.say(text)

    def _open(self) -> None:
        if self._draws:
            self._live = Live(
                get_renderable=self._picture,
                console=self._console,
                refresh_per_second=8,
                redirect_stdout=False,
            )
            self._live.start(refresh=True)

    def _shut(self, *, keep: bool) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.transient = not keep
            live.stop()

    def _picture(self) -> RenderableType:
        """Layers that run or broke in full, all others as one line each."""
        table = Table.grid(padding=(0, 1))
        for _ in range(4):
            table.add_column(no_wrap=True)
        for place, layer in enumerate(self._layers):
            table.add_row(*_cells(self._title(place), layer.status, layer))
            if layer.status in {"running", "failed"}:
                self._add_chains(table, self._places[place])
        return table

    def _add_chains(self, table: Table, place: Place) -> None:
        for chain in place.chains:
            table.add_row("", Text(f"  {_one_line(chain.name)}", style="dim"))
            for step in chain.steps:
                line = self._steps[step.id]
                wait = self._waits.get(step.region) if line.status == "queued" else None
                status = "waiting for a worker" if wait else line.status
                note = wait.note if wait else line.note or line.worker
                table.add_row(*_cells(f"    {_name(step)}", status, line), Text(note, style="dim"))


def title(places: Sequence[Place], place: int) -> str:
    """How a place of the execution order is called, such as "layer 2 (3 of 5)"."""
    return f"layer {places[place].layer} ({place + 1} of {len(places)})"


def _cells(name: str, status: str, timed: _Timed) -> tuple[Text, Text, Text, Text]:
    mark, style = _LOOKS.get(status, ("·", ""))
    seconds = timed.seconds()
    time_text = "" if seconds is None else f"{seconds:.1f} s"
    return Text(mark, style), Text(name), Text(status, style), Text(time_text)


def _step_of(plan: dict[StepId, Step], text: str) -> Step | None:
    try:
        return plan.get(StepId.parse(text))
    except ValueError:
        return None


def _name(step: Step) -> str:
    return f"{step.region}.{step.method}"


def _after(timed: _Timed) -> str:
    return "" if timed.took is None else f" after {timed.took:.2f} s"


def _one_line(text: str) -> str:
    """``text`` without line breaks and control characters, which could steer a terminal."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())
