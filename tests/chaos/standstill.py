"""Where the runs stand, for when nothing happens any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.transport import keys
from tests.chaos.plan import regions_of_plan

if TYPE_CHECKING:
    from tests.chaos.cluster import Cluster

__all__ = ["where_it_stands"]


async def where_it_stands(cluster: Cluster, run: str) -> str:
    """A run's state, barrier, open orders and leases, for people to read."""
    redis = cluster.redis
    found = {
        name: await redis.hgetall(keys.of_run(run, name))
        for name in ("run", "barrier", *(f"lease:{region}" for region in regions_of_plan()))
    }
    for region in regions_of_plan():
        found[f"orders:{region}"] = await redis.xrange(keys.of_run(run, f"orders:{region}"))
    found["out"] = await redis.xlen(keys.of_run(run, "out"))
    found["retry"] = await redis.zcard(keys.of_run(run, "retry"))
    return f"{run} stands at { ({name: value for name, value in found.items() if value}) }"
