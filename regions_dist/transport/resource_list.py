"""What the machines serve, how busy it is, and what is waited for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from regions_dist.ports import Offer, ServedResource
from regions_dist.transport import keys
from regions_dist.transport.connection import connect

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regions_dist.ports import ResourceKind, WorkerInfo
    from regions_dist.transport.patience import Patience

__all__ = ["ResourceList"]


class ResourceList:
    """Lists resources that are served to all, and those that are waited for in vain."""

    def __init__(self, url: str, patience: Patience) -> None:
        self._redis = connect(url)
        self._patience = patience

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def of(self, workers: Sequence[WorkerInfo]) -> list[ServedResource]:
        """The resources of these workers, and those that nobody serves though calls wait."""
        offers = [(worker, offer) for worker in workers for offer in worker.resources]
        found = [await self._served(offer, worker) for worker, offer in offers]
        served = {(offer.kind, offer.name) for _, offer in offers}
        lonely = [await self._served(offer, None) for offer in await self._ever(served)]
        listed = [*found, *(resource for resource in lonely if resource.queue)]
        return sorted(listed, key=lambda each: (each.kind, each.name, each.worker))

    async def _ever(self, served: set[tuple[ResourceKind, str]]) -> Iterable[Offer]:
        """What was ever asked for, and is not served now."""
        members = await self._patience.ask(partial(self._redis.smembers, keys.WANTED))
        pairs = (member.partition(":") for member in members)
        wanted = [(cast("ResourceKind", kind), name) for kind, _, name in pairs]
        return [Offer(*each) for each in wanted if each not in served]

    async def _served(self, offer: Offer, worker: WorkerInfo | None) -> ServedResource:
        queue, in_use = await self._patience.ask(partial(self._count, offer))
        return ServedResource(
            kind=offer.kind,
            name=offer.name,
            worker=worker.name if worker else "",
            host=worker.host if worker else "",
            model=offer.model,
            slots=offer.slots,
            in_use=in_use,
            queue=queue,
            health=offer.health,
            tokens_per_second=offer.rate,
        )

    async def _count(self, offer: Offer) -> tuple[int, int]:
        """Calls that wait, and that are being answered."""
        jobs = await self._redis.zrange(keys.queue_of(offer.kind, offer.name), 0, -1)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zcard(keys.of_endpoint(offer.endpoint, "waiting"))
            pipe.scard(keys.of_endpoint(offer.endpoint, "held"))
            for job in jobs:
                pipe.exists(keys.of_job(job, "in-progress"))
            waiting, held, *running = cast("list[int]", await pipe.execute())
        return len(jobs) - sum(running) + waiting, held if offer.endpoint else sum(running)
