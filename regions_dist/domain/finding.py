"""Something to tell the author of a plan: a fault that stops it, or an oddity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Severity"]

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is stable and short, ``message`` is for people, ``where`` is a place in the plan.

    A plan with an error is not started; a warning leaves it to the author.
    """

    severity: Severity
    code: str
    message: str
    where: str = ""

    def as_dict(self) -> dict[str, str]:
        """The form of ``verify --json``."""
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "where": self.where,
        }
