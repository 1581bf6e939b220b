"""An Executor on a real broker, its own regions here and the others with workers, and its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from regions_dist import (
    BadInput,
    BaseRegion,
    BrokerUnavailable,
    Executor,
    Injector,
    Orchestrator,
    Postmaster,
    RegionRegistry,
    RunStopped,
    WorkerMissing,
)
from regions_dist.domain.branch import Opening
from regions_dist.domain.files import load_plan
from regions_dist.domain.plan import OutsideMessage
from regions_dist.domain.schedule import schedule
from regions_dist.testing import Cluster, Heard, InMemoryRAG, ScriptedLLM, Signal, ask_everyone
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import Mapping

pytest_plugins = ["regions_dist.testing.fixtures"]

LAYERS = Orchestrator(
    [{"one": ["Guide"]}, {"one": ["Facts"]}, {"one": ["Guide"]}],
    [[("Guide", "make_questions")], [("Facts", "make_replies")], [("Guide", "make_replies")]],
)
FERRY = "the ferry leaves at nine"


def script(prompt: str, schema: Mapping[str, Any] | None) -> str:
    """Ask everybody; tell what is known of the ferry."""
    return ask_everyone(schema, "When leaves the ferry?") if schema else str(FERRY in prompt)


def programs(**defaults: Any) -> tuple[RegionRegistry, Postmaster]:
    """A guide who asks for facts; somebody has asked the guide."""
    registry = RegionRegistry(**defaults)
    registry.register("Guide", "Region", "guide", ["Facts"])
    registry.register("Facts", "RAGRegion", "facts", threshold=0.1)
    postmaster = Postmaster(registry, printer=lambda _: None)
    with Injector(postmaster, "terminal") as user:
        user.request("Guide", "When?")
    return registry, postmaster


def comparable(executor: Executor) -> list[dict[str, Any]]:
    """The trace, times aside."""
    kept = [{k: v for k, v in r.items() if k not in {"seq", "at"}} for r in executor.trace]
    return sorted(kept, key=lambda record: str(record["id"]))


def status_of(executor: Executor) -> str:
    """How the run stands, "" where it has not begun."""
    return executor.view.status if executor.view else ""


async def test_objects_stay_here_and_names_are_left_to_workers(regions_cluster: Cluster) -> None:
    model = ScriptedLLM(script=script)
    regions_cluster.host("Facts", rag=InMemoryRAG(FERRY))
    registry, postmaster = programs(default_llm=model)
    async with Executor(registry, LAYERS, postmaster, redis=regions_cluster.url) as there:
        await there.run_plan()

    registry, postmaster = programs(default_llm=ScriptedLLM(script=script))
    registry.update("Facts", rag=InMemoryRAG(FERRY))
    with Executor(registry, LAYERS, postmaster) as here:
        await here.run_plan()

    assert there.answers == [("Guide", "True")]
    assert comparable(there) == comparable(here)
    assert len(model.prompts) == 2


async def test_a_sync_context_leaves_nothing_behind_on_the_cluster(
    regions_cluster: Cluster,
) -> None:
    registry, postmaster = programs(
        default_llm=ScriptedLLM(script=script), default_rag=InMemoryRAG(FERRY)
    )

    with Executor(registry, LAYERS, postmaster, redis=regions_cluster.url, run="r") as executor:
        for layer in range(3):
            await executor.run_layer(layer)
            assert len(asyncio.all_tasks()) == 1
        assert status_of(executor) == "paused"

    assert status_of(executor) == "succeeded"
    assert executor.answers == [("Guide", "True")]
    store = RedisRunStore(regions_cluster.url)
    assert (await store.view("r")).status == "succeeded"
    await store.close()
    postmaster.post("terminal", "Guide", "And then?", "request")
    with (
        pytest.raises(BadInput, match="a run called 'r'"),
        Executor(registry, LAYERS, postmaster, redis=regions_cluster.url, run="r") as again,
    ):
        await again.run_plan()
    assert len(postmaster.pending) == 1, "mail stays for a run that opens"


async def test_a_worker_that_is_missing_is_named_and_the_run_goes_on_when_it_is_there(
    regions_cluster: Cluster,
) -> None:
    registry, postmaster = programs(default_llm=ScriptedLLM(script=script))

    async with Executor(
        registry, LAYERS, postmaster, redis=regions_cluster.url, wait=0.1
    ) as executor:
        with pytest.raises(WorkerMissing, match="Facts"):
            await executor.run_plan()
        regions_cluster.host("Facts", rag=InMemoryRAG(FERRY))
        await executor.resume()

    assert executor.answers == [("Guide", "True")]


async def test_a_region_that_is_placed_is_not_taken_by_a_worker_that_only_names_it(
    regions_cluster: Cluster,
) -> None:
    regions_cluster.host("Facts", rag=InMemoryRAG(FERRY))
    registry, postmaster = programs(default_llm=ScriptedLLM(script=script))
    there: dict[str, Any] = {
        "redis": regions_cluster.url,
        "wait": 0.1,
        "placement": {"Facts": {"pool": "disk"}},
    }

    async with Executor(registry, LAYERS, postmaster, **there) as executor:
        with pytest.raises(
            WorkerMissing, match="'Facts', which is placed on a worker of pool disk"
        ):
            await executor.run_plan()

    assert executor.answers == []


async def test_a_listener_hears_here_what_others_deliver(regions_cluster: Cluster) -> None:
    heard = Heard()
    regions_cluster.host("Guide", "Facts", llm=ScriptedLLM(script=script), rag=InMemoryRAG(FERRY))
    registry, postmaster = programs()
    registry.register("Ear", "ListenerRegion", out_process=heard)
    layers = Orchestrator(LAYERS.layer_config, LAYERS.execution_config)
    for layer, method in ((0, "start"), (2, "stop")):
        layers.add_to_layer(layer, "listening", "Ear")
        layers.append_method(layer, "Ear", method)

    async with Executor(registry, layers, postmaster, redis=regions_cluster.url) as executor:
        await executor.run_layer(0)
        await executor.run_layer(1)
        await executor.run_layer(2)

    pairs = [(message.source, message.destination) for message in await heard.until(3)]
    assert pairs == [("terminal", "Guide"), ("Guide", "Facts"), ("Facts", "Guide")]


class Held(BaseRegion):
    """Comes to the gate, and waits there."""

    methods: ClassVar[tuple[str, ...]] = ("hold",)
    at_gate: ClassVar[Signal]
    gate: ClassVar[Signal]

    async def hold(self) -> None:
        """Wait to be let on."""
        self.at_gate.set()
        await self.gate.wait()


async def test_a_run_that_others_cancel_is_told_of(regions_cluster: Cluster) -> None:
    Held.at_gate, Held.gate = Signal(), Signal()
    registry = RegionRegistry()
    registry.register("A", Held)
    layers = Orchestrator([{"c": ["A"]}], [[("A", "hold")]])
    store = RedisRunStore(regions_cluster.url)

    async with Executor(
        registry, layers, Postmaster(registry), redis=regions_cluster.url, run="r"
    ) as executor:
        running = asyncio.create_task(executor.run_plan())
        await Held.at_gate.wait()
        await store.steer("r", "cancel")
        with pytest.raises(RunStopped) as stopped:
            await running

    assert stopped.value.code == "cancelled"
    await store.close()


async def test_cancelling_a_call_pauses_the_run_and_leaving_cancels_it(
    regions_cluster: Cluster,
) -> None:
    Held.at_gate, Held.gate = Signal(), Signal()
    registry = RegionRegistry()
    registry.register("A", Held)
    layers = Orchestrator([{"c": ["A"]}], [[("A", "hold")]])

    with Executor(registry, layers, Postmaster(registry), redis=regions_cluster.url) as executor:
        running = asyncio.create_task(executor.run_plan())
        await Held.at_gate.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert len(asyncio.all_tasks()) == 1

    assert status_of(executor) == "cancelled"


async def test_a_broker_that_is_not_there_is_told_of_before_anything_starts() -> None:
    registry, postmaster = programs()

    async with Executor(
        registry, LAYERS, postmaster, redis="redis://127.0.0.1:1", wait=0.1
    ) as executor:
        with pytest.raises(BrokerUnavailable):
            await executor.run_plan()

    assert len(postmaster.pending) == 1


async def test_an_open_run_is_extended_once_and_anybody_may_end_it(
    regions_cluster: Cluster,
) -> None:
    """As the program's own process would, which then dies without a word."""
    plan = load_plan(OPEN, origin="here").plan
    layers = schedule(plan.model_copy(update={"execution_order": (0, 0)}))
    greeting = OutsideMessage(source="user", destination="terminal", role="reply", content="hello")
    store = RedisRunStore(regions_cluster.url)
    await store.open("r", plan, layers[:1], (), Opening(open_ended=True))
    for _ in range(2):
        await store.extend("r", plan, layers, 1, [greeting])

    view = await store.view("r")
    assert (view.status, view.stopped_before) == ("paused", 2)
    assert view.answers == (("user", "hello"),)
    assert [turn.status for turn in view.layers] == ["succeeded", "succeeded"]
    with pytest.raises(BadInput, match="takes no further layers"):
        await store.extend("r", plan, layers, 0, ())

    assert await store.inject("r", greeting, "late", by_rules=True) == "held"
    assert await store.resume("r") == "succeeded"
    assert [letter.reason for letter in await store.dead_letters("r")] == ["run-ended"]
    with pytest.raises(BadInput, match="is succeeded"):
        await store.extend("r", plan, (*layers, *layers), 2, ())
    await store.close()


OPEN = {
    "regions": [{"name": "A", "type": "BaseRegion", "task": ""}],
    "layer_config": [{"chain": ["A"]}],
    "execution_config": [[]],
}
