"""Leases of a worker process that is gone, or leaves: they are freed, not waited out."""

from __future__ import annotations

from typing import Any

from regions_dist.transport import keys
from regions_dist.transport.connection import connect_blocking, translated
from regions_dist.transport.scripts import source

__all__ = ["release_leases"]


def release_leases(url: str, incarnation: str, *, timeout: float = 1.0) -> list[tuple[str, str]]:
    """Free what this incarnation of a worker held; run and region of each lease.

    Its slots of models are free, too. A standby, or its own successor, has those steps at once; it
    itself can commit them no more.
    ``timeout`` is in seconds, for each of a few calls. Raises BrokerUnavailable, BrokerRefused.
    """
    with translated(url), connect_blocking(url, answer_within=timeout) as client:
        _release_slots(client, incarnation)
        announced = (fields.get("run", "") for _, fields in client.xrange(keys.ANNOUNCEMENTS))
        runs = dict.fromkeys(announced)
        release = client.register_script(source("release"))
        with client.pipeline(transaction=False) as each:
            for run in runs:
                release(keys=[keys.of_run(run, "run")], args=[f"{incarnation}."], client=each)
            freed = each.execute()
    return [(run, region) for run, regions in zip(runs, freed, strict=True) for region in regions]


def _release_slots(client: Any, incarnation: str) -> None:
    give = client.register_script(source("give_slot"))
    for endpoint, slots in client.hgetall(keys.ENDPOINTS).items():
        here = keys.of_endpoint(endpoint, "here")
        for token in client.zrange(here, 0, -1):
            if token.startswith(f"{incarnation}."):
                give(keys=[here], args=[token, slots])
