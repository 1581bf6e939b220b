"""Hosting regions of runs on a broker in this process, beside whatever else it does."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from typing import TYPE_CHECKING

from regions_dist.bootstrap import connected
from regions_dist.library.resources import ProgramResources
from regions_dist.library.workshop import hosting
from regions_dist.ports import WorkerInfo
from regions_dist.resources.listener_sinks import ListenerSinks
from regions_dist.runtime.host import Host

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from regions_dist.config import Settings
    from regions_dist.domain.plan import RegionEntry
    from regions_dist.library.resources import Find
    from regions_dist.runtime.host import OwnRegions

__all__ = ["host_here", "worker_info"]


def worker_info(name: str, regions: tuple[str, ...]) -> WorkerInfo:
    """A worker of this name in this process."""
    incarnation = secrets.token_hex(8)
    return WorkerInfo(name, socket.gethostname(), os.getpid(), regions, incarnation=incarnation)


async def host_here(
    settings: Settings,
    info: WorkerInfo,
    find: Find,
    own: OwnRegions,
    stack: AsyncExitStack,
) -> asyncio.Task[None]:
    """Be a worker until ``stack`` is closed; the task that takes the steps.

    Models and stores are what ``find`` gives, and for the rest what this machine may ask.
    """
    c = await connected(settings, info, stack)

    async def entry_of(run: str, region: str) -> RegionEntry | None:  # noqa: ARG001  one run
        return own.entries.get(region)

    host = Host(
        c.mail,
        c.heart,
        ProgramResources(find, c.shared),
        ListenerSinks(entry_of, lambda: settings.home),
        owner=info.name,
        concurrency=max(1, len(info.regions)),
        own=own,
    )
    c.heart.lost = host.abandon
    c.heart.start()
    stack.push_async_callback(asyncio.to_thread, c.hand_back)
    return await stack.enter_async_context(hosting(host, info))
