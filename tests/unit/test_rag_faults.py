"""The faults of the system that came before, as tests that fail if one returns.

Those of the RAG region's side are in test_region_rag.py.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.resources import Fragment
from regions_dist.errors import BadInput, ModelUnavailable, StoreRefused
from regions_dist.resources.chunk_rows import digest
from regions_dist.resources.chunks import chunks
from tests.stub_embedder import StubEmbedder, store_in, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from regions_dist.resources.rag_store import RagStore


@pytest.fixture
def embedder() -> StubEmbedder:
    return StubEmbedder()


@pytest.fixture
def store(tmp_path: Path, embedder: StubEmbedder) -> Iterator[RagStore]:
    store = store_in(tmp_path, embedder)
    yield store
    store.close()


def hashes(store: RagStore) -> dict[str, str]:
    connection = sqlite3.connect(store.path)
    rows = connection.execute("SELECT text, digest FROM chunks").fetchall()
    connection.close()
    return dict(rows)


async def test_fault_make_updates_deletes_what_it_just_updated(store: RagStore) -> None:
    await store.store_document("ada keeps nine bees here", ["Ada"])

    await store.learn([Fragment("ada keeps ten bees here")], consolidate_threshold=1.0)

    assert await texts(store) == ["ada keeps ten bees here"]


async def test_fault_make_updates_never_stores_a_new_fact(store: RagStore) -> None:
    await store.learn([Fragment("ships sail")])
    await store.learn([Fragment("ada keeps bees")])

    assert sorted(await texts(store)) == ["ada keeps bees", "ships sail"]


async def test_fault_update_chunk_deletes_before_embedding(
    store: RagStore, embedder: StubEmbedder
) -> None:
    await store.store_document("ada keeps bees", ["Ada"])
    (old,) = await store.retrieve_similar("ada keeps bees")

    embedder.down = True
    with pytest.raises(ModelUnavailable):
        await store.update_chunk(old.id, "bruno bakes")
    embedder.down = False

    assert await store.retrieve_similar("ada keeps bees") == [old]


async def test_fault_a_failing_embedder_loses_the_document_it_replaces(
    store: RagStore, embedder: StubEmbedder
) -> None:
    await store.store_document("ada keeps bees", document_id="d")

    embedder.down = True
    with pytest.raises(ModelUnavailable):
        await store.store_document("ada keeps goats", document_id="d")
    embedder.down = False

    assert await texts(store) == ["ada keeps bees"]


async def test_fault_after_an_update_the_hash_no_longer_matches(store: RagStore) -> None:
    await store.store_document("ada keeps nine bees here", document_id="d")
    (old,) = await store.retrieve_similar("ada keeps nine bees here")

    await store.update_chunk(old.id, "bruno bakes")
    await store.learn([Fragment("bruno bakes"), Fragment("ships sail")])

    assert hashes(store) == {text: digest(text) for text in ("bruno bakes", "ships sail")}


async def test_fault_a_changed_document_passes_for_the_text_it_came_from(store: RagStore) -> None:
    """After an update or a removal the document is no longer its source, so it can be restored."""
    source = "ada keeps nine bees here"
    await store.store_document(source, document_id="d")
    (old,) = await store.retrieve_similar(source)
    await store.update_chunk(old.id, "bruno bakes")

    await store.store_document(source, document_id="d")

    assert await texts(store) == [source]


@pytest.mark.parametrize("overlap", [16, 17])
def test_fault_overlap_of_the_chunk_size_never_ends(tmp_path: Path, overlap: int) -> None:
    with pytest.raises(BadInput, match="less than chunk_size"):
        store_in(tmp_path, chunk_size=16, overlap=overlap)


def test_fault_overlap_0_becomes_50() -> None:
    text = "".join(chr(number) for number in range(256, 1256))
    assert "".join(chunks(text, 100, 0)) == text


async def test_fault_the_same_text_in_two_documents_overwrites_id_and_actors(
    store: RagStore,
) -> None:
    await store.store_document("ada keeps bees", ["Ada"], "first")
    await store.store_document("ada keeps bees", ["Bruno"], "second")

    found = await store.retrieve_similar("ada keeps bees")

    assert [(memory.document, memory.actors) for memory in found] == [
        ("first", ("Ada",)),
        ("second", ("Bruno",)),
    ]


@pytest.mark.parametrize("other", [StubEmbedder("words", 128), StubEmbedder("other")])
async def test_fault_a_changed_embedding_dimension_scores_0_in_silence(
    store: RagStore, tmp_path: Path, other: StubEmbedder
) -> None:
    await store.store_document("ada keeps bees")
    changed = store_in(tmp_path, other)

    with pytest.raises(StoreRefused, match="regions-rag reindex"):
        await changed.retrieve_similar("ada keeps bees")
    changed.close()


async def test_fault_an_embedder_that_changes_under_an_open_store_is_noticed(
    store: RagStore, embedder: StubEmbedder
) -> None:
    await store.store_document("ada keeps bees")
    await texts(store)

    embedder.dimension = 128

    with pytest.raises(StoreRefused, match="regions-rag reindex"):
        await texts(store)


async def test_fault_actor_lists_are_mangled(store: RagStore) -> None:
    actors = ("Ada, Countess", 'Zoë "Z" O\'Neil', "[x]", "a;b|c", "名前")
    await store.store_document("ada keeps bees", actors)

    (found,) = await store.retrieve_similar("ada keeps bees")

    assert found.actors == actors
    assert [memory.id for memory in await store.retrieve_by_actor(actors)] == [found.id]


async def test_fault_writes_and_reads_are_throttled_by_design(store: RagStore) -> None:
    """A hundred of each would take a minute at two writes and ten reads a second."""
    for number in range(100):
        await store.learn([Fragment(f"fact{number} stands alone{number}")])
        assert await texts(store, f"fact{number} stands alone{number}", 0.9) != []
