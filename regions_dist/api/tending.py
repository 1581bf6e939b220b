"""What whoever is up does for runs on a shared broker: tend them by time, archive the old ones."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from regions_dist.embedded.processes import warm_up
from regions_dist.errors import RegionsError
from regions_dist.runs.archiving import archive_now
from regions_dist.transport.mail import RedisMail
from regions_dist.transport.patience import Patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.config import Settings

__all__ = ["tending"]

log = logging.getLogger(__name__)

_SWEEP_EVERY: Final = 60.0


@asynccontextmanager
async def tending(settings: Settings) -> AsyncIterator[None]:
    """Tend and archive meanwhile; of embedded runs, whoever carries one out does so.

    For those it is seen to it that the first one does not wait.
    """
    if settings.redis_url is None:
        await asyncio.to_thread(warm_up)
        yield
        return
    tasks = [
        asyncio.create_task(_tend(settings.redis_url, settings.lease)),
        asyncio.create_task(_sweep(settings)),
    ]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def _tend(url: str, lease: float) -> None:
    """Move what is left in outboxes, try deliveries again, end runs whose time is up."""
    mail = RedisMail(url, lease=lease, patience=Patience(url))
    try:
        async for _ in mail.live_runs(_no_streams).entries():
            pass
    except RegionsError as error:
        log.warning("runs are not tended here any more: %s", error.message)
    finally:
        await mail.close()


async def _no_streams(_: str) -> dict[str, None]:
    return {}


async def _sweep(settings: Settings) -> None:
    while True:
        await archive_now(settings)
        await asyncio.sleep(_SWEEP_EVERY)
