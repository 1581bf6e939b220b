"""Archiving finished runs while a command has a broker at hand: best effort, and on the side."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from regions_dist.coordinator.archiving import sweep
from regions_dist.errors import RegionsError
from regions_dist.transport.sweeping import RedisArchive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.config import Settings

__all__ = ["archive_now", "archive_quickly", "archiving"]

log = logging.getLogger(__name__)

_A_FEW: Final = 5
"""As a rule one run has to go, which takes a few hundredths of a second."""
_NOT_LONGER: Final = 2.0
"""Seconds, should the broker be slow or away."""


@asynccontextmanager
async def archiving(settings: Settings) -> AsyncIterator[None]:
    """Archive meanwhile what a configured broker need not keep; an embedded one keeps its run."""
    sweeping = asyncio.create_task(archive_now(settings))
    try:
        yield
    finally:
        sweeping.cancel()
        await asyncio.wait([sweeping])


def archive_quickly(settings: Settings) -> None:
    """Archive a few runs that a configured broker need not keep, before a command ends."""
    with suppress(KeyboardInterrupt):
        asyncio.run(_for_a_moment(settings))


async def _for_a_moment(settings: Settings) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_NOT_LONGER):
            await archive_now(settings, most=_A_FEW)


async def archive_now(settings: Settings, most: int | None = None) -> None:
    """Archive what a configured broker need not keep, ``most`` at most; never fails."""
    if settings.redis_url is None:
        return
    archive = RedisArchive(settings.redis_url, settings.home)
    try:
        await sweep(archive, most=most)
    except RegionsError as error:
        log.info("finished runs are archived another time: %s", error.message)
    finally:
        await archive.close()
