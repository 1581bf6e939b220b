"""How long does a program take in this process, and on a broker, with a model that takes no time?

    .venv/bin/python -m benchmarks.library [--times 21]

The plans are those that the reference was measured with. Exit code 1 where a median in this process
is over its bound; the bounds leave room for a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from regions_dist import BaseRegion, Executor, Orchestrator, Postmaster, RegionRegistry
from regions_dist.testing import Cluster, InMemoryRAG, ScriptedLLM, ask_everyone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[str | None], Executor]

COMPAT = Path(__file__).parents[1] / "tests" / "compat"
MESSAGES = 10_000
METHOD = ("A", "make_replies")


def script(_: str, schema: Mapping[str, Any] | None) -> str:
    """Ask everybody, and answer anything."""
    return ask_everyone(schema) if schema else "ok"


def executor(
    registry: RegionRegistry, orchestrator: Orchestrator, asked: str, redis: str | None
) -> Executor:
    """An Executor for a run that somebody has asked something."""
    postmaster = Postmaster(registry, printer=lambda _: None)
    postmaster.post("terminal", asked, "Well?", "request")
    return Executor(registry, orchestrator, postmaster, redis=redis)


def lookup(redis: str | None) -> Executor:
    """Three layers, four calls, six messages."""
    registry = RegionRegistry(
        default_llm=ScriptedLLM(script=script), default_rag=InMemoryRAG("Well.")
    ).load(COMPAT / "lookup_regions.json")
    layers = Orchestrator().load(COMPAT / "lookup_executions.json")
    return executor(registry, layers, "Historian", redis)


def ten_layers(redis: str | None) -> Executor:
    """Ten layers of one method."""
    return alone(Orchestrator([{"c": ["A"]}] * 10, [[METHOD]] * 10), redis)


def chain_of_ten(redis: str | None) -> Executor:
    """One layer of ten methods, one after another."""
    return alone(Orchestrator([{"c": ["A"]}], [[METHOD] * 10]), redis)


def alone(orchestrator: Orchestrator, redis: str | None) -> Executor:
    """One region."""
    registry = RegionRegistry(default_llm=ScriptedLLM(script=script))
    registry.register("A", "Region", "answer")
    return executor(registry, orchestrator, "A", redis)


class Talker(BaseRegion):
    """Writes many messages."""

    methods: ClassVar[tuple[str, ...]] = ("talk",)

    async def talk(self) -> None:
        """Write them all."""
        for _ in range(MESSAGES):
            self.post("B", "text", "request")


def flood(redis: str | None) -> Executor:
    """One step that posts 10,000 messages."""
    registry = RegionRegistry()
    registry.register("A", Talker)
    registry.register("B", "BaseRegion")
    layers = Orchestrator([{"c": ["A"]}], [[("A", "talk")]])
    return Executor(registry, layers, Postmaster(registry), redis=redis)


PLANS: tuple[tuple[Make, float, str], ...] = (
    (lookup, 0.05, "3.78 s"),
    (ten_layers, 0.05, "0.75 s"),
    (chain_of_ten, 0.05, "0.48 s"),
    (flood, 1.0, "0.2 to 0.5 s"),
)
"""Plan, bound in seconds, what the reference took at best."""


async def median(make: Make, redis: str | None, times: int) -> float:
    """Seconds from making the Executor to its end."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        async with make(redis) as running:
            await running.run_plan()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


async def main(url: str, times: int) -> int:
    """Measure, and print; the exit code."""
    late = 0
    print(f"{'plan':14}{'in process':>12}{'broker':>12}  reference")
    for make, bound, reference in PLANS:
        await median(make, None, 2)
        here, there = await median(make, None, times), await median(make, url, max(3, times // 3))
        late += here > bound
        print(f"{make.__name__:14}{here * 1e3:9.1f} ms{there * 1e3:9.1f} ms  {reference}")
    return int(late > 0)


if __name__ == "__main__":
    logging.disable()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=21)
    with Cluster() as cluster:
        sys.exit(asyncio.run(main(cluster.url, parser.parse_args().times)))
