"""A broker, and runs on it whose steps are played at a given rate: no worker, no model.

    python gui/tests/browser/staged_run.py FOLDER

Prints the broker's URL. Each line on stdin, ``RUN RATE SECONDS``, plays a run of RATE events a
second for that long, in four chains whose regions write to a fifth, and prints ``RUN``; before
it is played, it has been opened, and ``opened RUN`` printed. The end of stdin ends it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from regions_dist.embedded.broker import Broker
from tests.cluster import Stage, plan_of, region

NAMES = ("North", "East", "South", "West")
PER_STEP = 4
"""Events of a step: queued, running, done, and its message."""


def told(text: str) -> None:
    """Tell the test."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(folder: Path) -> None:
    """Play what stdin asks for."""
    broker = Broker(folder)
    url = await asyncio.to_thread(broker.start)
    try:
        told(url)
        async with Stage(url) as stage:
            while line := await asyncio.to_thread(sys.stdin.readline):
                run, rate, seconds = line.split()
                await played(stage, run, float(rate), float(seconds))
                told(run)
    finally:
        broker.stop()


async def played(stage: Stage, run: str, rate: float, seconds: float) -> None:
    """Open a run, wait for the go, and play it."""
    turns = round(rate * seconds / PER_STEP / len(NAMES))
    regions = [region(name, kind="Region", connections=("Centre",)) for name in NAMES]
    regions.append(region("Centre", kind="Region"))
    plan = plan_of(regions, {name.lower(): (name,) for name in NAMES})
    entries = tuple((name, "say") for name in NAMES for _ in range(turns))
    await stage.open(plan.model_copy(update={"execution_config": (entries,)}), run=run)
    told(f"opened {run}")
    await asyncio.to_thread(sys.stdin.readline)
    began, number = time.perf_counter(), 0
    for turn in range(turns):
        for chain, name in enumerate(NAMES, start=1):
            step = f"0000-{chain:03d}-{turn:03d}"
            await stage.play(step, name, ("Centre", "request", f"news {turn}"), run=run)
            number += 1
            due = began + number * PER_STEP / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
