"""What is written down of a run: its events, its trace, its dead letters, its answers."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from regions_dist.domain.outcome import DeadLetter, Event
from regions_dist.memory.bell import Bell

if TYPE_CHECKING:
    from regions_dist.domain.delivery import Fated

__all__ = ["Log"]


class Log:
    """The log of one run. ``copies`` are the listeners that hear what is delivered."""

    def __init__(self, copies: list[str]) -> None:
        self.events: list[Event] = []
        self.trace: list[dict[str, Any]] = []
        self.dead: list[DeadLetter] = []
        self.answers: list[tuple[str, str]] = []
        self.fates: Counter[str] = Counter()
        self.news = Bell()
        self._copies = copies

    def event(self, kind: str, **fields: str) -> float:
        """Write down what happened; when that was."""
        now, number = time.time(), len(self.events) + 1
        self.events.append(Event(f"{number}-0", now, kind, fields, number))
        self.news.ring()
        return now

    def after(self, seq: str) -> list[Event]:
        """The events after the one called ``seq``."""
        return self.events[int(seq.partition("-")[0]) :]

    def routed(self, fated: Fated) -> None:
        """Write down the fate of a message."""
        m, fate = fated.message, fated.fate
        seq = len(self.trace) + 1
        said = m.content if fate == "printed" else ""
        at = self.event(
            "message",
            seq=str(seq),
            id=m.id,
            source=m.source,
            destination=m.destination,
            role=m.role,
            outcome=fate,
            reason=fated.reason,
            content=said,
        )
        copies = list(self._copies) if fate == "delivered" else []
        record = {"seq": seq, "at": at, "id": m.id, "parent": m.parent or None, **m.as_dict()}
        self.trace.append(record | {"outcome": fate, "copies": copies})
        self.fates[fate] += 1
        if fate == "printed":
            self.answers.append((m.source, m.content))
        if fate == "dead":
            letter = (m.id, at, fated.reason, m.source, m.destination, m.role, m.content)
            self.dead.append(DeadLetter(*letter))
