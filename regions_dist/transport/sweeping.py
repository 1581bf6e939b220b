"""Finished runs on their way from the broker to their archives."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import redis

from regions_dist.domain.outcome import FINAL
from regions_dist.errors import ArchiveProblem, NoSuchRun
from regions_dist.ports import AnnouncedRun
from regions_dist.transport import archive, keys
from regions_dist.transport.connection import connect
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_store import RedisRunStore
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from pathlib import Path

    from regions_dist.transport.run_record import RunRecord

__all__ = ["RedisArchive"]

log = logging.getLogger(__name__)

_LEASE = 30.0
"""Seconds after which another may sweep. Two at once do no harm, so nobody renews it."""


class RedisArchive:
    """Implements ports.Archive: from the broker at ``url`` to files in ``home``.

    Does not wait for a broker that is away: another time will do.
    """

    def __init__(self, url: str, home: Path) -> None:
        self._home = home
        self._patience = Patience(url, log.debug, give_up=0)
        self._redis = connect(url)
        self._store = RedisRunStore(url, self._patience)
        self._forget = self._redis.register_script(source("forget"))

    async def close(self) -> None:
        """Close the connections."""
        await self._store.close()
        await self._redis.aclose()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """See ports.Archive."""
        lease = self._redis.lock(keys.SWEEPER, timeout=_LEASE, blocking=False)
        alone = bool(await self._patience.ask(lease.acquire))
        try:
            yield alone
        finally:
            if alone:
                await self._let_go(lease)

    async def _let_go(self, lease: Any) -> None:
        # A sweep that took longer than its lease has none to give back.
        with suppress(redis.exceptions.LockError):
            await self._patience.ask(lease.release)

    async def announced(self) -> list[AnnouncedRun]:
        """See ports.Archive. One read of the announcements, one of the runs' heads."""
        entries: dict[str, list[str]] = {}
        ask = partial(self._redis.xrange, keys.ANNOUNCEMENTS)
        for entry, fields in await self._patience.ask(ask):
            entries.setdefault(fields.get("run", ""), []).append(entry)
        (seconds, micros), *heads = await self._patience.ask(partial(self._heads, entries))
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

    async def _heads(self, runs: Iterable[str]) -> Any:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            for run in runs:
                pipe.hmget(keys.of_run(run, "run"), "status", "finished")
            return await pipe.execute()

    async def put_away(self, run: AnnouncedRun) -> bool:
        """See ports.Archive."""
        try:
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
            await self._patience.ask(partial(self._redis.xdel, keys.ANNOUNCEMENTS, *entries))

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
        ask = partial(self._forget, keys=root, args=[finished, *sizes])
        return bool(await self._patience.ask(ask))
