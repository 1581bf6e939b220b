"""Where listeners write: to a file, a terminal, or a callable of this process."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.execute import build
from regions_dist.domain.message import Message
from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.sinks import named_sink
from regions_dist.resources.listener_file import ListenerFile
from regions_dist.resources.listener_terminal import ListenerTerminal
from regions_dist.resources.terminal_relay import TerminalRelay

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from regions_dist.domain.plan import RegionEntry

    Take = Callable[[str, str, dict[str, Any]], object]
    """A run, a listener, a record of the trace."""

__all__ = ["ListenerSinks"]

_KEPT: Final = 256
"""Listeners whose sinks are kept at hand; they are found again when there were more."""


class ListenerSinks:
    """Implements runtime.listeners.Sink by what ``out_process`` of each listener is.

    ``entry_of`` finds a listener's entry by run and name, ``home`` the folder of files.
    ``default`` is for listeners that say nothing of it; "" lets them write nowhere.
    ``relay``: the file that takes what is for a terminal, in a process that has none.
    """

    def __init__(
        self,
        entry_of: Callable[[str, str], Awaitable[RegionEntry | None]],
        home: Callable[[], Path],
        default: str = "",
        relay: Path | None = None,
    ) -> None:
        self._entry_of = entry_of
        self._default = default
        self._home = home
        self._relay = relay
        self._takes: dict[tuple[str, str], Take | None] = {}

    async def ready(self, run: str, listener: str) -> None:
        """See Sink."""
        self._takes.pop((run, listener), None)
        await self._take(run, listener)

    async def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """See Sink."""
        take = await self._take(run, listener)
        if take is not None:
            outcome = await _aside(partial(take, run, listener, record))
            if inspect.isawaitable(outcome):
                await outcome

    async def _take(self, run: str, listener: str) -> Take | None:
        key = (run, listener)
        if key not in self._takes:
            entry = await self._entry_of(run, listener)
            region = build(entry, {}) if entry else None
            given = region.out_process if isinstance(region, ListenerRegion) else ""
            if len(self._takes) >= _KEPT:
                self._takes.clear()
            self._takes[key] = self._found(given or self._default)
        return self._takes[key]

    def _found(self, sink: Callable[[Message], object] | str) -> Take | None:
        if not sink:
            return None
        if sink == "file":
            return ListenerFile(self._home() / "listeners").hear
        if sink == "terminal":
            relay = self._relay
            return TerminalRelay(relay).hear if relay else ListenerTerminal(sys.stderr).hear
        return _of_message(named_sink(sink) if isinstance(sink, str) else sink)


def _of_message(call: Callable[[Message], object]) -> Take:
    def take(run: str, listener: str, record: dict[str, Any]) -> object:  # noqa: ARG001
        keys = ("source", "destination", "role", "content", "id")
        return call(Message(**{key: record[key] for key in keys}, parent=record["parent"] or ""))

    return take


async def _aside(call: Callable[[], object]) -> object:
    """What ``call`` returns in a thread, which keeps nobody from ending if it never does."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[object] = loop.create_future()

    def settle(outcome: object, error: Exception | None) -> None:
        if done.cancelled():
            return
        if error:
            done.set_exception(error)
        else:
            done.set_result(outcome)

    def work() -> None:
        outcome, failure = None, None
        try:
            outcome = call()
        except Exception as error:  # noqa: BLE001  a sink may raise anything
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, outcome, failure)

    threading.Thread(target=work, name="listener", daemon=True).start()
    return await done
