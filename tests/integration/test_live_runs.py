"""A reader of live runs never stops silently, and tends by time, whatever comes by."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.errors import BadInput
from regions_dist.ports import WorkerInfo
from regions_dist.transport import keys
from regions_dist.transport.clocks import Clocks
from regions_dist.transport.live_runs import LiveRuns
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import Heartbeat
from tests.cluster import PATIENCE, Stage, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.transport.live_runs import Found
    from tests.killable_broker import KillableBroker

PLAN = plan_of([region("A")], {"one": ("A",)})


class Reader:
    """A reader of the stream ``mail`` of each run, that runs in this process."""

    def __init__(self, url: str) -> None:
        self.tended: asyncio.Queue[str] = asyncio.Queue()
        self.again: float | None = None
        self.unreadable: set[str] = set()
        self.runs = LiveRuns(url, Patience(url), self._streams_of, self._tend)
        self._found: asyncio.Queue[Found[str]] = asyncio.Queue()
        self._task = asyncio.create_task(self._read())

    async def next(self) -> Found[str]:
        """The next entry, awaited."""
        async with asyncio.timeout(PATIENCE):
            return await self._found.get()

    async def is_tended(self, run: str) -> None:
        """Return once the run is tended."""
        async with asyncio.timeout(PATIENCE):
            while await self.tended.get() != run:
                pass

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        async for found in self.runs.entries():
            self._found.put_nowait(found)

    async def _streams_of(self, run: str) -> dict[str, str]:
        if run in self.unreadable:
            raise BadInput("its plan is a poem")
        return {keys.of_run(run, "mail"): "the mail"}

    async def _tend(self, run: str) -> float | None:
        self.tended.put_nowait(run)
        return self.again


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
async def reader(broker_url: str) -> AsyncIterator[Reader]:
    reader = Reader(broker_url)
    yield reader
    await reader.close()


async def post(stage: Stage, text: str, run: str = "r") -> None:
    await stage.redis.xadd(keys.of_run(run, "mail"), {"text": text})


@pytest.mark.parametrize("announcement", [{"rum": "r"}, {"run": ""}, {"run": b"\xff{\x00"}])
async def test_an_announcement_that_names_no_run_is_left_out_and_said(
    stage: Stage, reader: Reader, announcement: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await stage.redis.xadd(keys.ANNOUNCEMENTS, announcement)
    await stage.open(PLAN)
    await post(stage, "hello")

    assert (await reader.next()).fields == {"text": "hello"}
    assert "is left out" in caplog.text


async def test_a_run_whose_plan_cannot_be_read_is_left_out_and_said(
    stage: Stage, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    reader.unreadable.add("poem")
    await stage.open(PLAN, run="poem")
    await stage.open(PLAN)
    await post(stage, "hello")

    assert (await reader.next()).run == "r"
    assert "run poem is left out: its plan is a poem" in caplog.text


async def test_a_run_of_which_a_stream_is_none_is_left_out_and_said(
    stage: Stage, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.open(PLAN, run="odd")
    await reader.is_tended("odd")
    await stage.redis.set(keys.of_run("odd", "mail"), "by hand")
    await stage.open(PLAN)
    await post(stage, "hello")

    assert (await reader.next()).run == "r"
    assert "run odd is left out: its key regions:{odd}:mail is no stream" in caplog.text


async def _say_nothing(_: str) -> None:
    pass


async def test_a_run_that_is_announced_before_it_is_there_is_found_when_it_is(
    stage: Stage, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.redis.xadd(keys.ANNOUNCEMENTS, {"run": "r"})
    await stage.open(PLAN, run="other")
    await reader.is_tended("other")
    monkeypatch.setattr(stage.store, "_announce", _say_nothing)
    await stage.open(PLAN)
    await post(stage, "hello")

    assert (await reader.next()).run == "r"


@pytest.mark.alone
async def test_a_busy_reader_tends_as_often_as_a_quiet_one(stage: Stage, reader: Reader) -> None:
    await stage.open(PLAN)
    await reader.is_tended("r")

    async def chatter() -> None:
        while True:
            await post(stage, "and")
            await reader.next()

    busy = asyncio.create_task(chatter())
    clock = asyncio.get_running_loop().time
    began = clock()
    for _ in range(3):
        await reader.is_tended("r")

    assert not busy.done()
    assert clock() - began < 6
    busy.cancel()


@pytest.mark.alone
async def test_a_run_is_tended_as_soon_as_it_asked_to_be(stage: Stage, reader: Reader) -> None:
    reader.again = 0.02
    await stage.open(PLAN)
    clock = asyncio.get_running_loop().time
    await reader.is_tended("r")
    began = clock()
    for _ in range(10):
        await reader.is_tended("r")

    assert clock() - began < 5


async def test_a_reader_that_was_cut_off_reads_on_where_it_was(
    stage: Stage, reader: Reader
) -> None:
    await stage.open(PLAN)
    await post(stage, "first")
    await reader.next()

    await stage.redis.client_kill_filter(_type="normal", skipme=True)
    await post(stage, "second")

    assert (await reader.next()).fields == {"text": "second"}


async def test_after_a_restart_of_the_broker_the_streams_of_runs_are_read_again(
    stage: Stage, broker: KillableBroker, reader: Reader
) -> None:
    await stage.open(PLAN)
    await post(stage, "first")
    await reader.next()

    broker.kill()
    broker.restart()

    assert (await reader.next()).fields == {"text": "first"}


async def test_after_a_loss_of_memory_a_run_of_the_same_name_is_read_from_its_start(
    stage: Stage, broker: KillableBroker, reader: Reader
) -> None:
    await stage.open(PLAN)
    await post(stage, "first")
    await reader.next()

    broker.lose_memory()
    await stage.open(PLAN)
    await post(stage, "another first")

    assert (await reader.next()).fields == {"text": "another first"}


async def test_a_reader_that_is_cancelled_ends_wherever_it_is(
    stage: Stage, broker_url: str
) -> None:
    await stage.open(PLAN)
    await post(stage, "hello")
    for turns in range(25):
        reader = Reader(broker_url)
        await reader.next()
        for _ in range(turns):
            await asyncio.sleep(0)

        async with asyncio.timeout(PATIENCE):
            await reader.close()


async def test_how_long_a_worker_has_not_read_is_in_its_heartbeat(
    stage: Stage, reader: Reader, broker_url: str
) -> None:
    heart = Heartbeat(broker_url, WorkerInfo("w", "here", 1, ("A",)), lease=0.3)
    heart.reading = lambda: 12.0
    async with stage.redis.monitor() as seen:
        heart.start()
        async with asyncio.timeout(PATIENCE):
            while "HSET regions:workers" not in (await seen.next_command())["command"]:
                pass
    text = await stage.redis.hget(keys.WORKERS, "w")
    await asyncio.to_thread(heart.stop)

    assert '"reading": 12.0' in text
    assert reader.runs.silence() < PATIENCE


async def test_a_heartbeat_notices_that_an_hour_was_slept(
    broker_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The wall clock leaps between two beats, as it does over a machine's sleep."""
    slept = 0.0
    told = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "this machine slept" in record.getMessage():
                loop.call_soon_threadsafe(told.set)

    clocks = Clocks(wall=lambda: slept, steady=lambda: 0.0)
    heart = Heartbeat(broker_url, WorkerInfo("w", "here", 1), lease=0.3, clocks=clocks)
    logger, listener = logging.getLogger("regions_dist.transport.registry"), Listener()
    logger.addHandler(listener)
    heart.start()
    slept = 3600.0
    try:
        await asyncio.wait_for(told.wait(), PATIENCE)
    finally:
        await asyncio.to_thread(heart.stop)
        logger.removeHandler(listener)

    assert "was stopped, for about 3600 s" in caplog.text or "about 3598 s" in caplog.text
