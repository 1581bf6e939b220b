"""Where an embedded run's plan came from: file names in a plan are relative to that folder."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from regions_dist.runs.local import run_folder

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.domain.plan import Plan

__all__ = ["keep_origin", "with_origin"]

_FILE = "plan-folder"


def keep_origin(folder: Path, plan: Plan) -> None:
    """Note in the run's folder where its plan came from."""
    (folder / _FILE).write_text(plan.folder, encoding="utf-8")


def with_origin(settings: Settings, run: str, plan: Plan) -> Plan:
    """A run's stored plan, with the folder it came from where this machine knows it."""
    with suppress(OSError):
        origin = (run_folder(settings.home, run) / _FILE).read_text(encoding="utf-8")
        return plan.model_copy(update={"folder": origin})
    return plan
