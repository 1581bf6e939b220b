"""Runs that this server began or let go on: each is carried out by a task, as a command would."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from regions_dist.coordinator.watch import has_ended
from regions_dist.domain.outcome import RunProblemReport, RunView
from regions_dist.errors import RegionsError
from regions_dist.runs.session import carry_out

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.config import Settings
    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place
    from regions_dist.runs.session import RunRequest
    from regions_dist.transport.run_store import RedisRunStore

__all__ = ["Session", "Sessions"]

log = logging.getLogger(__name__)

_REMEMBERED: Final = 100
"""Sessions that have ended and are still known."""
_ENDS_WITHIN: Final = 10.0
_CANCELLED: Final = "cancelled"
_NEWS: Final = 20
"""Notices that a session keeps for views that come later."""


class Session:
    """Implements runs.session.Audience: keeps what a view wants to know besides the run's events.

    ``opened`` is set once the run is in its broker, or will not be: ``error`` says why.
    """

    def __init__(self, request: RunRequest) -> None:
        self.request = request
        self.began = time.time()
        self.opened = asyncio.Event()
        self.notices: list[str] = []
        self.said = 0
        """How many notices there were; the last of them are kept."""
        self.error: RegionsError | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def starting(self) -> bool:
        """Whether the run is to come into its broker, and is not there yet."""
        return self.request.how == "open" and not self.opened.is_set()

    @property
    def never_opened(self) -> bool:
        """Whether the run was to come into its broker, and did not."""
        return self.request.how == "open" and self.error is not None

    @property
    def live(self) -> bool:
        """Whether somebody works on it here."""
        return self.task is not None and not self.task.done()

    def view(self) -> RunView:
        """How a run stands that did not come into its broker."""
        error = self.error
        if error is None or error.code == _CANCELLED:
            return RunView(self.request.run, "cancelled")
        report = RunProblemReport(error.code, error.message, error.where)
        return RunView(self.request.run, "failed", error=report)

    def news(self, heard: int) -> list[str]:
        """The notices after the first ``heard``, as far as they are kept."""
        new = self.said - heard
        return self.notices[-new:] if new > 0 else []

    def say(self, text: str) -> None:
        """See Audience."""
        self.said += 1
        self.notices = [*self.notices, text][-_NEWS:]
        log.info("%s: %s", self.request.run, text)

    def notice(self, text: str) -> None:
        """See Audience."""
        self.say(text)

    def earlier(self, event: Event) -> None:
        """See Audience."""

    def begin(self, places: Sequence[Place], store: RedisRunStore, url: str) -> None:  # noqa: ARG002
        """See Audience."""
        self.opened.set()

    def handle(self, event: Event) -> None:
        """See Audience."""

    def waiting(self, region: str, seconds: float, hint: str) -> None:
        """See Audience. What waits for a worker is told with the run."""

    def ends(self, event: Event) -> bool:
        """See Audience."""
        return has_ended(event)

    def close(self) -> None:
        """See Audience."""


class Sessions:
    """The sessions of this server. With ``settings`` of a broker, runs go on when it ends."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sessions: dict[str, Session] = {}

    def of(self, run: str) -> Session | None:
        """The newest session of a run, if there was one here."""
        return self._sessions.get(run)

    def starting(self) -> list[Session]:
        """Those whose runs are not in a broker: not yet, or not at all."""
        return [s for s in self._sessions.values() if s.starting or s.never_opened]

    def start(self, request: RunRequest) -> Session:
        """Carry this out, on the side."""
        session = Session(request)
        if self._settings.redis_url is None:
            session.say("starting a broker, a worker for each region and what they need, here")
        self._sessions.pop(request.run, None)
        self._forget()
        self._sessions[request.run] = session
        session.task = asyncio.create_task(self._carry_out(session), name=request.run)
        return session

    async def cancel(self, run: str) -> bool:
        """End a session whose run is not in its broker yet; whether there was one."""
        session = self.of(run)
        if session is None or not session.starting or session.task is None:
            return False
        session.error = RegionsError("it was cancelled before it began", code=_CANCELLED)
        session.task.cancel()
        await asyncio.wait([session.task])
        return True

    async def ended(self, run: str) -> None:
        """Wait until nobody works on the run here any more, if it is about to end."""
        session = self.of(run)
        if session and session.task:
            await asyncio.wait([session.task], timeout=_ENDS_WITHIN)

    async def close(self) -> None:
        """End all that was started."""
        tasks = [session.task for session in self._sessions.values() if session.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _carry_out(self, session: Session) -> None:
        try:
            await carry_out(session.request, self._settings, session)
        except RegionsError as error:
            _note(session, error)
        except Exception as error:
            log.exception("run %s", session.request.run)
            _note(session, RegionsError(f"{type(error).__name__}: {error}", code="internal"))
        finally:
            session.opened.set()

    def _forget(self) -> None:
        ended = [run for run, session in self._sessions.items() if not session.live]
        for run in ended[: max(0, len(ended) - _REMEMBERED)]:
            del self._sessions[run]


def _note(session: Session, error: RegionsError) -> None:
    if not session.opened.is_set():
        session.error = error
    session.say(error.message)
