"""A listener hears all that was delivered up to its stop, each message once while nothing dies."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from regions_dist.ports import Order
from regions_dist.runtime.listeners import Listeners


class Trace:
    """A stub of a run's trace; ``read`` is set when a reader has caught up."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []
        self.read = asyncio.Event()
        self.more = asyncio.Event()

    def add(self, content: str, *copies: str) -> None:
        self.records.append({"id": content, "content": content, "copies": list(copies)})
        self.read.clear()
        self.more.set()

    async def heard(self, run: str, after: str, *, block: bool) -> list[tuple[str, dict[str, Any]]]:
        start = int(after.partition("-")[0])
        if block and start == len(self.records):
            self.read.set()
            self.more.clear()
            await self.more.wait()
        return [(f"{n + 1}-0", self.records[n]) for n in range(start, len(self.records))]


class Sink:
    def __init__(self) -> None:
        self.contents: list[str] = []

    async def ready(self, run: str, listener: str) -> None:
        pass

    async def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        self.contents.append(record["content"])


def order(method: str) -> Order:
    return Order("run", "0000-001-000", "CC", method, "1-0")


async def test_a_listener_hears_what_names_it_as_it_comes_and_nothing_after_its_stop() -> None:
    trace, sink = Trace(), Sink()
    listeners = Listeners(cast("Any", trace), sink)
    trace.add("before the start", "CC")
    await listeners.act(order("start"))
    await trace.read.wait()
    trace.add("for another", "Other")
    trace.add("live", "CC")
    await trace.read.wait()
    trace.add("just before the stop", "CC")
    await listeners.act(order("stop"))
    trace.add("too late", "CC")
    assert sink.contents == ["before the start", "live", "just before the stop"]


async def test_a_stop_on_another_worker_hears_all_that_the_dead_one_may_have_missed() -> None:
    trace, sink = Trace(), Sink()
    trace.add("first", "CC")
    trace.add("second", "CC")
    await Listeners(cast("Any", trace), sink).act(order("stop"))
    assert sink.contents == ["first", "second"]


class Failing(Sink):
    """A sink that refuses what it is told to."""

    def __init__(self, *refused: str) -> None:
        super().__init__()
        self.refused = list(refused)

    async def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        if record["content"] in self.refused:
            self.refused.remove(record["content"])
            raise ConnectionError("gone")
        await super().hear(run, listener, record)


async def test_what_a_sink_did_not_take_is_offered_again_at_the_stop() -> None:
    trace, sink = Trace(), Failing("second")
    for content in ("first", "second", "third"):
        trace.add(content, "CC")
    assert await Listeners(cast("Any", trace), sink).act(order("stop")) == ()
    assert sink.contents == ["first", "third", "second"]


async def test_what_a_sink_takes_neither_time_is_named() -> None:
    trace, sink = Trace(), Failing("second", "second")
    for content in ("first", "second", "third"):
        trace.add(content, "CC")
    (warning,) = await Listeners(cast("Any", trace), sink).act(order("stop"))
    assert "ConnectionError: gone" in warning
    assert "1 message(s): second;" in warning
    assert sink.contents == ["first", "third"]


class Hanging(Sink):
    """A sink that takes the first message for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.began = asyncio.Event()

    async def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        self.asked.append(record["content"])
        self.began.set()
        await asyncio.Event().wait()


async def test_a_sink_that_hangs_is_asked_no_more_and_the_stop_ends() -> None:
    trace, sink = Trace(), Hanging()
    for content in ("first", "second", "third"):
        trace.add(content, "CC")
    (warning,) = await Listeners(cast("Any", trace), sink, limit=0.01).act(order("stop"))
    assert sink.asked == ["first", "first"], "once as it came, once at the stop"
    assert "did not take 3 message(s): first, second, third" in warning


async def test_a_method_of_a_types_own_ends_no_listening() -> None:
    trace, sink = Trace(), Sink()
    listeners = Listeners(cast("Any", trace), sink)
    await listeners.act(order("start"))
    await listeners.act(order("clear_replies"))
    trace.add("live", "CC")
    await trace.read.wait()
    assert sink.contents == ["live"]
    await listeners.aclose()


async def test_a_stop_that_is_given_up_leaves_nobody_listening() -> None:
    trace, sink = Trace(), Hanging()
    trace.add("first", "CC")
    listeners = Listeners(cast("Any", trace), sink)
    stopping = asyncio.create_task(listeners.act(order("stop")))
    await sink.began.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    trace.add("second", "CC")
    await listeners.catch_up()
    assert sink.asked == ["first"]
