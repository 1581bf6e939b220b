"""Searching a store by the actors that its chunks are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.resources import Fragment
from tests.stub_embedder import StubEmbedder, store_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from regions_dist.resources.rag_store import RagStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[RagStore]:
    store = store_in(tmp_path)
    await store.store_document("about both", ["Ada", "Bruno"])
    await store.store_document("about ada", ["Ada"])
    await store.store_document("about three", ["Ada", "Bruno", "Cleo"])
    await store.store_document("about nobody")
    yield store
    store.close()


async def found(store: RagStore, actors: list[str], threshold: float) -> dict[str, float]:
    return {it.text: it.similarity for it in await store.retrieve_by_actor(actors, threshold, 10)}


async def test_the_similarity_is_the_matched_over_n_and_the_difference_in_number(
    store: RagStore,
) -> None:
    assert await found(store, ["Ada", "Bruno"], 0.0) == {
        "about both": 2 / (2 + 0),
        "about three": 2 / (2 + 1),
        "about ada": 1 / (2 + 1),
    }


async def test_the_best_come_first_and_the_threshold_cuts(store: RagStore) -> None:
    assert list(await found(store, ["Ada"], 0.0)) == ["about ada", "about both", "about three"]
    assert list(await found(store, ["Ada"], 0.5)) == ["about ada", "about both"]
    assert [it.text for it in await store.retrieve_by_actor(["Ada"])] == ["about ada"]
    assert len(await store.retrieve_by_actor(["Ada"], 0.0, 2)) == 2


@pytest.mark.parametrize("actors", [[], ["Nobody"], ["ada"], [" "]])
async def test_actors_that_nothing_is_about_find_nothing(
    store: RagStore, actors: list[str]
) -> None:
    assert await found(store, actors, 0.0) == {}


async def test_an_actor_asked_for_twice_counts_once(store: RagStore) -> None:
    assert (await found(store, ["Ada", "Ada"], 0.0))["about ada"] == 1.0


async def test_updated_learned_and_removed_chunks_are_found_by_their_actors_of_now(
    store: RagStore,
) -> None:
    (old,) = await store.retrieve_by_actor(["Ada"])
    await store.update_chunk(old.id, "about dora", ["Dora"])
    await store.learn([Fragment("zebras live in herds", ("Emil",))])
    assert await found(store, ["Dora"], 0.9) == {"about dora": 1.0}
    assert await found(store, ["Emil"], 0.9) == {"zebras live in herds": 1.0}
    assert await found(store, ["Ada"], 0.9) == {}

    await store.delete_chunk(old.id)
    assert await found(store, ["Dora"], 0.0) == {}


@pytest.mark.usefixtures("store")
async def test_no_embedder_is_needed(tmp_path: Path) -> None:
    embedder = StubEmbedder()
    embedder.down = True
    other = store_in(tmp_path, embedder)
    assert len(await other.retrieve_by_actor(["Ada"])) == 1
    other.close()
