"""A run carried out: what it needs is started, it is watched, all of it is ended."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from regions_dist.coordinator.ledger import Ledger
from regions_dist.coordinator.watch import Watcher
from regions_dist.domain.branch import Opening
from regions_dist.domain.outcome import FINAL
from regions_dist.domain.placement import absence, crews, hosts, is_placed, start_command
from regions_dist.domain.schedule import schedule
from regions_dist.errors import BadInput, RegionsError
from regions_dist.runs.archiving import archiving
from regions_dist.runs.local import Local, run_folder
from regions_dist.runs.origin import keep_origin
from regions_dist.runs.run_list import keep_summary
from regions_dist.transport.archive import file_of
from regions_dist.transport.connection import safe_url
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.config import Settings
    from regions_dist.domain.branch import Branch
    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.schedule import Place

__all__ = ["Audience", "RunRequest", "carry_out", "new_run_name", "refuse_taken"]


_LAST_WORD = 3.0
"""Seconds that the broker has to answer to a pause before this ends."""


def new_run_name() -> str:
    """A name for a run that is given none: when it was asked for, here, and a few random digits."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"


@dataclass(frozen=True)
class RunRequest:
    """What to run, and how. Seconds: ``wait``, ``timeout``. ``processes`` None: one a region.

    ``inbox_limit`` and ``inbox_bytes`` are new limits for a run that is resumed; ``imports`` are
    modules of region types for the workers that are started. With ``only_recorded`` no model and
    no store is prepared, for the run is given recorded answers. ``pauses``: whoever is told to end
    while they carry it out pauses it; else it goes on, if others work on it.
    """

    run: str
    plan: Plan
    layers: tuple[int, ...] | None = None
    messages: Sequence[OutsideMessage] = ()
    spawn: bool | None = None
    processes: int | None = None
    imports: tuple[str, ...] = ()
    wait: float = 60.0
    timeout: float | None = None
    how: Literal["open", "resume"] = "open"
    stepping: bool = False
    pauses: bool = True
    branch: Branch | None = None
    only_recorded: bool = False
    inbox_limit: int | None = None
    inbox_bytes: int | None = None

    @property
    def first(self) -> int:
        """The place of the execution order at which the run begins."""
        return self.branch.place if self.branch else 0


class Audience(Protocol):
    """Whom a run is told to while it is carried out."""

    def say(self, text: str) -> None:
        """Something is under way, or has died."""
        ...

    def notice(self, text: str) -> None:
        """Something about the run as a whole, such as a broker that is away."""
        ...

    def earlier(self, event: Event) -> None:
        """What happened before a run that is resumed goes on."""
        ...

    def begin(self, places: Sequence[Place], store: RedisRunStore, url: str) -> None:
        """The run is open, on the broker at ``url``, and its events follow."""
        ...

    def handle(self, event: Event) -> None:
        """Something has happened in the run."""
        ...

    def waiting(self, region: str, seconds: float, hint: str) -> None:
        """The region has waited for a worker for so long; ``hint`` says what to do."""
        ...

    def ends(self, event: Event) -> bool:
        """Whether there is no more to see after this event."""
        ...

    def close(self) -> None:
        """Nothing more follows."""
        ...


async def carry_out(
    request: RunRequest, settings: Settings, audience: Audience
) -> tuple[RunView, list[dict[str, object]]]:
    """Run to the end; the run as it ended, and its trace."""
    embedded = settings.redis_url is None
    local = Local(settings, run_folder(settings.home, request.run), audience.say, request.imports)
    try:
        async with archiving(settings):
            if embedded:
                settings = await local.start_broker()
            return await _run(request, settings, local, audience, spawn=_spawns(request, embedded))
    finally:
        await local.stop()


def _spawns(request: RunRequest, embedded: bool) -> bool:  # noqa: FBT001
    return embedded if request.spawn is None else request.spawn


async def _run(
    request: RunRequest, settings: Settings, local: Local, audience: Audience, *, spawn: bool
) -> tuple[RunView, list[dict[str, object]]]:
    url = settings.redis_url or ""
    patience = Patience(url, audience.notice, give_up=request.wait)
    store = RedisRunStore(url, patience)
    workers = RedisWorkers(url, lease=settings.lease, patience=patience)
    try:
        await store.check()
        if request.how == "open":
            await refuse_taken(request.run, store, settings)
        places = schedule(request.plan, request.layers)
        ledger = Ledger(request.run, [place.layer for place in places])
        watcher = Watcher(
            store, workers, ledger, request.wait, request.timeout, request.plan.placement
        )
        if spawn:
            if local.has_broker:
                keep_origin(local.folder, request.plan)
            if not request.only_recorded:
                await local.prepare(request.plan)
            # A broker of our own lists, at most, workers that have ended with its last command.
            others = [] if local.has_broker else await workers.list()
            placement = request.plan.placement
            needed = _regions(places[request.first :])
            missing = [r for r in needed if not any(hosts(w, r, placement) for w in others)]
            await local.start_workers(crews(missing, placement, request.processes))
        if request.how == "open":
            after = await _open(request, places, store)
        else:
            after = await _resume(request, store, watcher, audience)
            view = await store.view(request.run)
            if view.status in FINAL and await store.last_event(request.run) == after:
                return view, await store.trace(request.run)
        if local.has_broker:
            await keep_summary(store, local.folder, request.run)
        audience.begin(places, store, url)
        view = await _watch(
            request,
            watcher,
            audience,
            url,
            after,
        )
        return view, await _trace(request.run, view, store, patience)
    finally:
        if local.has_broker:
            await keep_summary(store, local.folder, request.run)
        await workers.close()
        await store.close()


async def _trace(
    run: str, view: RunView, store: RedisRunStore, patience: Patience
) -> list[dict[str, object]]:
    """The run's trace, or nothing where the broker has lost it or is away."""
    if patience.away or (view.error and view.error.code == "run-lost"):
        return []
    return await store.trace(run)


async def _open(request: RunRequest, places: Sequence[Place], store: RedisRunStore) -> str:
    """Open the run; the event after which there is something to watch."""
    r = request
    opening = Opening(r.stepping, r.timeout, r.branch, only_recorded=r.only_recorded)
    await store.open(request.run, request.plan, places, request.messages, opening)
    return "0-0"


async def _resume(
    request: RunRequest, store: RedisRunStore, watcher: Watcher, audience: Audience
) -> str:
    """Let the run go on; the event after which there is something to watch."""
    after = await store.last_event(request.run)
    await _catch_up(request, store, watcher, audience, after)
    await store.resume(
        request.run,
        seconds=request.timeout,
        inbox_limit=request.inbox_limit,
        inbox_bytes=request.inbox_bytes,
        before=(await store.view(request.run)).stopped_before,
    )
    return after


async def refuse_taken(run: str, store: RedisRunStore, settings: Settings) -> None:
    """Raises BadInput, with the code run-taken, where there is a run of that name."""
    file = file_of(settings.home, run)
    if file.exists():
        raise BadInput(
            f"there was a run called {run!r}, which is archived in {file}; choose another --run-id",
            where="run-id",
            code="run-taken",
        )
    if await store.last_event(run) != "0-0":
        raise BadInput(
            f"there is a run called {run!r} already; choose another --run-id, or go on with it: "
            f"regions-coordinator resume {run}",
            where="run-id",
            code="run-taken",
        )


async def _catch_up(
    request: RunRequest, store: RedisRunStore, watcher: Watcher, audience: Audience, until: str
) -> None:
    """Tell what happened before, so that a resumed run has told all of its own."""
    async for event in store.events(request.run):
        if event is None:
            return
        watcher.recall(event)
        audience.earlier(event)
        if event.seq == until:
            return


async def _watch(
    request: RunRequest, watcher: Watcher, audience: Audience, url: str, after: str
) -> RunView:
    def waiting(region: str, seconds: float) -> None:
        placement = request.plan.placement
        start = f"{start_command(region, placement)} --redis {safe_url(url)}"
        hint = f"start one: {start}"
        if is_placed(region, placement):
            hint = f"{region} is placed on {absence(region, placement)}: start {start} there"
        audience.waiting(region, seconds, hint)

    watcher.on_event, watcher.on_waiting, watcher.ends = audience.handle, waiting, audience.ends
    try:
        return await watcher.watch(request.run, after)
    except asyncio.CancelledError:
        if request.pauses:
            with suppress(TimeoutError, RegionsError):
                async with asyncio.timeout(_LAST_WORD):
                    await watcher.store.steer(request.run, "pause")
        raise
    finally:
        audience.close()


def _regions(places: Sequence[Place]) -> list[str]:
    steps = (step for place in places for chain in place.chains for step in chain.steps)
    return list(dict.fromkeys(step.region for step in steps))
