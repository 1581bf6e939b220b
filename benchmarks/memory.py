"""Does the broker's memory stay flat over a thousand finished runs?

    .venv/bin/python -m benchmarks.memory [--runs 1000]

Runs of the lookup example, a few at a time, on an embedded broker over two real worker processes,
with the stores and the embedder that it always has. The model is a stub, since what is measured is
what a run leaves behind. After each 50 runs finished ones are archived as a coordinator does it,
and a line is printed. Exit code 1 where the broker holds over 1.1 times as much after the last run
as after the first 100. Takes a minute or two on two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from regions_dist.cli.plan_files import check, read_plan
from regions_dist.config import LLMSettings, Settings
from regions_dist.coordinator.archiving import KEPT, sweep
from regions_dist.domain.outcome import FINAL
from regions_dist.domain.placement import crews
from regions_dist.domain.schedule import schedule
from regions_dist.runs.local import Local
from regions_dist.transport.archive import archived_runs
from regions_dist.transport.connection import connect
from regions_dist.transport.run_store import RedisRunStore
from regions_dist.transport.sweeping import RedisArchive
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain.plan import Plan

PLAN = Path(__file__).parent.parent / "examples" / "lookup" / "plan.json"
BATCH = 50
AT_A_TIME = 5
BOUND = 1.10


@dataclass(frozen=True)
class Reading:
    """What is held after so many runs; memory in bytes."""

    runs: int
    kept: int
    keys: int
    broker: int
    workers: tuple[int, ...]

    def __str__(self) -> str:
        rss = " ".join(f"{size / 2**20:8.1f}" for size in self.workers)
        return f"{self.runs:5} {self.kept:6} {self.keys:6} {self.broker / 2**20:9.2f} {rss}"


class Bench:
    """Runs the plan on what ``local`` has started, and reads what is held."""

    def __init__(self, url: str, home: Path, plan: Plan, workers: Sequence[psutil.Process]) -> None:
        self._store = RedisRunStore(url)
        self._archive = RedisArchive(url, home)
        self._redis: Any = connect(url)
        self._plan = plan
        self._workers = workers
        self._room = asyncio.Semaphore(AT_A_TIME)

    async def close(self) -> None:
        """Close the connections."""
        for client in (self._store.close, self._archive.close, self._redis.aclose):
            await client()

    async def batch(self, runs: int) -> Reading:
        """Run until ``runs`` have been run, archive, and read."""
        await asyncio.gather(*(self._run(f"run-{n:04}") for n in range(runs - BATCH, runs)))
        await sweep(self._archive)
        return await self._read(runs)

    async def _run(self, run: str) -> None:
        async with self._room:
            await self._store.open(run, self._plan, schedule(self._plan), self._plan.messages)
            async for event in self._store.events(run):
                if event and event.type == "run" and event.fields["status"] in FINAL:
                    break
            view = await self._store.view(run)
            if view.status != "succeeded" or not view.answers:
                sys.exit(f"{run} {view.status}, which ought to have succeeded: {view.error}")

    async def _read(self, runs: int) -> Reading:
        memory = await self._redis.info("memory")
        rss = tuple(worker.memory_info().rss for worker in self._workers)
        kept = len(await self._store.runs())
        return Reading(runs, kept, await self._redis.dbsize(), memory["used_memory"], rss)


async def measure(total: int, folder: Path, model_url: str) -> list[Reading]:
    """A reading after each batch."""
    plan = check(read_plan(PLAN, None, None))
    settings = Settings(home=folder / "home", llm={"default": LLMSettings(url=model_url, slots=8)})
    local = Local(settings, folder, print)
    try:
        url = (await local.start_broker()).redis_url or ""
        await local.prepare(plan)
        before = set(psutil.Process().children(recursive=True))
        await local.start_workers(crews([entry.name for entry in plan.regions], {}, 2))
        workers = set(psutil.Process().children(recursive=True)) - before
        bench = Bench(url, settings.home, plan, sorted(workers, key=lambda worker: worker.pid))
        try:
            return [await _told(bench, runs) for runs in range(BATCH, total + 1, BATCH)]
        finally:
            await bench.close()
    finally:
        await local.stop()
        print(f"{len(archived_runs(settings.home))} runs are archived")


async def _told(bench: Bench, runs: int) -> Reading:
    reading = await bench.batch(runs)
    print(reading, flush=True)
    return reading


def main() -> int:
    """Measure, tell, and judge."""
    parser = argparse.ArgumentParser(description="Is the broker's memory flat over many runs?")
    parser.add_argument("--runs", type=int, default=1000, help="at least 150")
    total = parser.parse_args().runs
    began = time.monotonic()
    print("the model is a stub; memory in MiB")
    print(" runs   kept   keys    broker  workers")
    with tempfile.TemporaryDirectory() as folder, StubModel() as model:
        readings = asyncio.run(measure(total, Path(folder), model.url))
    full = next(reading for reading in readings if reading.runs == KEPT)
    ratio = readings[-1].broker / full.broker
    print(f"broker's memory after {readings[-1].runs} runs / after {KEPT}: {ratio:.3f}")
    print(f"{time.monotonic() - began:.0f} s")
    return 0 if ratio <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
