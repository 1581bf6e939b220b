"""Runs that are stored: in the configured broker, or in this machine's home.

There embedded brokers leave theirs, and those lie that were archived from a shared broker.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from regions_dist.config import Settings
from regions_dist.embedded.broker import GONE_AFTER, Broker, running
from regions_dist.errors import BadInput, BrokerUnavailable, NoSuchRun
from regions_dist.runs.local import run_folder
from regions_dist.runs.run_list import keep_summary
from regions_dist.transport.archive import archived, file_of
from regions_dist.transport.patience import GIVE_UP, Patience
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.resource_list import ResourceList
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path

    from regions_dist.ports import ServedResource, WorkerInfo
    from regions_dist.transport.run_record import RunRecord

__all__ = [
    "Standing",
    "attached",
    "live_workers",
    "opened",
    "read_run",
    "resources_on",
    "standing_of",
    "workers_on",
]

Found = TypeVar("Found")


@dataclass(frozen=True)
class Standing:
    """How a run stands, and the workers on its broker.

    ``tended`` is false for an embedded run whose command has ended: nobody works on it. An
    ``archived`` run never goes on.
    """

    record: RunRecord
    workers: list[WorkerInfo] = field(default_factory=list)
    tended: bool = False
    archived: bool = False


async def read_run(settings: Settings, run: str) -> RunRecord:
    """All that is known of a run, wherever it is kept. Raises NoSuchRun."""

    async def read() -> RunRecord:
        async with _holding(settings, run) as (store, _):
            return await store.whole(run)

    try:
        return await _even_as_it_ends(settings, read)
    except NoSuchRun:
        if record := archived(settings.home, run):
            return record
        raise


async def standing_of(settings: Settings, run: str) -> Standing:
    """How a run stands and what it waits for, wherever it is kept. Raises NoSuchRun."""

    async def read() -> Standing:
        tended = attached(settings, run).redis_url is not None
        async with _holding(settings, run) as (store, url):
            record = await store.standing(run)
            if tended:
                return Standing(record, await _workers(url, settings), tended)
            return Standing(record.as_of(await store.last_event(run)))

    try:
        return await _even_as_it_ends(settings, read)
    except NoSuchRun:
        if kept := archived(settings.home, run):
            return Standing(kept, archived=True)
        raise


def attached(settings: Settings, run: str) -> Settings:
    """Settings that name the broker of an embedded run whose command is up; else unchanged."""
    url = settings.redis_url or running(_folder(settings, run) / "broker", serving=True)
    return Settings.model_validate(dict(settings) | {"redis": url}) if url else settings


@asynccontextmanager
async def opened(settings: Settings, run: str) -> AsyncIterator[RedisRunStore]:
    """The store that holds a run which may go on. Raises NoSuchRun where there is none."""
    try:
        async with _holding(settings, run) as (store, _):
            yield store
            if settings.redis_url is None:
                await keep_summary(store, _folder(settings, run), run)
    except NoSuchRun:
        if (file := file_of(settings.home, run)).exists():
            raise _cannot_go_on(run, file) from None
        raise


def _cannot_go_on(run: str, archive: Path) -> NoSuchRun:
    return NoSuchRun(
        f"run {run!r} cannot go on: it ended long ago, and the broker holds it no more. Its "
        f"archive is {archive}, and regions-coordinator trace {run} shows it",
        where=run,
    )


async def live_workers(settings: Settings) -> list[WorkerInfo]:
    """The workers on the configured broker."""
    if settings.redis_url is None:
        raise BadInput("no broker: give --redis URL, or set REGIONS_REDIS_URL")
    return await workers_on(settings.redis_url, settings)


async def workers_on(url: str, settings: Settings) -> list[WorkerInfo]:
    """The workers on the broker at ``url``. Raises BrokerUnavailable."""
    async with _connected(url, settings):
        return await _workers(url, settings)


async def resources_on(url: str, workers: Sequence[WorkerInfo]) -> list[ServedResource]:
    """The resources that these workers of the broker at ``url`` serve, and those waited for."""
    resources = ResourceList(url, Patience(url, give_up=0))
    try:
        return await resources.of(workers)
    finally:
        await resources.close()


async def _workers(url: str, settings: Settings) -> list[WorkerInfo]:
    workers = RedisWorkers(url, lease=settings.lease, patience=_patience(url, settings))
    try:
        return await workers.list()
    finally:
        await workers.close()


async def _even_as_it_ends(settings: Settings, read: Callable[[], Awaitable[Found]]) -> Found:
    """What is read; an embedded run's command may end, with its broker, in the middle of it."""
    try:
        return await read()
    except BrokerUnavailable:
        if settings.redis_url:
            raise
    return await read()


@asynccontextmanager
async def _holding(settings: Settings, run: str) -> AsyncIterator[tuple[RedisRunStore, str]]:
    async with _broker(settings, run) as url, _connected(url, settings) as store:
        yield store, url


@asynccontextmanager
async def _connected(url: str, settings: Settings) -> AsyncIterator[RedisRunStore]:
    store = RedisRunStore(url, _patience(url, settings))
    try:
        await store.check()
        yield store
    finally:
        await store.close()


def _patience(url: str, settings: Settings) -> Patience:
    return Patience(url, give_up=GIVE_UP if settings.redis_url else GONE_AFTER)


@asynccontextmanager
async def _broker(settings: Settings, run: str) -> AsyncIterator[str]:
    """The configured broker, or the run's own: the one that is up, else one on its data."""
    if settings.redis_url:
        yield settings.redis_url
        return
    folder = _folder(settings, run) / "broker"
    if url := running(folder):
        yield url
        return
    broker = Broker(folder, serving=False)
    try:
        yield await asyncio.to_thread(broker.start)
    finally:
        await asyncio.to_thread(broker.stop)


def _folder(settings: Settings, run: str) -> Path:
    """Where an embedded run keeps its data. Raises NoSuchRun for one that has none."""
    folder = run_folder(settings.home, run)
    if folder.parent != settings.home / "runs" or not (folder / "broker").is_dir():
        raise NoSuchRun(
            f"no run called {run!r} in {settings.home / 'runs'}; 'regions-coordinator runs' lists "
            "those that are there",
            where=run,
        )
    return folder
