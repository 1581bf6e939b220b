"""Every Redis key. A run's keys share its hash tag; ``scripts/run.lua`` names them the same way."""

from __future__ import annotations

__all__ = ["ANNOUNCEMENTS", "POSTMASTER", "WORKERS", "of_run"]

ANNOUNCEMENTS = "regions:runs"
"""Stream: each run that was opened, as ``run``."""
WORKERS = "regions:workers"
"""Hash: worker name to its last heartbeat, JSON."""
POSTMASTER = "regions:postmaster"
"""String that lives while a Postmaster process beats."""


def of_run(run: str, name: str) -> str:
    """The key called ``name`` of a run: ``run``, ``plan``, ``events``, ``in:<region>``, …"""
    return f"regions:{{{run}}}:{name}"
