"""Every Redis key. A run's keys share its hash tag; ``scripts/run.lua`` names them the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "ANNOUNCEMENTS",
    "ENDPOINTS",
    "POSTMASTER",
    "SERVED",
    "SWEEPER",
    "TURNS",
    "WANTED",
    "WORKERS",
    "names_of",
    "of_call",
    "of_endpoint",
    "of_job",
    "of_run",
    "queue_of",
]

ANNOUNCEMENTS = "regions:runs"
"""Stream: each run that was opened, as ``run``."""
WORKERS = "regions:workers"
"""Hash: worker name to its last heartbeat, JSON."""
POSTMASTER = "regions:postmaster"
"""String that lives while a Postmaster process beats."""
SWEEPER = "regions:sweeper"
"""String that lives while a process archives finished runs: its token."""
SERVED = "regions:served"
"""Set: each resource that a worker has ever served to all, as ``<kind>:<name>``."""
WANTED = "regions:wanted"
"""Set: each resource that was ever waited for with nobody to serve it, in the same form."""
ENDPOINTS = "regions:endpoints"
"""Hash: each endpoint whose slots were ever taken, to how many it has."""
TURNS = "regions:turns"
"""Counter: the turn of whoever came last to ask a resource; lower turns are served first."""


def of_run(run: str, name: str) -> str:
    """The key called ``name`` of a run: ``run``, ``plan``, ``events``, ``in:<region>``, …"""
    return f"regions:{{{run}}}:{name}"


def queue_of(kind: str, name: str) -> str:
    """The sorted set, arq's, of the calls that wait for a resource or are under way: by turn."""
    return f"regions:calls:{kind}:{name}"


def of_call(job: str, name: str) -> str:
    """A key of our own of a call: ``asker``, who wants it last; ``answered``, which wakes them."""
    return f"regions:call:{job}:{name}"


def of_job(job: str, name: str) -> str:
    """A key that arq keeps of a call: ``job``, ``in-progress``, ``retry`` or ``result``."""
    return f"arq:{name}:{job}"


def of_endpoint(endpoint: str, name: str) -> str:
    """The key called ``name`` of the slots of an endpoint: ``here``, ``waiting``, ``held``, …"""
    return f"regions:slots:{{{endpoint}}}:{name}"


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
