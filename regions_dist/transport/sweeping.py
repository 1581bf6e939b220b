"""Finished runs on their way from the broker to their archives."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import redis

from regions_dist.domain.outcome import FINAL
from regions_dist.errors import ArchiveProblem, NoSuchRun
from regions_dist.ports import AnnouncedRun
from regions_dist.transport import archive, keys
from regions_dist.transport.connection import connect, translated
from regions_dist.transport.run_store import RedisRunStore
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from regions_dist.transport.run_record import RunRecord

__all__ = ["RedisArchive"]

_LEASE = 30.0
"""Seconds after which another may sweep. Two at once do no harm, so nobody renews it."""


class RedisArchive:
    """Implements ports.Archive: from the broker at ``url`` to files in ``home``."""

    def __init__(self, url: str, home: Path) -> None:
        self._url = url
        self._home = home
        self._redis = connect(url)
        self._store = RedisRunStore(url)
        self._forget = self._redis.register_script(source("forget"))

    async def close(self) -> None:
        """Close the connections."""
        await self._store.close()
        await self._redis.aclose()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """See ports.Archive."""
        lease = self._redis.lock(keys.SWEEPER, timeout=_LEASE, blocking=False)
        with translated(self._url):
            alone = bool(await lease.acquire())
        try:
            yield alone
        finally:
            if alone:
                await self._let_go(lease)

    async def _let_go(self, lease: Any) -> None:
        try:
            with translated(self._url):
                await lease.release()
        except redis.exceptions.LockError:
            pass  # it took longer than the lease, which another may hold by now

    async def announced(self) -> list[AnnouncedRun]:
        """See ports.Archive. One read of the announcements, one of the runs' heads."""
        with translated(self._url):
            seconds, micros = await self._redis.time()
            entries: dict[str, list[str]] = {}
            for entry, fields in await self._redis.xrange(keys.ANNOUNCEMENTS):
                entries.setdefault(fields.get("run", ""), []).append(entry)
            async with self._redis.pipeline(transaction=False) as pipe:
                for run in entries:
                    pipe.hmget(keys.of_run(run, "run"), "status", "finished")
                heads = await pipe.execute()
        now = seconds + micros / 1e6
        return [
            AnnouncedRun(
                run=run,
                status=status,
                finished=int(finished or 0) / 1e6,
                age=now - int(own[-1].partition("-")[0]) / 1e3,
                announcements=tuple(own),
            )
            for (run, own), (status, finished) in zip(entries.items(), heads, strict=True)
        ]

    async def put_away(self, run: AnnouncedRun) -> bool:
        """See ports.Archive."""
        try:
            with translated(self._url):
                forgotten = await self._move(await self._store.whole(run.run))
        except NoSuchRun:
            forgotten = False
        except (LookupError, ValueError, redis.exceptions.ResponseError) as error:
            raise ArchiveProblem(
                f"run {run.run!r} cannot be archived, so it stays in the broker: what is there is "
                f"not what was stored ({error})",
                where=run.run,
            ) from None
        if forgotten:
            await self.withdraw([run])
        return forgotten

    async def withdraw(self, runs: Sequence[AnnouncedRun]) -> None:
        """See ports.Archive."""
        entries = [entry for run in runs for entry in run.announcements]
        if entries:
            with translated(self._url):
                await self._redis.xdel(keys.ANNOUNCEMENTS, *entries)

    async def _move(self, record: RunRecord) -> bool:
        if record.status not in FINAL:
            return False
        await asyncio.to_thread(archive.write, self._home, record)
        return await self.forget(record)

    async def forget(self, record: RunRecord) -> bool:
        """Remove a run from the broker that was archived like this; False where it has changed."""
        finished = record.hashes["run"].get("finished", "")
        root = [keys.of_run(record.run, "run")]
        sizes = (text for kind, name, value in record.parts() for text in (kind, name, len(value)))
        with translated(self._url):
            return bool(await self._forget(keys=root, args=[finished, *sizes]))
