"""A machine that loads its model's file, a real one, which is held up as on a slow disk."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from regions_dist.transport import keys
from regions_dist.transport.registry import RedisWorkers
from tests.cluster import LEASE, PATIENCE, Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from regions_dist.ports import WorkerInfo
    from tests.cluster import WorkerProcess

ASK = outside("Solo", "Say hello.", "terminal")
PLAN = plan_of([region("Solo", kind="Region")], {"one": ("Solo",)})


@pytest.fixture
async def stage(broker_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_HOME=str(tmp_path)) as stage:
        yield stage


@pytest.fixture
async def gpu(stage: Stage, model_file: Path) -> WorkerProcess:
    """A worker that has begun to load a model and goes on when its children do."""
    worker = await stage.worker(
        *("--llm", "default", "--gguf", str(model_file), "--region", "Other", "--postmaster")
    )
    await worker.logged("loading")
    return worker


@contextmanager
def held_up(worker: WorkerProcess) -> Iterator[None]:
    """No child of the worker gets on meanwhile."""
    process = psutil.Process(worker.pid)
    while not (children := process.children(recursive=True)):
        pass
    for child in children:
        child.suspend()
    yield
    for child in children:
        child.resume()


async def listed(workers: RedisWorkers, role: str = "") -> WorkerInfo:
    """The first worker that is listed, with this role, awaited."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for worker in await workers.list():
                if not role or role in worker.roles:
                    return worker


async def blocked_reads(stage: Stage) -> int:
    """How often somebody has waited at a list in the broker, to the end."""
    return int((await stage.redis.info("commandstats")).get("cmdstat_blpop", {}).get("calls", 0))


async def test_while_it_loads_it_is_listed_and_its_model_is_not_missed(
    stage: Stage, gpu: WorkerProcess
) -> None:
    workers = RedisWorkers(stage.url, lease=LEASE)
    with held_up(gpu):
        worker = await listed(workers)
        await stage.hosts("Solo")
        await stage.open(PLAN, ASK)
        async with asyncio.timeout(PATIENCE):
            while await blocked_reads(stage) < 2:
                pass
    assert [(offer.name, offer.health) for offer in worker.resources] == [("default", "loading")]
    assert (worker.regions, worker.roles) == (("Other",), ())
    assert len((await stage.succeeded()).answers) == 1
    events = await stage.redis.xrange(keys.of_run("r", "events"))
    assert "waiting" not in {fields.get("status") for _, fields in events}
    assert (await listed(workers, "postmaster")).resources[0].health != "loading"
    await workers.close()


async def test_told_to_leave_while_it_loads_it_ends_at_once_and_leaves_nobody(
    stage: Stage, gpu: WorkerProcess
) -> None:
    gpu.signal(signal.SIGTERM)

    assert await gpu.ended() == 0
    assert await stage.redis.hlen(keys.WORKERS) == 0
