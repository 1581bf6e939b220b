"""The store as programs without a machine config make it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.errors import BadInput, FileProblem
from regions_dist.resources.dynamic_rag import DynamicRAGSystem
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from pathlib import Path


async def test_it_stores_and_finds_with_its_own_embedding_server(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("bruno bakes bread")
    with StubModel() as stub:
        rag = DynamicRAGSystem(tmp_path / "facts.db", stub.url, "stub", "facts", 64, 0, 1)
        await rag.store_document("ada keeps bees", ["Ada"], "d")
        await rag.store([tmp_path / "b.txt"])
        found = await rag.retrieve_similar("who keeps bees", 0.3)
        await rag.aclose()
    assert [(it.text, it.actors, it.document) for it in found] == [
        ("ada keeps bees", ("Ada",), "d"),
    ]


async def test_without_a_server_it_uses_the_embedded_embedder(tmp_path: Path) -> None:
    rag = DynamicRAGSystem(tmp_path / "facts.db")
    await rag.store_document("Ada keeps bees.")
    assert (await rag.get_stats()).model == "wordllama-256"
    await rag.aclose()


async def test_what_is_saved_makes_the_same_again(tmp_path: Path) -> None:
    rag = DynamicRAGSystem(tmp_path / "facts.db", name="facts", chunk_size=64, overlap=8)
    await rag.store_document("ada keeps bees", ["Ada"])
    rag.save(tmp_path / "facts.json")
    again = DynamicRAGSystem.load(tmp_path / "facts.json")
    assert again.name == "facts"
    assert len(await again.retrieve_by_actor(["Ada"])) == 1
    await rag.aclose()
    await again.aclose()


@pytest.mark.parametrize("text", ["{", "[]", '{"db_path": 3}', '{"path": "a"}'])
def test_a_file_that_describes_no_store_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "facts.json").write_text(text)
    with pytest.raises(FileProblem, match=r"facts\.json"):
        DynamicRAGSystem.load(tmp_path / "facts.json")


@pytest.mark.parametrize("sizes", [(8, 0, 5), (64, -1, 5), (64, 64, 5), (64, 0, 0)])
def test_values_that_cannot_be_are_refused(tmp_path: Path, sizes: tuple[int, int, int]) -> None:
    with pytest.raises(BadInput):
        DynamicRAGSystem(tmp_path / "facts.db", None, None, "facts", *sizes)
