"""Plans as they are sent: any of their forms as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from regions_dist.api.refusals import RefusedPlan
from regions_dist.domain.files import Loaded, load_messages, load_pair, load_plan
from regions_dist.domain.finding import Finding
from regions_dist.domain.verify import verify
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from regions_dist.domain.plan import OutsideMessage, Plan

__all__ = ["accepted", "examined", "outside"]


def examined(document: Any) -> list[Finding]:
    """What is wrong or odd in a plan, also in one that cannot be read."""
    try:
        loaded = _loaded(document, "")
    except FileProblem as error:
        return [Finding("error", error.code, error.message, error.where)]
    return [*loaded.repairs, *verify(loaded.plan)]


def accepted(document: Any, folder: Path) -> tuple[Plan, list[Finding]]:
    """The plan, if it can run, and its warnings. Raises FileProblem, RefusedPlan."""
    loaded = _loaded(document, str(folder))
    findings = [*loaded.repairs, *verify(loaded.plan)]
    if any(finding.severity == "error" for finding in findings):
        raise RefusedPlan(findings)
    _refuse_leaving(loaded.plan, folder)
    return loaded.plan, findings


def outside(messages: list[Any]) -> tuple[OutsideMessage, ...]:
    """Mail that enters before the first layer. Raises FileProblem."""
    return load_messages(messages, "messages").messages


def _loaded(document: Any, folder: str) -> Loaded:
    if isinstance(document, dict) and {"regions", "executions"} <= document.keys():
        origins = ("plan.regions", "plan.executions")
        pair = document["regions"], document["executions"]
        return load_pair(*pair, origins=origins, folder=folder)
    return load_plan(document, origin="plan", folder=folder)


def _refuse_leaving(plan: Plan, folder: Path) -> None:
    """Whoever sends a plan is not thereby given all files of this machine."""
    for name, store in plan.resources.rag.items():
        for file in (*store.documents, *filter(None, [store.path])):
            if not _inside(folder, file):
                raise FileProblem(
                    f"the store {name!r} names the file {file!r}, which is not in {folder}: a plan "
                    "that is sent may use files of that folder (and of its template)",
                    where=f"resources.rag.{name}",
                )


def _inside(folder: Path, file: str) -> bool:
    try:
        return Path(folder, file).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False
