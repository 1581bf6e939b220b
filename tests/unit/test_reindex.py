"""Making a store's vectors anew with another embedder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.errors import ModelUnavailable, StoreRefused
from regions_dist.resources.kept_vectors import BATCH
from tests.stub_embedder import StubEmbedder, document, store_in, texts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from regions_dist.resources.rag_store import RagStore

COUNT = 2 * BATCH + 10


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[RagStore]:
    store = store_in(tmp_path)
    await store.add([document(f"d{number}", f"ada says {number}") for number in range(COUNT)])
    yield store
    store.close()


async def test_a_reindexed_store_belongs_to_the_new_embedder(old: RagStore, tmp_path: Path) -> None:
    await texts(old)
    new = store_in(tmp_path, StubEmbedder("other", 64))
    assert await new.reindex() == COUNT
    assert len(await texts(new)) == COUNT
    stats = await new.get_stats()
    assert (stats.model, stats.dimension, stats.kept) == ("other", 64, 0)
    with pytest.raises(StoreRefused, match="regions-rag reindex"):
        await texts(old)
    new.close()


async def test_until_all_are_made_the_store_is_used_as_before_and_work_goes_on_where_it_was(
    old: RagStore, tmp_path: Path
) -> None:
    other = StubEmbedder("other", 64)
    other.calls_left = 2
    new = store_in(tmp_path, other)
    with pytest.raises(ModelUnavailable):
        await new.reindex()
    assert len(await texts(old)) == COUNT

    other.calls_left = None
    told: list[tuple[int, int]] = []
    await new.reindex(lambda done, total: told.append((done, total)))

    assert sum(len(call) for call in other.calls) == COUNT
    assert told[-1] == (COUNT, COUNT)
    assert len(await texts(new)) == COUNT
    new.close()


async def test_what_is_written_meanwhile_is_taken_along(old: RagStore, tmp_path: Path) -> None:
    class Meddler(StubEmbedder):
        """A stub during whose last call somebody writes to the store."""

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if len(texts) == COUNT % BATCH:
                await old.store_document("bruno bakes", document_id="late")
                await old.update_chunk(1, "cleo sings")
            return await super().embed(texts)

    new = store_in(tmp_path, Meddler("other", 64))
    assert await new.reindex() == COUNT + 1
    assert await texts(new, "bruno bakes", 0.9) == ["bruno bakes"]
    assert await texts(new, "cleo sings", 0.9) == ["cleo sings"]
    new.close()


async def test_an_empty_store_can_be_reindexed(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    assert await store.reindex() == 0
    store.close()
