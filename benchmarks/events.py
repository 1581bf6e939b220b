"""How long from an event in a run to the view that watches it over HTTP?

    .venv/bin/python -m benchmarks.events [--rate 300] [--seconds 10] [--views 3]

A real ``regions-coordinator serve`` on a real broker. Steps are played as a worker plays them, each
with a message, so that the run has ``--rate`` events a second; as many views as wanted read its
event stream over HTTP. What is measured is the time from the broker's clock in an event to its
arrival in a view; beside it, how fast a view gets all of them that comes late. Exit code 1 where
an event is missing or double, or p95 is over 50 ms: half of what the editor has to paint it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx

from regions_dist.embedded.broker import Broker
from tests.cluster import Stage, plan_of, region

BOUND = 0.050
PER_STEP = 4
"""Events of a step: queued, running, done, and its message."""


async def main(rate: int, seconds: int, views: int) -> int:
    """Measure, and print; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Broker(Path(folder) / "broker")
        url = await asyncio.to_thread(broker.start)
        try:
            return await _measured(url, Path(folder), rate, seconds, views)
        finally:
            broker.stop()


async def _measured(url: str, folder: Path, rate: int, seconds: int, views: int) -> int:
    script = Path(sys.executable).with_name("regions-coordinator")
    server = await asyncio.create_subprocess_exec(
        script,
        *("serve", "--port", "0", "--redis", url, "--quiet"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"REGIONS_HOME": str(folder)},
    )
    assert server.stdout is not None
    base = (await server.stdout.readline()).decode().strip()
    try:
        async with Stage(url) as stage, httpx.AsyncClient(trust_env=False) as http:
            steps = rate * seconds // PER_STEP
            await _open(stage, steps)
            address = f"{base}/api/runs/r/events"
            reading = [asyncio.create_task(_read(http, address)) for _ in range(views)]
            took = await _play(stage, steps, rate / PER_STEP)
            arrived = await asyncio.gather(*reading)
            began = time.perf_counter()
            late = await _read(http, address)
            catch_up = time.perf_counter() - began
    finally:
        server.send_signal(signal.SIGINT)
        await server.wait()
    return _report(arrived, late, took, catch_up)


async def _open(stage: Stage, steps: int) -> None:
    plan = plan_of([region("Solo"), region("Sink")], {"main": ("Solo",)})
    entries = (("Solo", "say"),) * steps
    await stage.open(plan.model_copy(update={"execution_config": (entries,)}))


async def _play(stage: Stage, steps: int, rate: float) -> float:
    """Play the steps at this rate; the seconds it took."""
    began = time.perf_counter()
    for number in range(steps):
        await stage.play(f"0000-001-{number:03d}", "Solo", ("Sink", "request", f"news {number}"))
        await asyncio.sleep(max(0.0, began + (number + 1) / rate - time.perf_counter()))
    return time.perf_counter() - began


async def _read(http: httpx.AsyncClient, address: str) -> list[tuple[int, float]]:
    """The number of each event, and the seconds that it took to come."""
    arrived = []
    async with http.stream("GET", address, timeout=60) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: "):
                event = json.loads(line[6:])
                arrived.append((event["seq"], time.time() - event["at"]))
    return arrived


def _report(
    arrived: list[list[tuple[int, float]]],
    late: list[tuple[int, float]],
    took: float,
    catch_up: float,
) -> int:
    numbers = list(range(1, len(late) + 1))
    whole = all([number for number, _ in view] == numbers for view in [*arrived, late])
    delays = sorted(delay for view in arrived for _, delay in view)
    p95 = statistics.quantiles(delays, n=20)[-1]
    print(f"{len(numbers)} events in {took:.1f} s, {len(numbers) / took:.0f} a second")
    print(f"{len(arrived)} views: {'none missing, none double' if whole else 'MISSING OR DOUBLE'}")
    print(f"event to view: median {statistics.median(delays) * 1e3:.1f} ms, p95 {p95 * 1e3:.1f} ms")
    print(f"all of them for a view that comes late: {catch_up:.2f} s")
    good = whole and p95 <= BOUND
    print("as promised" if good else f"promised: p95 at most {BOUND * 1e3:.0f} ms")
    return 0 if good else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--views", type=int, default=3)
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.rate, given.seconds, given.views)))
