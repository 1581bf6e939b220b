"""The lookup example in Python: the same regions, layers and texts, built with classes.

Runs in this process, without a broker. With REGIONS_LLM_URL it uses your model server, else the
small model that comes along.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from regions_dist import (
    DynamicRAGSystem,
    Executor,
    Injector,
    LLMLink,
    Orchestrator,
    Postmaster,
    RegionEntry,
    RegionRegistry,
    small_model,
    verify,
)

HERE = Path(__file__).parent
QUESTION = "What did Clara Reed find?"


async def filled(folder: Path, name: str) -> DynamicRAGSystem:
    """A store with the texts of one file."""
    store = DynamicRAGSystem(folder / f"{name}.db", name=name)
    await store.store([HERE / f"{name}.jsonl"])
    return store


def entries(facts: DynamicRAGSystem, people: DynamicRAGSystem) -> list[RegionEntry]:
    """Who there is."""
    return [
        RegionEntry(
            "Historian",
            "Region",
            "Answer questions about the island of Brinmoor and its people.",
            ["Facts", "Biographies"],
        ),
        RegionEntry(
            "Facts",
            "RAGRegion",
            "Tells about the places, things and events of the island.",
            rag=facts,
            reply_with_actors=True,
            threshold=0.3,
        ),
        RegionEntry(
            "Biographies",
            "RAGRegion",
            "Tells about the people of the island.",
            rag=people,
            reply_with_actors=True,
            threshold=0.3,
        ),
    ]


def layers() -> Orchestrator:
    """What they do, and when."""
    orchestrator = Orchestrator()
    orchestrator.add_to_layer(0, "ask", ["Historian"])
    orchestrator.append_method(0, "Historian", "make_questions")
    orchestrator.add_to_layer(1, "facts", ["Facts"])
    orchestrator.append_method(1, "Facts", "make_replies")
    orchestrator.add_to_layer(1, "people", ["Biographies"])
    orchestrator.append_method(1, "Biographies", "make_replies")
    orchestrator.add_to_layer(2, "answer", ["Historian"])
    orchestrator.append_method(2, "Historian", "make_replies")
    return orchestrator


async def look_up(model: LLMLink, folder: Path) -> None:
    """Ask, and let the answer be printed."""
    facts, people = await filled(folder, "facts"), await filled(folder, "biographies")
    registry = RegionRegistry(entries(facts, people), default_llm=model)
    orchestrator, postmaster = layers(), Postmaster(registry)
    if not verify(registry, orchestrator, postmaster):
        raise SystemExit("the plan cannot run; the log says why")
    with Injector(postmaster, "terminal") as user:
        user.request("Historian", QUESTION)
    async with Executor(registry, orchestrator, postmaster) as executor:
        await executor.run_plan()
    await facts.aclose()
    await people.aclose()


async def main() -> None:
    """Look up with a model of yours, or with the small one."""
    with tempfile.TemporaryDirectory() as folder:
        if url := os.environ.get("REGIONS_LLM_URL"):
            await look_up(LLMLink(url), Path(folder))
            return
        async with small_model() as model:
            await look_up(model, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
