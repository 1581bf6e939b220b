"""What was found in a plan, told to whoever reads this program's log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regions_dist.domain.finding import Finding

__all__ = ["line", "tell", "tell_problems"]

log = logging.getLogger(__name__)


def tell(findings: Iterable[Finding]) -> None:
    """Log findings, a line each, errors as such."""
    for finding in findings:
        level = logging.ERROR if finding.severity == "error" else logging.WARNING
        log.log(level, "%s", line(finding))


def line(finding: Finding) -> str:
    """A finding in one line: its place where the message does not name it, message, code."""
    place = "" if finding.where in finding.message else f"{finding.where}: "
    return f"{place}{finding.message} [{finding.code}]"


def tell_problems(problems: Iterable[str], level: int = logging.ERROR) -> list[str]:
    """Log what is wrong, a line each; what that is."""
    told = list(problems)
    for problem in told:
        log.log(level, "%s", problem)
    return told
