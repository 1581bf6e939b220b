"""What happens in the runs: every event of each, as it comes, through all outages of the broker."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from regions_dist.transport import keys
from regions_dist.transport.codec import event_of
from tests.chaos.cluster import patient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regions_dist.domain.outcome import Event

    Heard = tuple[str, Event]

__all__ = ["Ear", "News"]

_BEGINNING = "0-0"


class Ear:
    """Hears all events from its beginning on."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Heard] = asyncio.Queue()

    def hear(self, run: str, event: Event) -> None:
        """Take in an event."""
        self._queue.put_nowait((run, event))

    async def next(self, wanted: Callable[[Event], bool] = lambda _: True) -> Heard:
        """The run and the next event of it that is wanted, awaited."""
        while True:
            run, event = await self._queue.get()
            if wanted(event):
                return run, event


class News:
    """Reads the events of the runs that are followed, and tells them to all listeners."""

    def __init__(self, url: str) -> None:
        self._redis = patient(url)
        self._cursors: dict[str, str] = {}
        self._listeners: list[Callable[[str, Event], None]] = []
        self._followed = asyncio.Event()
        self._ended: dict[str, asyncio.Event] = {}

    @property
    def runs(self) -> list[str]:
        """The runs that are followed."""
        return list(self._cursors)

    @property
    def begun(self) -> list[str]:
        """Those of them that have begun: whatever hits them, they have work."""
        return [run for run, cursor in self._cursors.items() if cursor != _BEGINNING]

    def follow(self, run: str) -> None:
        """Read the events of this run, from its first."""
        self._cursors[run] = _BEGINNING
        self._ended[run] = asyncio.Event()
        self._followed.set()

    async def heard_out(self, run: str) -> None:
        """Return when the last event of a run that ends well was read; read it no more."""
        await self._ended[run].wait()
        del self._ended[run], self._cursors[run]

    def tell(self, listener: Callable[[str, Event], None]) -> None:
        """Call ``listener`` with each event from now on."""
        self._listeners.append(listener)

    @contextmanager
    def ear(self) -> Iterator[Ear]:
        """Something that hears all events from now on."""
        ear = Ear()
        self.tell(ear.hear)
        try:
            yield ear
        finally:
            self._listeners.remove(ear.hear)

    async def read(self) -> None:
        """Read until cancelled."""
        try:
            while True:
                await self._read_some()
        finally:
            await self._redis.aclose()

    async def _read_some(self) -> None:
        await self._followed.wait()
        streams = {keys.of_run(run, "events"): run for run in self._cursors}
        if not streams:
            self._followed.clear()
            return
        after = {stream: self._cursors[run] for stream, run in streams.items()}
        try:
            reply = await self._redis.xread(after, block=200)
        except RedisError:
            return
        for stream, entries in reply:
            for seq, fields in entries:
                if event := event_of(seq, fields):
                    self._hear(streams[stream], event)

    def _hear(self, run: str, event: Event) -> None:
        if run not in self._cursors:
            return
        self._cursors[run] = event.seq
        for listener in list(self._listeners):
            listener(run, event)
        if event.type == "run" and event.fields["status"] == "succeeded":
            self._ended[run].set()
