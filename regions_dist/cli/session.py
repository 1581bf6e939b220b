"""One run from the command line: what it needs is started, it is watched, all of it is ended."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from regions_dist.cli.archiving import archiving
from regions_dist.cli.local import Local, run_folder
from regions_dist.cli.origin import keep_origin
from regions_dist.cli.progress import Progress
from regions_dist.cli.run_list import keep_summary
from regions_dist.cli.stepping import Lines, Stops, has_stopped
from regions_dist.coordinator.ledger import Ledger
from regions_dist.coordinator.watch import Watcher, has_ended
from regions_dist.domain.branch import Opening
from regions_dist.domain.outcome import FINAL
from regions_dist.domain.schedule import schedule
from regions_dist.errors import BadInput, RegionsError
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

__all__ = ["RunRequest", "carry_out"]


_LAST_WORD = 3.0
"""Seconds that the broker has to answer to a pause before this command ends."""


@dataclass(frozen=True)
class RunRequest:
    """What to run, and how. Seconds: ``wait``, ``timeout``. ``processes`` None: one a region.

    ``inbox_limit`` and ``inbox_bytes`` are new limits for a run that is resumed; ``imports`` are
    modules of region types for the workers that are started. With ``only_recorded`` no model and
    no store is prepared, for the run is given recorded answers.
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
    quiet: bool = False
    print_answers: bool = True
    how: Literal["open", "resume"] = "open"
    stepping: bool = False
    branch: Branch | None = None
    only_recorded: bool = False
    inbox_limit: int | None = None
    inbox_bytes: int | None = None

    @property
    def first(self) -> int:
        """The place of the execution order at which the run begins."""
        return self.branch.place if self.branch else 0


async def carry_out(
    request: RunRequest, settings: Settings
) -> tuple[RunView, list[dict[str, object]]]:
    """Run to the end; the run as it ended, and its trace."""
    embedded = settings.redis_url is None
    console = Console(stderr=True, quiet=request.quiet, highlight=False)
    local = Local(settings, run_folder(settings.home, request.run), console.print, request.imports)
    try:
        async with archiving(settings):
            if embedded:
                settings = await local.start_broker()
            return await _run(request, settings, local, console, spawn=_spawns(request, embedded))
    finally:
        await local.stop()


def _spawns(request: RunRequest, embedded: bool) -> bool:  # noqa: FBT001
    return embedded if request.spawn is None else request.spawn


async def _run(
    request: RunRequest, settings: Settings, local: Local, console: Console, *, spawn: bool
) -> tuple[RunView, list[dict[str, object]]]:
    url = settings.redis_url or ""
    patience = Patience(url, lambda text: _say(console, text), give_up=request.wait)
    store = RedisRunStore(url, patience)
    workers = RedisWorkers(url, lease=settings.lease, patience=patience)
    try:
        await store.check()
        if request.how == "open":
            await _refuse_taken(request.run, store, settings)
        places = schedule(request.plan, request.layers)
        ledger = Ledger(request.run, [place.layer for place in places])
        if spawn:
            if local.has_broker:
                keep_origin(local.folder, request.plan)
            if not request.only_recorded:
                await local.prepare(request.plan)
            # A broker of our own lists, at most, workers that have ended with its last command.
            others = [] if local.has_broker else await workers.list()
            hosted = {name for worker in others for name in worker.regions}
            needed = _regions(places[request.first :])
            if missing := [name for name in needed if name not in hosted]:
                await local.start_workers(missing, request.processes)
        if request.how == "open":
            after = await _open(request, places, store, console)
        else:
            after = await _resume(request, store, ledger)
            view = await store.view(request.run)
            if view.status in FINAL and await store.last_event(request.run) == after:
                return view, await store.trace(request.run)
        if local.has_broker:
            await keep_summary(store, local.folder, request.run)
        watcher = Watcher(store, workers, ledger, request.wait, request.timeout)
        view = await _watch(request, places, console, watcher, patience, url, after)
        return view, await _trace(request.run, view, store, patience)
    finally:
        if local.has_broker:
            await keep_summary(store, local.folder, request.run)
        await workers.close()
        await store.close()


def _say(console: Console, text: str) -> None:
    console.print(text, style="yellow", markup=False, soft_wrap=True)


async def _trace(
    run: str, view: RunView, store: RedisRunStore, patience: Patience
) -> list[dict[str, object]]:
    """The run's trace, or nothing where the broker has lost it or is away."""
    if patience.away or (view.error and view.error.code == "run-lost"):
        return []
    return await store.trace(run)


async def _open(
    request: RunRequest, places: Sequence[Place], store: RedisRunStore, console: Console
) -> str:
    """Open the run; the event after which there is something to watch."""
    for m in request.messages:
        console.print(f"{m.source} -> {m.destination}: {m.content}", markup=False)
    r = request
    opening = Opening(r.stepping, r.timeout, r.branch, only_recorded=r.only_recorded)
    await store.open(request.run, request.plan, places, request.messages, opening)
    return "0-0"


async def _resume(request: RunRequest, store: RedisRunStore, ledger: Ledger) -> str:
    """Let the run go on; the event after which there is something to watch."""
    after = await store.last_event(request.run)
    await _catch_up(request, store, ledger, after)
    await store.resume(
        request.run,
        seconds=request.timeout,
        inbox_limit=request.inbox_limit,
        inbox_bytes=request.inbox_bytes,
        before=(await store.view(request.run)).stopped_before,
    )
    return after


async def _refuse_taken(run: str, store: RedisRunStore, settings: Settings) -> None:
    file = file_of(settings.home, run)
    if file.exists():
        raise BadInput(
            f"there was a run called {run!r}, which is archived in {file}; choose another --run-id",
            where="run-id",
        )
    if await store.last_event(run) != "0-0":
        raise BadInput(
            f"there is a run called {run!r} already; choose another --run-id, or go on with it: "
            f"regions-coordinator resume {run}",
            where="run-id",
        )


async def _catch_up(request: RunRequest, store: RedisRunStore, ledger: Ledger, until: str) -> None:
    """Print the answers that were given before, so that a resumed run prints all of its own."""
    async for event in store.events(request.run):
        if event is None:
            return
        ledger.enter(event)
        _print_answer(request, event)
        if event.seq == until:
            return


def _print_answer(request: RunRequest, event: Event) -> None:
    if request.print_answers and _is_answer(event):
        sys.stdout.write(f"{event.fields['source']}: {event.fields['content']}\n")
        sys.stdout.flush()


def _is_answer(event: Event) -> bool:
    return event.type == "message" and event.fields["outcome"] == "printed"


async def _watch(
    request: RunRequest,
    places: Sequence[Place],
    console: Console,
    watcher: Watcher,
    patience: Patience,
    url: str,
    after: str,
) -> RunView:
    progress = Progress(places, console, first=request.first)
    lines = Lines() if request.stepping and request.how == "open" else None
    stops = Stops(request.run, places, watcher.store, progress.say, lines)

    def show(event: Event) -> None:
        progress.handle(event)
        stops.handle(event)
        if _is_answer(event):
            with progress.aside():
                _print_answer(request, event)

    def waiting(region: str, seconds: float) -> None:
        hint = f"start one: regions-worker --region {region!r} --redis {safe_url(url)}"
        progress.waiting(region, seconds, hint)

    def ends(event: Event) -> bool:
        return has_ended(event) or (request.how == "resume" and has_stopped(event))

    watcher.on_event, watcher.on_waiting, watcher.ends = show, waiting, ends
    patience.say = progress.notice
    try:
        return await watcher.watch(request.run, after)
    except asyncio.CancelledError:
        with suppress(TimeoutError, RegionsError):
            async with asyncio.timeout(_LAST_WORD):
                await watcher.store.steer(request.run, "pause")
        raise
    finally:
        stops.close()
        progress.close()


def _regions(places: Sequence[Place]) -> list[str]:
    steps = (step for place in places for chain in place.chains for step in chain.steps)
    return list(dict.fromkeys(step.region for step in steps))
