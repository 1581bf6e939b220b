"""Plans and mail as the command line names them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from regions_dist.domain.files import load_messages, load_pair, load_plan
from regions_dist.domain.plan import OutsideMessage
from regions_dist.domain.verify import verify
from regions_dist.errors import BadInput, PlanRefused
from regions_dist.library.files import read_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from regions_dist.domain.files import Loaded
    from regions_dist.domain.finding import Finding
    from regions_dist.domain.plan import Plan

__all__ = ["asked", "check", "read_messages", "read_plan", "tell"]


def read_plan(plan: Path | None, regions: Path | None, executions: Path | None) -> Loaded:
    """The plan of one file, or of a regions and an executions file. Raises BadInput."""
    if plan and not (regions or executions):
        return load_plan(read_json(plan), origin=str(plan), folder=_folder(plan))
    if regions and executions and not plan:
        files = (read_json(regions), read_json(executions))
        return load_pair(*files, origins=(str(regions), str(executions)), folder=_folder(regions))
    raise BadInput("name a plan: either PLAN, or --regions FILE and --executions FILE")


def read_messages(file: Path | None) -> tuple[OutsideMessage, ...]:
    """The mail of ``--messages FILE``; what was repaired is told."""
    if file is None:
        return ()
    loaded = load_messages(read_json(file), str(file))
    tell(loaded.repairs)
    return loaded.messages


def asked(asks: Sequence[str], plan: Plan) -> tuple[OutsideMessage, ...]:
    """The requests of ``--ask REGION=TEXT``, from the print address."""
    return tuple(_ask(text, plan) for text in asks)


def check(loaded: Loaded) -> Plan:
    """The plan, if it can run. Tells its warnings; raises PlanRefused with its errors."""
    findings = [*loaded.repairs, *verify(loaded.plan)]
    errors = [finding for finding in findings if finding.severity == "error"]
    tell([finding for finding in findings if finding.severity != "error"])
    if errors:
        lines = "\n  ".join(_line(finding) for finding in errors)
        raise PlanRefused(f"the plan cannot run:\n  {lines}", where=errors[0].where)
    return loaded.plan


def tell(findings: Sequence[Finding]) -> None:
    """Write findings to stderr, a line each."""
    for finding in findings:
        sys.stderr.write(f"{finding.severity}: {_line(finding)}\n")


def _line(finding: Finding) -> str:
    place = f"{finding.where}: " if finding.where else ""
    return f"{place}{finding.message} [{finding.code}]"


def _ask(text: str, plan: Plan) -> OutsideMessage:
    region, found, content = text.partition("=")
    if not found or plan.entry(region) is None:
        names = ", ".join(entry.name for entry in plan.regions)
        raise BadInput(f"--ask {text!r}: expected REGION=TEXT with a region of the plan: {names}")
    return OutsideMessage(source=plan.postmaster.print_address, destination=region, content=content)


def _folder(path: Path) -> str:
    return str(path.resolve().parent)
