"""What a run prepares on its machine: the stores that its plan brings along. Model is a stub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from regions_dist.config import EmbeddingSettings, LLMSettings, Settings
from regions_dist.domain.plan import Plan, RegionEntry, Resources
from regions_dist.errors import RegionsError
from regions_dist.machine import Machine
from regions_dist.resources.kept_vectors import BATCH
from regions_dist.runs.local import Local
from tests.stub_model import StubModel, word_vector

if TYPE_CHECKING:
    from pathlib import Path


async def prepared(plan: Plan, settings: Settings, folder: Path) -> int:
    """How many documents the plan's store has when a run of it is prepared."""
    local = Local(settings, folder, say=print)
    try:
        machine = Machine(await local.prepare(plan))
        stats = await machine.store("facts").get_stats()
        await machine.aclose()
    finally:
        await local.stop()
    return stats.documents


async def test_a_store_whose_first_fill_was_interrupted_is_whole_in_the_next_run(
    tmp_path: Path,
) -> None:
    lines = [json.dumps({"content": f"ada says {number}"}) for number in range(BATCH + 1)]
    (tmp_path / "facts.jsonl").write_text("\n".join(lines), encoding="utf-8")
    facts = RegionEntry(name="Facts", type="RAGRegion", rag="facts")
    store = {"path": "facts.db", "documents": ["facts.jsonl"]}
    plan = Plan(
        regions=(facts,), layer_config=(), execution_config=(), execution_order=(),
        resources=Resources.model_validate({"rag": {"facts": store}}),
        folder=str(tmp_path),
    )  # fmt: skip
    with StubModel() as stub:
        settings = Settings(
            home=tmp_path / "home",
            llm={"default": LLMSettings(url=stub.url)},
            embedding={"default": EmbeddingSettings(url=stub.url)},
        )
        last = f"ada says {BATCH}"
        stub.embedding = lambda text: "no vector" if text == last else word_vector(text)
        with pytest.raises(RegionsError):
            await prepared(plan, settings, tmp_path / "one")

        stub.embedding = word_vector

        assert await prepared(plan, settings, tmp_path / "two") == BATCH + 1
    texts = [text for _, body in stub.requests for text in body.get("input", ())]
    assert texts.count("ada says 0") == 1, "what was stored is not done again"
