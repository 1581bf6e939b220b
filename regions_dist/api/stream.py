"""A run's events as one view reads them: from wherever the run is kept, until it has ended."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from regions_dist.api.happening import Teller
from regions_dist.coordinator.watch import has_ended
from regions_dist.domain.outcome import FINAL, Event
from regions_dist.embedded.broker import GONE_AFTER
from regions_dist.errors import NoSuchRun, RunLost, Unavailable
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_feed import START, RunFeed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from regions_dist.api.desk import Desk
    from regions_dist.api.sessions import Session
    from regions_dist.transport.run_record import RunRecord

__all__ = ["Stream"]

_LOOK_AROUND: Final = 0.5
_QUIET: Final = 10.0
"""Seconds without a word after which a comment is sent, so that nobody in between hangs up."""
_NEVER: Final = "0-1"
"""The id of the only event of a run that never began."""
_OPENING: Final = "retry: 500\n\n"
_COMMENT: Final = ": nothing new\n\n"


class Stream:
    """The events of ``run`` after the one called ``after``. Holds one page at a time."""

    def __init__(self, desk: Desk, run: str, after: str) -> None:
        self._desk = desk
        self._run = run
        self._after = after
        self._seq = 0
        self._newest: Event | None = None
        self._ended = False
        self._teller = Teller(())
        self._told: RunRecord | None = None
        self._notices: list[str] = []
        self._heard: tuple[Session | None, int] = (None, 0)

    async def at_end(self) -> bool:
        """Whether the run has ended, and nothing comes behind. Raises NoSuchRun."""
        if session := self._desk.session(self._run):
            return session.never_opened and self._after == _NEVER
        standing = await self._desk.standing(self._run)
        if self._after == START or standing.record.status not in FINAL:
            return False
        last = await self._last(self._desk.live_url(self._run))
        return _order(self._after) >= _order(last)

    async def text(self) -> AsyncGenerator[str, None]:
        """The stream's text, a chunk at a time, as long as there is something to come."""
        said = time.monotonic()
        with self._desk.views.one():
            yield _OPENING
            async with aclosing(self._chunks()) as chunks:
                async for chunk in chunks:
                    if chunk or time.monotonic() - said > _QUIET:
                        yield chunk or _COMMENT
                        said = time.monotonic()
                    if self._desk.closing.is_set():
                        return

    async def _chunks(self) -> AsyncGenerator[str, None]:
        """Chunks, "" now and then where there is nothing to say."""
        async for chunk in self._prelude():
            yield chunk
        while not self._ended:
            try:
                source = self._live() if self._desk.live_url(self._run) else self._stored()
                async with aclosing(source):
                    async for chunk in source:
                        yield chunk
            except Unavailable as error:
                if not self._desk.embedded:
                    self._notices.append(error.message)
            except (RunLost, NoSuchRun) as error:
                if not self._desk.embedded:
                    yield self._lost(error)
            if not self._ended:
                yield ""
                await asyncio.sleep(_LOOK_AROUND)

    async def _prelude(self) -> AsyncGenerator[str, None]:
        """What is said of a run that is not in its broker, until it is, or will not be."""
        while (session := self._desk.session(self._run)) and not self._ended:
            yield self._news()
            if session.starting:
                with suppress(TimeoutError):
                    await asyncio.wait_for(session.opened.wait(), _LOOK_AROUND)
            else:
                view = session.view()
                problem = view.error.as_dict() if view.error else {}
                yield f"id: {_NEVER}\n{self._end({'status': view.status, **problem})}"

    async def _live(self) -> AsyncGenerator[str, None]:
        """Events out of a broker, as they come."""
        url = self._desk.live_url(self._run) or ""
        patience = Patience(
            url, self._notices.append, give_up=GONE_AFTER if self._desk.embedded else None
        )
        feed = RunFeed(url, self._run, patience)
        try:
            if await feed.last_event() == START:
                async for chunk in self._stored():
                    yield chunk
                return
            self._teller = Teller(await feed.places())
            async with aclosing(_ticking(feed.pages(self._after))) as pages:
                async for page in pages:
                    if page and not all(map(self._teller.knows, page)):
                        self._teller = Teller(await feed.places())
                    yield self._page(page or [])
                    if page == [] or (page and has_ended(page[-1])):
                        yield self._last_word(await feed.head(), await feed.last_event())
                    if self._ended:
                        return
        finally:
            await feed.close()

    async def _stored(self) -> AsyncGenerator[str, None]:
        """Events of a run that is only stored; one that has not ended may be taken up again."""
        record = await self._record()
        if record is self._told:
            return
        self._told = record
        self._teller = Teller(record.places())
        events = [event for event in record.events() if _order(event.seq) > _order(self._after)]
        for event in events:
            yield self._page([event])
        yield self._last_word(record.hashes["run"], self._after)

    async def _record(self) -> RunRecord:
        return await self._desk.record(self._run)

    def _page(self, page: list[Event]) -> str:
        parts = [self._news()]
        for event in page:
            self._after, self._seq, self._newest = event.seq, event.number, event
            parts.append(f"id: {event.seq}\n{_data(self._teller.tell(event))}")
        return "".join(parts)

    def _news(self) -> str:
        """What is to be said besides the run's events."""
        session = self._desk.sessions.of(self._run)
        known, heard = self._heard
        said = session.news(heard if known is session else 0) if session else []
        self._heard = (session, session.said if session else 0)
        said += self._notices
        self._notices.clear()
        return "".join(self._aside({"type": "notice", "message": text}) for text in said)

    def _last_word(self, head: Mapping[str, str], newest: str) -> str:
        """How the run has ended, if it has: said once more where other things happened since."""
        if head.get("status") not in FINAL or newest != self._after:
            return ""
        self._ended = True
        if self._newest and has_ended(self._newest):
            return ""
        names = {"code": "error_code", "message": "error_message", "where": "error_where"}
        return self._end(
            {"status": head["status"]} | {name: head.get(key, "") for name, key in names.items()}
        )

    def _lost(self, error: RunLost | NoSuchRun) -> str:
        return self._end(
            {"status": "failed", "code": error.code, "message": error.message, "where": error.where}
        )

    def _end(self, fields: dict[str, Any]) -> str:
        self._ended = True
        texts = {"code": "", "message": "", "where": "", "stopped_before": None}
        return self._aside({"type": "run", **texts, **fields})

    def _aside(self, fields: dict[str, Any]) -> str:
        """Something that is no entry of the run's stream, and so has no id."""
        kind = fields.pop("type")
        return _data({"type": kind, "seq": self._seq, "at": time.time(), **fields})

    async def _last(self, url: str | None) -> str:
        if url is None:
            return (await self._record()).streams["events"][-1][0]
        feed = RunFeed(url, self._run, Patience(url, give_up=0))
        try:
            return await feed.last_event()
        finally:
            await feed.close()


async def _ticking(
    pages: AsyncIterator[list[Event]],
) -> AsyncGenerator[list[Event] | None, None]:
    """The pages, and None now and then while none comes."""
    coming: asyncio.Future[list[Event]] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(pages))
            await asyncio.wait([coming], timeout=_LOOK_AROUND)
            if not coming.done():
                yield None
                continue
            page, coming = coming.result(), None
            yield page
    finally:
        if coming:
            coming.cancel()
            await asyncio.wait([coming])
        await pages.aclose()  # type: ignore[attr-defined]


def _data(document: dict[str, Any]) -> str:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n"


def _order(seq: str) -> tuple[int, int]:
    millis, _, number = seq.partition("-")
    return int(millis), int(number)
