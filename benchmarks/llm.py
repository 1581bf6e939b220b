"""What does a model cost that another machine serves, and do its slots hold?

    .venv/bin/python -m benchmarks.llm [--calls 200]

The model is a stub that answers at once; broker, workers and jobs are real. First one caller asks
it, by turns over its own link and over a worker that serves it: the difference of the medians is
what the way costs. Then 8 regions on 3 workers ask it at once, through two hosts, and the stub
counts how many calls it has at a time. Exit code 1 where the way costs over 20 ms, or where there
were ever more calls than slots.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import threading
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regions_dist.domain.branch import Opening
from regions_dist.domain.plan import OutsideMessage, Plan, RegionEntry
from regions_dist.domain.schedule import schedule
from regions_dist.embedded.broker import Broker
from regions_dist.ports import Asker
from regions_dist.resources.llm_link import LLMLink
from regions_dist.transport.calls.caller import Caller
from regions_dist.transport.calls.remote import RemoteLLM
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

BOUND_MS = 20.0
SLOTS = 2
REGIONS = 8
HELD_FOR = 0.05
PROMPT = [{"role": "user", "content": "Say something."}]
WARM_UP = 10


class CountingModel:
    """A stub's script, no model: counts how many calls it has at a time."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.most = self.calls = self._present = 0
        self._guard = threading.Lock()

    def __call__(self, _: dict[str, Any]) -> str:
        """Answer after some seconds."""
        with self._guard:
            self.calls += 1
            self._present += 1
            self.most = max(self.most, self._present)
        time.sleep(self.seconds)
        with self._guard:
            self._present -= 1
        return "something"


class Cluster:
    """A broker, and workers on it whose machine has the model only where that is said."""

    def __init__(self, url: str, folder: Path, model_url: str) -> None:
        self.url = url
        self._config = folder / "with-model.toml"
        self._config.write_text(f'[llm.default]\nurl = "{model_url}"\nslots = {SLOTS}\n', "utf-8")
        self._none = folder / "without.toml"
        self._none.write_text("", "utf-8")
        self._home = folder / "home"
        self._workers: list[asyncio.subprocess.Process] = []

    async def worker(self, *arguments: str, has_model: bool = False) -> None:
        """Start a worker, and return once it is up."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("REGIONS_")}
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("regions-worker"),
            *(*arguments, "--config", str(self._config if has_model else self._none)),
            env=kept | {"REGIONS_HOME": str(self._home), "REGIONS_REDIS_URL": self.url},
            stderr=asyncio.subprocess.PIPE,
        )
        self._workers.append(process)
        while process.stderr and (line := await process.stderr.readline()):
            if b"is up" in line:
                return
        sys.exit("a worker has ended")

    async def stop(self) -> None:
        """End the workers."""
        for process in self._workers:
            process.kill()
            await process.communicate()


async def median_ms(ask: Callable[[int], Awaitable[object]], calls: int) -> float:
    """The median of so many calls one after another, in milliseconds."""
    took = []
    for number in range(calls + WARM_UP):
        began = time.perf_counter()
        await ask(number)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took[WARM_UP:])


async def overhead(cluster: Cluster, model: StubModel, calls: int) -> float:
    """What the way over another worker adds to a call's median, in milliseconds."""
    patience = Patience(cluster.url)
    workers = RedisWorkers(cluster.url, lease=2.0)
    caller = Caller(cluster.url, patience, workers)
    link = LLMLink(model.url)

    async def say(_: str) -> None: ...

    async def remotely(number: int) -> None:
        asker = Asker(f"bench/{number}", f"chat:0:{number}", say)
        await RemoteLLM(caller, "default", asker).chat(PROMPT)
        await caller.settle(asker.key)

    try:
        local = await median_ms(lambda _: link.chat(PROMPT), calls)
        remote = await median_ms(remotely, calls)
    finally:
        for close in (caller.close, workers.close, link.aclose):
            await close()
    print(f"a call of one's own server, median of {calls}: {local:6.2f} ms")
    print(f"a call of another machine's model:           {remote:6.2f} ms")
    print(f"the way costs {remote - local:.2f} ms (bound {BOUND_MS:g}; ratio {remote / local:.2f})")
    return remote - local


async def crowd(cluster: Cluster) -> None:
    """Let all regions ask the model at once, a few times each, on workers that have none."""
    names = [f"R{number}" for number in range(REGIONS)]
    for worker in range(3):
        await cluster.worker(*(word for name in names[worker::3] for word in ("--region", name)))
    layer: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    plan = Plan(
        regions=tuple(RegionEntry(name=name, type="Region") for name in names),
        layer_config=(layer,),
        execution_config=(tuple((name, "make_replies") for name in names),),
        execution_order=(0,),
    )
    questions = [
        OutsideMessage(source="terminal", destination=name, content=f"Question {number}?")
        for name in names
        for number in range(3)
    ]
    store = RedisRunStore(cluster.url)
    try:
        await store.open("crowd", plan, schedule(plan), questions, Opening())
        async for event in store.events("crowd"):
            if event and event.type == "run" and event.fields["status"] != "running":
                break
        view = await store.view("crowd")
        if view.status != "succeeded" or len(view.answers) != len(questions):
            sys.exit(f"the run ought to have succeeded: {view.status}, {view.error}")
    finally:
        await store.close()


async def measure(calls: int, folder: Path) -> bool:
    """Measure, tell, and judge."""
    async with AsyncExitStack() as stack:
        broker = Broker(folder / "broker")
        url = await asyncio.to_thread(broker.start)
        stack.callback(broker.stop)
        script = CountingModel()
        model = stack.enter_context(StubModel(script))
        cluster = Cluster(url, folder, model.url)
        stack.push_async_callback(cluster.stop)
        await cluster.worker("--llm", "default", has_model=True)
        cost = await overhead(cluster, model, calls)
        await cluster.worker("--llm", "default", has_model=True)
        script.seconds, script.most, script.calls = HELD_FOR, 0, 0
        await crowd(cluster)
        print(
            f"{REGIONS} regions on 3 workers, 2 hosts: {script.calls} calls, at most {script.most} "
            f"at a time (slots {SLOTS})"
        )
        return cost <= BOUND_MS and script.most <= SLOTS


def main() -> int:
    """Measure, tell, and judge."""
    parser = argparse.ArgumentParser(description="What does another machine's model cost?")
    parser.add_argument("--calls", type=int, default=200, help="calls of each kind")
    calls = parser.parse_args().calls
    print("the model is a stub that answers at once")
    with tempfile.TemporaryDirectory() as folder:
        return 0 if asyncio.run(measure(calls, Path(folder))) else 1


if __name__ == "__main__":
    sys.exit(main())
