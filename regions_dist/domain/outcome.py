"""What becomes of runs and messages: their states, and the records that watchers read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

__all__ = [
    "FATES",
    "FINAL",
    "DeadLetter",
    "Event",
    "Fate",
    "LayerTurn",
    "RunProblemReport",
    "RunStatus",
    "RunSummary",
    "RunView",
    "Wait",
]

RunStatus = Literal["running", "paused", "succeeded", "failed", "cancelled", "timed_out"]
"""``paused``, ``timed_out`` and ``failed`` runs release nothing new and can be resumed."""

FINAL: Final[frozenset[RunStatus]] = frozenset({"succeeded", "failed", "cancelled", "timed_out"})
"""The states in which nobody need watch a run any more."""

Fate = Literal["delivered", "printed", "dropped", "returned", "rerouted", "dead"]
"""What becomes of a message: each has exactly one, recorded in the trace."""
FATES: Final[tuple[Fate, ...]] = get_args(Fate)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run. ``seq`` orders a run's events and can be resumed from.

    ``number`` counts the run's events from 1, without a gap.
    """

    seq: str
    at: float
    type: str
    fields: dict[str, str]
    number: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that nobody could be given, and why. ``at`` is in seconds since 1970.

    ``redelivered`` is whom it was sent to once more, or "".
    """

    id: str
    at: float
    reason: str
    source: str
    destination: str
    role: str
    content: str
    redelivered: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step that is under way: who has it, or whom it waits for. ``seconds`` it has been so.

    ``worker`` is "" while the step waits to be taken.
    """

    step: str
    region: str
    method: str
    worker: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunProblemReport:
    """Why a run failed: a stable code, a message for people, and the place."""

    code: str
    message: str
    where: str

    def as_dict(self) -> dict[str, str]:
        """The form of ``run --json``."""
        return {"code": self.code, "message": self.message, "where": self.where}


@dataclass(frozen=True, slots=True)
class LayerTurn:
    """One turn of a layer in a run: the layer's index, how it stands, and its seconds so far."""

    index: int
    status: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The form of ``run --json``."""
        return {"index": self.index, "status": self.status, "seconds": round(self.seconds, 6)}


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as it stands: what ``run --json`` prints, and ``status`` shows.

    ``parent`` is the run it branched off, or "". A run that is ``stepping`` stops before each
    layer; ``stopped_before`` is the place of its execution order at which it stands.
    """

    run: str
    status: RunStatus
    answers: tuple[tuple[str, str], ...] = ()
    layers: tuple[LayerTurn, ...] = ()
    messages: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    error: RunProblemReport | None = None
    parent: str = ""
    stepping: bool = False
    stopped_before: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """The document of ``run --json`` in CONTRACT order."""
        return {
            "run": self.run,
            "status": self.status,
            "answers": [{"source": who, "content": text} for who, text in self.answers],
            "layers": [turn.as_dict() for turn in self.layers],
            "messages": {fate: self.messages.get(fate, 0) for fate in FATES},
            "seconds": round(self.seconds, 6),
            "error": self.error.as_dict() if self.error else None,
        }


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in a list of runs. ``started`` is in seconds since 1970; ``parent`` may be "".

    ``seconds`` and layers count from where the run itself began.
    """

    run: str
    status: RunStatus
    started: float
    seconds: float
    layers_done: int
    layers: int
    parent: str = ""
