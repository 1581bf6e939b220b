"""Some streams of every live run, read by one blocking connection as runs come and go."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from regions_dist.errors import BrokerUnavailable
from regions_dist.transport import keys
from regions_dist.transport.connection import BLOCK_MS, connect, translated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

__all__ = ["LiveRuns"]

log = logging.getLogger(__name__)
Tag = TypeVar("Tag")


class LiveRuns(Generic[Tag]):
    """``streams_of(run)`` names the streams to read of a run, each with what to call it.

    ``tend(run)`` is called for each live run after each quiet second. After an outage of the
    broker every stream is read from its beginning again, so readers see some entries twice.
    """

    def __init__(
        self,
        url: str,
        streams_of: Callable[[str], Awaitable[dict[str, Tag]]],
        tend: Callable[[str], Awaitable[float | None]],
    ) -> None:
        self._url = url
        self._streams_of = streams_of
        self._tend = tend

    async def entries(self) -> AsyncIterator[tuple[str, Tag, str, dict[str, str]]]:
        """Run, what its stream is called, entry id and fields, as they come."""
        while True:
            reader = connect(self._url, patient=False)
            try:
                with translated(self._url):
                    async for entry in self._read(reader):
                        yield entry
            except BrokerUnavailable as error:
                log.warning("%s; trying again", error)
                await asyncio.sleep(0.2)
            finally:
                await reader.aclose()

    async def _read(self, reader: Any) -> AsyncIterator[tuple[str, Tag, str, dict[str, str]]]:
        announced = "0-0"
        cursors: dict[str, str] = {}
        known: dict[str, tuple[str, Tag]] = {}
        while True:
            asked = {keys.ANNOUNCEMENTS: announced} | cursors
            reply = await reader.xread(asked, block=BLOCK_MS, count=100)
            if not reply:
                await self._look_around(reader, cursors, known)
            for stream, entries in reply:
                if stream == keys.ANNOUNCEMENTS:
                    announced = entries[-1][0]
                    for run in {fields["run"] for _, fields in entries}:
                        await self._add(reader, run, cursors, known)
                    continue
                cursors[stream] = entries[-1][0]
                for entry, fields in entries:
                    yield (*known[stream], entry, fields)

    async def _add(
        self, reader: Any, run: str, cursors: dict[str, str], known: dict[str, tuple[str, Tag]]
    ) -> None:
        if await _ended(reader, run):
            return
        for stream, tag in (await self._streams_of(run)).items():
            known[stream] = (run, tag)
            cursors.setdefault(stream, "0-0")

    async def _look_around(
        self, reader: Any, cursors: dict[str, str], known: dict[str, tuple[str, Tag]]
    ) -> None:
        for run in {run for run, _ in known.values()}:
            if not await _ended(reader, run):
                await self._tend(run)
                continue
            for stream in [name for name, (of, _) in known.items() if of == run]:
                del known[stream], cursors[stream]


async def _ended(reader: Any, run: str) -> bool:
    status = await reader.hget(keys.of_run(run, "run"), "status")
    return status in {None, "succeeded", "cancelled"}
