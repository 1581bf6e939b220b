"""What the callers of the scripts know of a run, from the answers they got."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.message import Message
    from tests.protocol.broker import Snapshot
    from tests.protocol.play import Play

__all__ = ["Ledger", "Outside", "Taken", "outside_of"]

Outside = tuple[str, str, str, str, str]
"""Parent, source, destination, role, content of a message from outside."""


@dataclass(frozen=True)
class Taken:
    """A step as a worker took it; it may have lost it since. ``mail`` has the entry of each."""

    region: str
    step: str
    token: str
    epoch: str
    state: str
    mail: tuple[tuple[str, Message], ...]


@dataclass
class Lease:
    """Who has a region now."""

    epoch: str
    token: str
    owner: str
    beats: int = 0

    @property
    def seen(self) -> str:
        """What a standby remembers of it."""
        return f"{self.epoch}:{self.beats}"


@dataclass
class Ledger:
    """``done`` and ``consumed`` name the epoch of a step and the reader of a message; ``closed``
    the steps whose failure stopped the run, ``strays`` the entries put in by hand that are no mail.
    """

    play: Play
    leases: dict[str, Lease] = field(default_factory=dict)
    fence: Counter[str] = field(default_factory=Counter)
    done: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    mail: dict[str, tuple[str, ...]] = field(default_factory=dict)
    posted: dict[str, Message] = field(default_factory=dict)
    consumed: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    outside: Counter[Outside] = field(default_factory=Counter)
    injected: dict[str, str] = field(default_factory=dict)
    redelivered: dict[str, str] = field(default_factory=dict)
    strays: set[tuple[str, str]] = field(default_factory=set)
    resumed: int = 0

    @property
    def skipped(self) -> set[str]:
        """The steps without which the run went on."""
        return {step for step, epoch in self.done.items() if epoch == "failed"}

    def owns(self, region: str, epoch: str, token: str) -> bool:
        """Whether this is the fencing pair of the one owner."""
        lease = self.leases.get(region)
        return lease is not None and (lease.epoch, lease.token) == (epoch, token)

    def real(self, seen: Snapshot, stream: str) -> list[dict[str, str]]:
        """What lies in a stream but for strays."""
        entries = seen.stream(stream)
        return [fields for entry, fields in entries if (stream, entry) not in self.strays]


def outside_of(seen: Snapshot, fields: Mapping[str, str]) -> Outside:
    """A message from outside, out of an entry."""
    names = ("parent", "source", "destination", "role")
    parent, source, destination, role = (fields[name] for name in names)
    return parent, source, destination, role, seen.content(fields)
