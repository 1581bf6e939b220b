"""What the server knows and does, behind its addresses: find runs, begin them, steer them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from regions_dist.api.refusals import Conflict
from regions_dist.api.sessions import Sessions
from regions_dist.api.shelf import Shelf
from regions_dist.api.views import Views
from regions_dist.domain.names import run_name_problem
from regions_dist.domain.outcome import FINAL
from regions_dist.errors import BadInput, BrokerUnavailable, NoSuchRun
from regions_dist.runs.local import run_folder
from regions_dist.runs.origin import with_origin
from regions_dist.runs.session import RunRequest
from regions_dist.runs.stored_runs import Standing, attached, opened, read_run, standing_of
from regions_dist.transport.archive import archived, file_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from regions_dist.api.sessions import Session
    from regions_dist.config import Settings
    from regions_dist.transport.run_record import RunRecord
    from regions_dist.transport.run_store import RedisRunStore

__all__ = ["Desk"]

Found = TypeVar("Found")


@dataclass
class Desk:
    """One server's. ``folder`` is where file names in plans start; ``imports`` are its workers'."""

    settings: Settings
    folder: Path
    imports: tuple[str, ...] = ()
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.sessions = Sessions(self.settings)
        self.shelf = Shelf(self.settings)
        self.views = Views()

    @property
    def embedded(self) -> bool:
        """Whether each run has a broker of its own."""
        return self.settings.redis_url is None

    def known(self, run: str) -> str:
        """``run``, if a run can be called so. Raises NoSuchRun."""
        if run_name_problem(run):
            raise _no_such(run)
        return run

    def session(self, run: str) -> Session | None:
        """The session that stands for a run which is not in its broker."""
        session = self.sessions.of(self.known(run))
        return session if session and (session.starting or session.never_opened) else None

    def live_url(self, run: str) -> str | None:
        """The broker of a run that may go on by itself; None for one that is only stored here.

        Raises NoSuchRun.
        """
        try:
            return attached(self.settings, self.known(run)).redis_url
        except NoSuchRun:
            if archived(self.settings.home, run):
                return None
            raise

    async def record(self, run: str) -> RunRecord:
        """All that is known of a run, wherever it is kept. Raises NoSuchRun, Conflict."""
        return await self._found(run, self._read_record)

    async def standing(self, run: str) -> Standing:
        """How a run stands, and what it waits for. Raises NoSuchRun, Conflict."""
        return await self._found(run, self._read_standing)

    async def _found(self, run: str, read: Callable[[str], Awaitable[Found]]) -> Found:
        """What is read of a run, also while its embedded broker ends."""
        self._refuse_unopened(run)
        try:
            return await read(run)
        except BrokerUnavailable:
            if not self.embedded:
                raise
        await self.sessions.ended(run)
        return await read(run)

    async def _read_record(self, run: str) -> RunRecord:
        if self.live_url(run) is None:
            return await self.shelf.record(run)
        return await read_run(self.settings, run)

    async def _read_standing(self, run: str) -> Standing:
        if self.live_url(run):
            return await standing_of(self.settings, run)
        record = await self.shelf.record(run)
        if not (run_folder(self.settings.home, run) / "broker").is_dir():
            return Standing(record, archived=True)
        events = record.streams["events"]
        return Standing(record.as_of(events[-1][0]) if events else record)

    @asynccontextmanager
    async def open(self, run: str) -> AsyncIterator[RedisRunStore]:
        """The store that holds a run which may go on. Raises NoSuchRun, Conflict."""
        self._refuse_unopened(run)
        async with self._alone(run):
            try:
                async with opened(self.settings, run) as store:
                    yield store
            except NoSuchRun as error:
                if file_of(self.settings.home, run).exists():
                    raise Conflict(error.message, where=run, code="cannot-go-on") from None
                raise

    @asynccontextmanager
    async def _alone(self, run: str) -> AsyncIterator[None]:
        if self.live_url(run):
            yield
            return
        async with self.shelf.hold(run):
            yield

    async def begin(self, request: RunRequest) -> Session:
        """Begin a run; returns once it is open, or, on a broker of its own, is being prepared.

        Raises BadInput, with the code run-taken, and what else keeps it from being opened.
        """
        self._refuse_taken(request.run)
        session = self.sessions.start(request)
        if not self.embedded:
            await session.opened.wait()
            if session.error:
                raise session.error
        return session

    async def go_on(self, run: str, limits: dict[str, Any]) -> str:
        """Let a run go on; its status then. Raises NoSuchRun.

        An embedded run that has ended loses its broker in a moment, and must not go on there.
        """
        if self.embedded and (await self.standing(run)).record.status in FINAL:
            await self.sessions.ended(run)
        if self.live_url(run) is None:
            return await self._go_on_here(run, limits)
        async with self.open(run) as store:
            return await store.resume(run, **_given(limits))

    async def close(self) -> None:
        """End all that was started here."""
        self.closing.set()
        await self.sessions.close()

    async def _go_on_here(self, run: str, limits: dict[str, Any]) -> str:
        record = await self.shelf.record(run)
        if archived(self.settings.home, run) or record.status in {"succeeded", "cancelled"}:
            return record.status
        await self.sessions.ended(run)
        view = record.view()
        request = RunRequest(
            run=run,
            plan=with_origin(self.settings, run, record.plan()),
            layers=tuple(turn.index for turn in view.layers),
            imports=self.imports,
            how="resume",
            timeout=limits.get("seconds"),
            inbox_limit=limits.get("inbox_limit"),
            inbox_bytes=limits.get("inbox_bytes"),
        )
        async with self.shelf.hold(run):
            session = self.sessions.start(request)
            await session.opened.wait()
        if session.error:
            raise session.error
        return "running"

    def _refuse_unopened(self, run: str) -> None:
        session = self.session(run)
        if session and session.starting:
            raise Conflict(f"run {run!r} is still starting", where=run, code="starting")
        if session:
            raise Conflict(f"run {run!r} never began", where=run, code="never-began")

    def _refuse_taken(self, run: str) -> None:
        taken = self.embedded and (run_folder(self.settings.home, run) / "broker").is_dir()
        session = self.sessions.of(run)
        if taken or (session and session.live) or file_of(self.settings.home, run).exists():
            raise BadInput(
                f"there is a run called {run!r} already; choose another name",
                where="run",
                code="run-taken",
            )


def _given(limits: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in limits.items() if value is not None}


def _no_such(run: str) -> NoSuchRun:
    return NoSuchRun(f"no run called {run[:100]!r}; GET /api/runs lists them", where=run[:100])
