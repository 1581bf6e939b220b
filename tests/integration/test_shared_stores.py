"""Stores and embedders that another machine serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.config import EmbeddingSettings, RagSettings
from regions_dist.domain.plan import OutsideMessage
from regions_dist.resources.embedders import HttpEmbedder
from regions_dist.resources.rag_store import RagStore
from tests.cluster import Stage, outside, plan_of, region
from tests.machines import Machines
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

FACT = OutsideMessage(source="Ada", destination="S", role="reply", content="The owl is grey.")
ASKS = region("S", kind="RAGRegion", threshold=0.1)


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
def machines(stage: Stage, tmp_path: Path) -> Machines:
    return Machines(stage, tmp_path)


@pytest.fixture
def stub() -> Iterator[StubModel]:
    with StubModel() as stub:
        yield stub


async def chunks(path: Path, embedder: HttpEmbedder) -> int:
    """How much a store holds."""
    store = RagStore(RagSettings(path=path), embedder)
    try:
        return (await store.get_stats()).chunks
    finally:
        store.close()


async def test_a_store_of_another_machine_learns_once_however_often_the_step_runs(
    stage: Stage, machines: Machines, stub: StubModel, tmp_path: Path
) -> None:
    path = tmp_path / "facts.db"
    tables = {"rag_facts": f'path = "{path}"', "embedding_default": f'url = "{stub.url}"'}
    await machines.worker("disk", "--rag", "facts", **tables)
    scribe = region("S", kind="HeldAfterLearning").model_copy(update={"rag": "facts"})
    for name in ("cpu", "cpu2"):
        await machines.worker(name, "--region", "S")
    await stage.open(plan_of([scribe], {"one": ("S",)}), FACT)
    await (await stage.at_gate("S")).killed()
    await stage.at_gate("S")
    await stage.let_on("S")
    await stage.succeeded()
    embedder = HttpEmbedder(EmbeddingSettings(url=stub.url))
    assert await chunks(path, embedder) == 1
    await embedder.aclose()


async def test_a_store_may_use_the_embedder_of_another_machine(
    stage: Stage, machines: Machines, stub: StubModel, tmp_path: Path
) -> None:
    store = f'path = "{tmp_path / "facts.db"}"\nembedding = "big"'
    await machines.worker(
        "gpu", "--embedding", "big", embedding_big=f'url = "{stub.url}"\nmodel = "stub"'
    )
    await machines.worker("disk", "--rag", "facts", rag_facts=store)
    await machines.worker("cpu", "--region", "L", "--region", "S")
    learner = region("L", kind="RAGRegion").model_copy(update={"rag": "facts"})
    asker = ASKS.model_copy(update={"rag": "facts"})
    plan = plan_of([learner, asker], {"learn": ("L",)}, {"ask": ("S",)}).model_copy(
        update={
            "execution_config": ((("L", "make_updates"),), (("S", "make_replies"),)),
        }
    )
    fact = FACT.model_copy(update={"destination": "L"})
    await stage.open(plan, fact, outside("S", "The owl is what?", "terminal"))
    ((source, answer),) = (await stage.succeeded()).answers
    assert (source, "The owl is grey." in answer) == ("S", True)
    assert {path for path, _ in stub.requests} == {"/v1/embeddings"}


async def test_a_store_that_is_not_there_is_waited_for(
    stage: Stage, machines: Machines, tmp_path: Path
) -> None:
    await machines.worker("cpu", "--region", "S")
    asker = ASKS.model_copy(update={"rag": "facts"})
    plan = plan_of([asker], {"one": ("S",)}).model_copy(
        update={"execution_config": ((("S", "make_replies"),),)}
    )
    await stage.open(plan, outside("S", "Who?", "terminal"))
    waits = await stage.event(type="step", status="waiting")
    assert "start regions-worker --rag facts" in waits.fields["message"]
    await machines.worker("disk", "--rag", "facts", rag_facts=f'path = "{tmp_path / "facts.db"}"')
    await stage.succeeded()
