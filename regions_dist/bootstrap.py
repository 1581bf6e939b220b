"""The only place where adapters are chosen and joined."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regions_dist.errors import RegionsError
from regions_dist.machine import Machine, SharedMachine
from regions_dist.offering import Offering, has_files, with_files_served
from regions_dist.postmaster.service import serve
from regions_dist.resources.listener_sinks import ListenerSinks
from regions_dist.runtime.ending import end
from regions_dist.runtime.host import Host
from regions_dist.transport.calls.caller import Caller
from regions_dist.transport.leases import release_leases
from regions_dist.transport.mail import RedisMail
from regions_dist.transport.outboxes import RedisOutboxes
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import Heartbeat, RedisWorkers
from regions_dist.transport.slots import Slots

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path
    from typing import Any

    from regions_dist.config import Settings
    from regions_dist.domain.plan import RegionEntry
    from regions_dist.ports import WorkerInfo
    from regions_dist.runtime.departure import Departure

__all__ = ["Connections", "connected", "work"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Connections:
    """What a process has that hosts regions on the broker at ``url``."""

    url: str
    worker: WorkerInfo
    patience: Patience
    mail: RedisMail
    heart: Heartbeat
    machine: Machine
    shared: SharedMachine

    def hand_back(self) -> None:
        """Free whatever this process holds, also what it claimed without having heard so."""
        try:
            for run, region in release_leases(self.url, self.worker.incarnation):
                log.info("handed back the step of %s in %s", region, run)
        except RegionsError as error:
            log.warning("could not hand back: %s; others take over after a lease", error)
        self.heart.stop()


async def connected(settings: Settings, worker: WorkerInfo, stack: AsyncExitStack) -> Connections:
    """The connections of a worker, which ``stack`` closes; its heart does not beat yet."""
    url = settings.redis_url
    if url is None:
        raise ValueError("a worker needs a broker")
    patience = Patience(url)
    mail = RedisMail(url, lease=settings.lease, incarnation=worker.incarnation, patience=patience)
    stack.push_async_callback(mail.close)
    machine = Machine(settings)
    stack.push_async_callback(machine.aclose)
    heart = Heartbeat(url, worker, lease=settings.lease, patience=patience)
    heart.reading = mail.silence
    heart.postmaster_seen = lambda seen: setattr(mail, "routing", not seen)
    workers = RedisWorkers(url, lease=settings.lease, patience=patience)
    caller = Caller(url, patience, workers)
    slots = Slots(url, heart, patience, lease=settings.lease, incarnation=worker.incarnation)
    for client in (workers.close, caller.close, slots.close):
        stack.push_async_callback(client)
    shared = SharedMachine(machine, caller, slots)
    return Connections(url, worker, patience, mail, heart, machine, shared)


async def work(
    settings: Settings,
    worker: WorkerInfo,
    departure: Departure,
    *,
    concurrency: int = 16,
    relay: Path | None = None,
    ready: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> None:
    """Be a worker until told to leave: host its regions, serve its resources, route mail.

    ``relay``: the file for what listeners write to a terminal, where this process has none.
    """
    async with AsyncExitStack() as stack:
        loaded = await _loaded(settings, worker, departure, stack)
        if loaded is None:
            return
        c = await connected(loaded, worker, stack)
        offering = Offering(worker.resources, c.machine, c.shared, c.url, c.heart, c.patience)
        stack.push_async_callback(offering.close)
        c.heart.start()
        departure.busy = lambda: c.heart.held
        departure.farewell = c.hand_back
        stack.callback(departure.say_farewell)

        async def entry_of(run: str, region: str) -> RegionEntry | None:
            return (await c.mail.plan(run)).entry(region)

        sink = ListenerSinks(entry_of, lambda: settings.home, default="file", relay=relay)
        host = Host(c.mail, c.heart, c.shared, sink, owner=worker.name, concurrency=concurrency)
        c.heart.lost = host.abandon
        duties = [*await offering.duties(), host.run(worker)]
        if "postmaster" in worker.roles:
            duties.append(serve(RedisOutboxes(c.mail)))
        ready({"name": worker.name})
        await _until(departure, duties)
        await asyncio.gather(host.drain(), offering.drain())
        departure.drained()


async def _loaded(
    settings: Settings, worker: WorkerInfo, departure: Departure, stack: AsyncExitStack
) -> Settings | None:
    """The settings with a server for each model's file; None for a worker told to leave meanwhile.

    While it loads them it is listed, but for its roles: who needs it knows what to wait for.
    """
    if not has_files(settings, worker.resources):
        return settings
    loading = tuple(replace(offer, health="loading") for offer in worker.resources)
    listed = replace(worker, roles=(), resources=loading)
    loaded: list[Settings] = []

    async def load() -> None:
        loaded.append(await with_files_served(settings, worker.resources, stack))

    heart = Heartbeat(settings.redis_url or "", listed, lease=settings.lease)
    heart.start()
    try:
        await _until(departure, [load()])
    finally:
        await asyncio.to_thread(heart.stop)
    return loaded[0] if loaded else None


async def _until(departure: Departure, duties: list[Coroutine[Any, Any, None]]) -> None:
    """Do all of these until told to leave. Raises what one of them raises."""
    tasks = [asyncio.create_task(duty) for duty in duties]
    told = asyncio.create_task(departure.told())
    await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await end([told, *tasks])
    for task in tasks:
        if not task.cancelled():
            task.result()
