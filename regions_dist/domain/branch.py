"""How a run begins: at the start, or where another run once stood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.message import Message
    from regions_dist.domain.plan import OutsideMessage
    from regions_dist.domain.region import RegionState

__all__ = ["Branch", "Opening"]


@dataclass(frozen=True, slots=True)
class Branch:
    """What run ``parent`` held when ``place`` of its execution order began.

    ``states`` by region; ``inbox`` is mail delivered and not yet consumed; ``answers`` are those
    of models, by step and then by the name they were kept under, for steps from ``place`` on;
    ``mail`` came from outside from ``place`` on, each with the place at which it entered.
    """

    parent: str
    place: int
    states: Mapping[str, RegionState] = field(default_factory=dict)
    inbox: tuple[Message, ...] = ()
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mail: tuple[tuple[int, OutsideMessage], ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open a run: ``stepping`` stops before each layer; ``timeout`` is in seconds."""

    stepping: bool = False
    timeout: float | None = None
    branch: Branch | None = None
