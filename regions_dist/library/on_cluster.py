"""An Executor's run on a broker: its own regions are hosted here, the others by workers."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from regions_dist.config import load_settings
from regions_dist.errors import BadInput
from regions_dist.library.hosting import host_here, worker_info
from regions_dist.library.workshop import Bench, host_name
from regions_dist.runtime.host import OwnRegions
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from regions_dist.library.assembly import Assembly
    from regions_dist.runtime.listeners import Hearing

__all__ = ["OnCluster"]


class OnCluster:
    """Implements Workshop with the broker at ``url``, which is waited for ``wait`` seconds."""

    def __init__(self, url: str, wait: float) -> None:
        self._settings = load_settings(redis=url)
        self._url = url
        self._wait = wait
        self._hearings: dict[tuple[str, str], Hearing] = {}
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
            info = worker_info(host_name(run), tuple(made.own))
            duties: tuple[asyncio.Task[None], ...] = ()
            if made.own:
                own = OwnRegions(made.own, self._hearings)
                duties = (await host_here(self._settings, info, made.find, own, stack),)
            yield Bench(runs, workers, duties)

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
        self._is_new = False
