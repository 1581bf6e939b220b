"""Runs that are stored: in the configured broker, or in this machine's home.

There embedded brokers leave theirs, and those lie that were archived from a shared broker.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from regions_dist.cli.local import run_folder
from regions_dist.embedded.broker import Broker, running
from regions_dist.errors import BadInput, NoSuchRun
from regions_dist.transport.archive import archived, file_of
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.domain.plan import Plan
    from regions_dist.ports import WorkerInfo

__all__ = ["live_workers", "stored_plan", "stored_trace"]


async def stored_trace(settings: Settings, run: str) -> list[dict[str, Any]]:
    """The trace of a stored or archived run. Raises NoSuchRun."""
    try:
        async with _store(settings, run) as store:
            return await store.trace(run)
    except NoSuchRun:
        if record := archived(settings.home, run):
            return record.trace()
        raise


async def stored_plan(settings: Settings, run: str) -> tuple[Plan, tuple[int, ...]]:
    """The plan of a run that can go on, and the layers it runs, in order. Raises NoSuchRun."""
    try:
        async with _store(settings, run) as store:
            view = await store.view(run)
            return await store.plan(run), tuple(turn.index for turn in view.layers)
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
    store = RedisRunStore(settings.redis_url)
    workers = RedisWorkers(settings.redis_url, lease=settings.lease)
    try:
        await store.check()
        return await workers.list()
    finally:
        await workers.close()
        await store.close()


@asynccontextmanager
async def _store(settings: Settings, run: str) -> AsyncIterator[RedisRunStore]:
    with _broker(settings, run) as url:
        store = RedisRunStore(url)
        try:
            await store.check()
            yield store
        finally:
            await store.close()


@contextmanager
def _broker(settings: Settings, run: str) -> Iterator[str]:
    """The configured broker, or the run's own: the one that is up, else one on its data."""
    if settings.redis_url:
        yield settings.redis_url
        return
    folder = run_folder(settings.home, run) / "broker"
    if not folder.is_dir():
        raise NoSuchRun(f"no run called {run!r} in {settings.home / 'runs'}", where=run)
    url = running(folder)
    if url:
        yield url
        return
    broker = Broker(folder)
    try:
        yield broker.start()
    finally:
        broker.stop()
