"""The RAG store, with a stub embedder whose vectors count words."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from regions_dist.domain.resources import Fragment
from regions_dist.errors import BadInput, ModelUnavailable, StoreRefused
from regions_dist.resources.rag_store import RagStore
from regions_dist.resources.step_store import StepStore
from tests.stub_embedder import StubEmbedder, store_in, texts

Open = Callable[..., RagStore]


@pytest.fixture
def embedder() -> StubEmbedder:
    return StubEmbedder()


@pytest.fixture
def open_store(tmp_path: Path, embedder: StubEmbedder) -> Iterator[Open]:
    stores: list[RagStore] = []

    def open_it(using: StubEmbedder = embedder, **settings: int) -> RagStore:
        stores.append(store_in(tmp_path, using, **settings))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Open) -> RagStore:
    return open_store()


async def test_the_most_similar_come_first_and_the_threshold_cuts(store: RagStore) -> None:
    for text in ("ada keeps bees", "ada keeps goats today", "ships sail"):
        await store.store_document(text)
    assert await texts(store, "ada keeps bees", 0.5) == ["ada keeps bees", "ada keeps goats today"]


async def test_the_same_text_is_found_with_a_threshold_of_one(store: RagStore) -> None:
    await store.store_document("ada keeps seven bees at home")
    assert await texts(store, "ada keeps seven bees at home", 1.0) != []


async def test_results_are_as_many_as_asked_for(open_store: Open) -> None:
    store = open_store(max_results=2)
    for number in range(5):
        await store.store_document(f"ada {number}")
    assert len(await store.retrieve_similar("ada", 0.1)) == 2
    assert len(await store.retrieve_similar("ada", 0.1, 3)) == 3


async def test_an_empty_store_finds_nothing(store: RagStore) -> None:
    assert await texts(store) == []


async def test_actors_come_back_as_they_were_given(store: RagStore) -> None:
    actors = ["Ada, Countess", "Ada, Countess", 'Zoë "Z"', "[x]"]
    await store.store_document("ada", actors)
    (found,) = await store.retrieve_similar("ada")
    assert found.actors == ("Ada, Countess", 'Zoë "Z"', "[x]")


async def test_the_same_text_in_two_documents_is_kept_apart(store: RagStore) -> None:
    await store.store_document("ada", ["Ada"], "first")
    await store.store_document("ada", ["Bruno"], "second")
    found = await store.retrieve_similar("ada")
    assert [(it.document, it.actors) for it in found] == [
        ("first", ("Ada",)),
        ("second", ("Bruno",)),
    ]


async def test_storing_a_document_again_does_nothing_and_a_changed_one_is_replaced(
    store: RagStore, embedder: StubEmbedder
) -> None:
    await store.store_document("ada keeps bees", document_id="d")
    calls = len(embedder.calls)
    await store.store_document("ada keeps bees", document_id="d")
    assert len(embedder.calls) == calls
    await store.store_document("ada keeps goats", document_id="d")
    assert await texts(store) == ["ada keeps goats"]


async def test_a_long_document_is_cut_into_chunks_embedded_together(
    open_store: Open, embedder: StubEmbedder
) -> None:
    store = open_store(chunk_size=20, overlap=0)
    await store.store_document("Ada keeps bees. Bruno bakes bread.")
    assert sorted(await texts(store)) == ["Ada keeps bees.", "Bruno bakes bread."]
    assert len(embedder.calls) == 2


@pytest.mark.parametrize("overlap", [20, 30])
def test_an_overlap_of_chunk_size_or_more_is_refused(open_store: Open, overlap: int) -> None:
    with pytest.raises(BadInput, match="less than chunk_size"):
        open_store(chunk_size=20, overlap=overlap)


async def test_an_update_replaces_text_and_vector_and_keeps_actors(store: RagStore) -> None:
    await store.store_document("ada keeps bees", ["Ada"])
    (old,) = await store.retrieve_similar("ada keeps bees")
    await store.update_chunk(old.id, "bruno bakes")
    (new,) = await store.retrieve_similar("bruno bakes", 0.99)
    assert (new.id, new.text, new.actors) == (old.id, "bruno bakes", ("Ada",))
    assert await texts(store, "ada keeps bees", 0.5) == []


async def test_a_failing_embedder_loses_no_chunk(store: RagStore, embedder: StubEmbedder) -> None:
    await store.store_document("ada")
    (old,) = await store.retrieve_similar("ada")
    embedder.down = True
    with pytest.raises(ModelUnavailable):
        await store.update_chunk(old.id, "bruno")
    embedder.down = False
    assert await texts(store) == ["ada"]


async def test_a_deleted_chunk_is_gone_and_its_document_can_be_stored_again(
    store: RagStore,
) -> None:
    await store.store_document("ada", document_id="d")
    await store.delete_chunk((await store.retrieve_similar("ada"))[0].id)
    assert (await store.get_stats()).documents == 0
    await store.store_document("ada", document_id="d")
    assert await texts(store) == ["ada"]


async def test_an_unknown_chunk_is_named(store: RagStore) -> None:
    with pytest.raises(StoreRefused, match="no chunk 7"):
        await store.update_chunk(7, "text")
    with pytest.raises(StoreRefused, match="no chunk 8"):
        await store.delete_chunk(8)


async def test_stats_count_what_is_there(store: RagStore) -> None:
    assert (await store.get_stats()).model is None
    await store.store_document("ada", ["Ada", "Bruno"])
    await store.store_document("bruno", ["Bruno"])
    stats = await store.get_stats()
    assert (stats.documents, stats.chunks, stats.actors) == (2, 2, 2)
    assert (stats.model, stats.dimension) == ("words", 256)
    assert stats.bytes > 0


@pytest.mark.parametrize("other", [StubEmbedder("other"), StubEmbedder("words", 128)])
async def test_another_embedder_is_refused_and_reindex_named(
    open_store: Open, store: RagStore, other: StubEmbedder
) -> None:
    await store.store_document("ada")
    changed = open_store(other)
    for attempt in (
        changed.retrieve_similar("ada"),
        changed.store_document("bruno"),
        changed.learn([Fragment("ada")]),
    ):
        with pytest.raises(StoreRefused, match="regions-rag reindex"):
            await attempt
    assert await texts(store) == ["ada"]


async def test_a_file_that_is_no_store_is_refused(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "facts.db").write_text("no database at all" * 100)
    with pytest.raises(StoreRefused, match=r"facts\.db: is not a RAG store"):
        await open_store().get_stats()


async def test_a_store_of_a_newer_format_is_refused(open_store: Open, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    connection = sqlite3.connect(tmp_path / "sub" / "facts.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreRefused, match="Install the version"):
        await open_store().get_stats()


async def test_learning_a_new_fact_stores_it(store: RagStore) -> None:
    await store.store_document("ships sail")
    learned = await store.learn([Fragment("ada keeps bees", ("Ada",))])
    assert (learned.updated, len(learned.stored), learned.absorbed) == ((), 1, ())
    (found,) = await store.retrieve_similar("ada keeps bees", 0.9)
    assert (found.text, found.actors) == ("ada keeps bees", ("Ada",))
    assert await texts(store, "ships", 0.5) == ["ships sail"]


async def test_learning_updates_the_most_similar_and_keeps_it(store: RagStore) -> None:
    await store.store_document("ada keeps nine bees here", ["Ada"])
    await store.store_document("ships sail")
    await store.learn([Fragment("ada keeps ten bees here", ("Bruno",))])
    found = await store.retrieve_similar("ada keeps bees", 0.5)
    assert [(it.text, it.actors) for it in found] == [("ada keeps ten bees here", ("Ada", "Bruno"))]
    assert (await store.get_stats()).chunks == 2


async def test_learning_absorbs_what_is_about_as_similar(store: RagStore) -> None:
    await store.store_document("ada keeps nine bees here", ["Ada"])
    await store.store_document("ada keeps eight bees here", ["Bruno"])
    await store.store_document("ada sails", ["Cleo"])
    await store.learn([Fragment("ada keeps ten bees here")], consolidate_threshold=0.1)
    assert sorted(await texts(store)) == ["ada keeps ten bees here", "ada sails"]
    (found,) = await store.retrieve_similar("ada keeps ten bees here", 0.9)
    assert found.actors == ("Ada", "Bruno")


async def test_facts_learned_together_do_not_overwrite_each_other(store: RagStore) -> None:
    facts = ["ada keeps ten bees here", "ada keeps ten goats here", "ada keeps ten bees here"]
    await store.store_document("ada keeps nine bees here")
    await store.learn([Fragment(fact) for fact in facts])
    assert sorted(await texts(store)) == facts[:2]


async def test_the_same_key_learns_once_also_while_the_embedder_is_down(
    store: RagStore, embedder: StubEmbedder
) -> None:
    first = await store.learn([Fragment("ada")], key="run/0000-001-000")
    await store.update_chunk(first.stored[0], "something else")
    embedder.down = True
    assert await store.learn([Fragment("ada")], key="run/0000-001-000") == first
    embedder.down = False
    assert await texts(store) == ["something else"]


async def test_a_failing_embedder_learns_nothing_and_records_nothing(
    store: RagStore, embedder: StubEmbedder
) -> None:
    embedder.down = True
    with pytest.raises(ModelUnavailable):
        await store.learn([Fragment("ada")], key="k")
    embedder.down = False
    await store.learn([Fragment("ada")], key="k")
    assert await texts(store) == ["ada"]


async def test_a_step_learns_each_of_its_lessons_once(store: RagStore) -> None:
    for _ in range(2):
        step = StepStore(store, "run/0000-001-000")
        await step.learn([Fragment("ada")], consolidate_threshold=0.1)
        await step.learn([Fragment("bruno")], consolidate_threshold=0.1)
    assert sorted(await texts(store)) == ["ada", "bruno"]
    (found,) = await step.retrieve("bruno", threshold=0.5)
    assert found.text == "bruno"
