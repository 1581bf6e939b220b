"""An Executor's run on a broker: its own regions are hosted here, the others by workers."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from regions_dist.bootstrap import connected
from regions_dist.config import load_settings
from regions_dist.errors import BadInput
from regions_dist.library.listening import Callables
from regions_dist.library.resources import ProgramResources
from regions_dist.library.workshop import Bench, host_name, hosting
from regions_dist.ports import WorkerInfo
from regions_dist.runtime.host import Host
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.library.assembly import Assembly

__all__ = ["OnCluster"]


class OnCluster:
    """Implements Workshop with the broker at ``url``, which is waited for ``wait`` seconds."""

    def __init__(self, url: str, wait: float) -> None:
        self._settings = load_settings(redis=url)
        self._url = url
        self._wait = wait
        self._is_new = True

    @asynccontextmanager
    async def at_work(self, run: str, made: Assembly) -> AsyncIterator[Bench]:
        """See Workshop."""
        async with AsyncExitStack() as stack:
            runs = await stack.enter_async_context(self.reached())
            await self._refuse_taken(run, runs)
            patience = Patience(self._url, give_up=self._wait)
            workers = RedisWorkers(self._url, lease=self._settings.lease, patience=patience)
            stack.push_async_callback(workers.close)
            duties = (await self._host(run, made, stack),) if made.own else ()
            yield Bench(runs, workers, duties)
            self._is_new = False

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[RedisRunStore]:
        """See Workshop."""
        runs = RedisRunStore(self._url, Patience(self._url, give_up=self._wait))
        try:
            yield runs
        finally:
            await runs.close()

    async def _refuse_taken(self, run: str, runs: RedisRunStore) -> None:
        if not self._is_new:
            return
        await runs.check()
        if await runs.last_event(run) != "0-0":
            raise BadInput(f"there is a run called {run!r} already: choose another name", where=run)

    async def _host(self, run: str, made: Assembly, stack: AsyncExitStack) -> asyncio.Task[None]:
        """Host what only this process can, until ``stack`` is closed."""
        names = tuple(made.own)
        info = WorkerInfo(
            host_name(run),
            socket.gethostname(),
            os.getpid(),
            names,
            incarnation=secrets.token_hex(8),
        )
        c = await connected(self._settings, info, stack)
        host = Host(
            c.mail,
            c.heart,
            ProgramResources(made.objects, c.shared),
            Callables(made.own.values()),
            owner=info.name,
            concurrency=len(names),
            own=made.own,
        )
        c.heart.lost = host.abandon
        c.heart.start()
        stack.push_async_callback(asyncio.to_thread, c.hand_back)
        return await stack.enter_async_context(hosting(host, names))
