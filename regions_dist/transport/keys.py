"""Every Redis key. A run's keys share its hash tag; ``scripts/run.lua`` names them the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ANNOUNCEMENTS", "POSTMASTER", "SWEEPER", "WORKERS", "names_of", "of_run"]

ANNOUNCEMENTS = "regions:runs"
"""Stream: each run that was opened, as ``run``."""
WORKERS = "regions:workers"
"""Hash: worker name to its last heartbeat, JSON."""
POSTMASTER = "regions:postmaster"
"""String that lives while a Postmaster process beats."""
SWEEPER = "regions:sweeper"
"""String that lives while a process archives finished runs: its token."""


def of_run(run: str, name: str) -> str:
    """The key called ``name`` of a run: ``run``, ``plan``, ``events``, ``in:<region>``, …"""
    return f"regions:{{{run}}}:{name}"


_HASHES: Final = (
    *("plan", "barrier", "layers", "open", "fence", "done", "states", "versions"),
    *("letters", "load", "bodies", "fates", "injected", "redelivered", "edits"),
)
_STREAMS: Final = ("out", "held", "waiting", "inherited", "trace", "dead", "answers", "events")


def names_of(plan: Mapping[str, str], regions: Iterable[str]) -> dict[str, list[str]]:
    """The names of all keys that a run may have: its hashes, streams and sorted sets.

    ``plan`` is the run's hash of that name.
    """
    steps = [name.split(":")[1] for name in plan if name.startswith("step:")]
    regions = list(regions)
    hashes = [f"lease:{region}" for region in regions]
    hashes += [f"answers:{step}" for step in dict.fromkeys(steps)]
    streams = [f"{kind}:{region}" for region in regions for kind in ("in", "orders")]
    return {
        "hashes": [*_HASHES, *hashes],
        "streams": [*_STREAMS, *streams],
        "zsets": ["retry"],
    }
