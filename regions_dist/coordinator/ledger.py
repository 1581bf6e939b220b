"""What a coordinator has seen of a run: all that is known of it when the broker is not asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from regions_dist.domain.outcome import FATES, FINAL, LayerTurn, RunProblemReport, RunView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain.outcome import Event, RunStatus

__all__ = ["Ledger"]


@dataclass
class _Turn:
    layer: int
    started: float | None = None
    done: float | None = None

    def as_of(self, now: float, status: str) -> LayerTurn:
        if self.started is None:
            return LayerTurn(self.layer, "waiting", 0.0)
        seconds = max(0.0, (self.done or now) - self.started)
        return LayerTurn(self.layer, "succeeded" if self.done else status, seconds)


@dataclass
class Ledger:
    """Turns a run's events into a RunView. ``layers`` are the layers of its places, in order."""

    run: str
    layers: Sequence[int]
    _answers: list[tuple[str, str]] = field(default_factory=list)
    _fates: Counter[str] = field(default_factory=Counter)
    _last: float = 0.0
    _status: RunStatus = "running"
    _problem: RunProblemReport | None = None

    def __post_init__(self) -> None:
        self._turns = [_Turn(layer) for layer in self.layers]

    def enter(self, event: Event) -> None:
        """Take up one event."""
        self._last = max(self._last, event.at)
        if event.type == "message":
            self._enter_message(event)
        elif event.type == "layer":
            self._enter_layer(event)
        elif event.type == "run":
            self._enter_run(event)

    def view(self, status: RunStatus, problem: RunProblemReport) -> RunView:
        """The run as far as it was seen, which ended so, unless its end was seen."""
        if self._status in FINAL:
            status, problem_seen = self._status, self._problem
        else:
            problem_seen = problem
        began = next((turn.started for turn in self._turns if turn.started is not None), self._last)
        return RunView(
            run=self.run,
            status=status,
            answers=tuple(self._answers),
            layers=tuple(turn.as_of(self._last, status) for turn in self._turns),
            messages=dict(self._fates),
            seconds=max(0.0, self._last - began),
            error=problem_seen,
        )

    def summary(self) -> str:
        """What is known, in one line."""
        done = sum(turn.done is not None for turn in self._turns)
        return (
            f"{done} of {len(self._turns)} layers were done, {len(self._answers)} answers printed, "
            f"{self._fates.total()} messages counted"
        )

    def _enter_message(self, event: Event) -> None:
        fate = event.fields.get("outcome", "")
        if fate in FATES:
            self._fates[fate] += 1
        if fate == "printed":
            self._answers.append((event.fields["source"], event.fields["content"]))

    def _enter_layer(self, event: Event) -> None:
        place = int(event.fields["place"])
        if not 0 <= place < len(self._turns):
            return
        if event.fields["status"] == "started":
            self._turns[place].started = event.at
        else:
            self._turns[place].done = event.at

    def _enter_run(self, event: Event) -> None:
        fields = event.fields
        self._status = fields["status"]  # type: ignore[assignment]
        code = fields.get("code", "")
        self._problem = (
            RunProblemReport(code, fields.get("message", ""), fields.get("where", ""))
            if code
            else None
        )
