"""What a worker beats for besides its steps: slots of models, and calls that it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Act", "Pulse"]


@dataclass(frozen=True, slots=True)
class Act:
    """One call of a script."""

    script: str
    keys: tuple[str, ...]
    arguments: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Something held: how to ``renew`` it with each beat, and to ``release`` it in farewell.

    ``lost`` is called, on the event loop, when a renewal says 0.
    """

    renew: Act
    release: Act
    lost: Callable[[], None] = field(default=lambda: None, compare=False)
    counts: bool = False
    """Whether a worker that leaves has to wait for it."""
