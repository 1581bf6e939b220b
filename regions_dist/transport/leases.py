"""Leases of a worker process that is gone, or leaves: they are freed, not waited out."""

from __future__ import annotations

from regions_dist.transport import keys
from regions_dist.transport.connection import connect_blocking, translated
from regions_dist.transport.scripts import source

__all__ = ["release_leases"]


def release_leases(url: str, incarnation: str, *, timeout: float = 1.0) -> list[tuple[str, str]]:
    """Free what this incarnation of a worker held in any run; run and region of each lease.

    A standby, or its own successor, has those steps at once; it itself can commit them no more.
    ``timeout`` is in seconds, for each of a few calls. Raises BrokerUnavailable, BrokerRefused.
    """
    with translated(url), connect_blocking(url, answer_within=timeout) as client:
        runs = dict.fromkeys(fields["run"] for _, fields in client.xrange(keys.ANNOUNCEMENTS))
        release = client.register_script(source("release"))
        with client.pipeline(transaction=False) as each:
            for run in runs:
                release(keys=[keys.of_run(run, "run")], args=[f"{incarnation}."], client=each)
            freed = each.execute()
    return [(run, region) for run, regions in zip(runs, freed, strict=True) for region in regions]
