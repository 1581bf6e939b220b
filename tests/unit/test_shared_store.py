"""One store used by several at once: tasks, connections, processes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from regions_dist.domain.resources import Fragment
from regions_dist.errors import StoreProblem
from regions_dist.resources import store_file
from tests.stub_embedder import document, store_in, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regions_dist.resources.rag_store import RagStore

    Open = Callable[[], RagStore]


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[Open]:
    stores: list[RagStore] = []

    def open_it() -> RagStore:
        stores.append(store_in(tmp_path))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def store(open_store: Open) -> RagStore:
    return open_store()


async def test_a_write_of_another_process_is_seen_by_the_next_search(open_store: Open) -> None:
    one, other = open_store(), open_store()
    await one.store_document("ada")
    assert await texts(one) == ["ada"]
    await other.store_document("ada too")
    assert await texts(one) == ["ada", "ada too"]


async def test_updates_and_removals_of_others_are_seen_by_the_next_search(
    open_store: Open,
) -> None:
    one, other = open_store(), open_store()
    await one.add([document("a", "ada keeps bees"), document("b", "ada sails")])
    first, second = await one.retrieve_similar("ada keeps bees", 0.1)
    await other.update_chunk(first.id, "ada keeps goats")
    await other.delete_chunk(second.id)
    assert await texts(one) == ["ada keeps goats"]
    await other.learn([Fragment("ada keeps goats here")])
    assert await texts(one) == ["ada keeps goats here"]


async def test_many_writers_lose_nothing(open_store: Open) -> None:
    stores = [open_store() for _ in range(4)]
    await asyncio.gather(*(store.store_document(f"ada {n}") for n in range(5) for store in stores))
    assert (await stores[0].get_stats()).chunks == 20


async def test_readers_answer_while_a_write_is_under_way(store: RagStore) -> None:
    await store.store_document("ada", ["Ada"])
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM documents")
    assert await texts(store) == ["ada"]
    assert len(await store.retrieve_by_actor(["Ada"])) == 1
    assert (await store.get_stats()).chunks == 1
    writer.execute("ROLLBACK")
    writer.close()


async def test_searches_and_writes_of_one_process_go_on_side_by_side(store: RagStore) -> None:
    await store.store_document("ada at first")
    writing = asyncio.gather(*(store.store_document(f"ada {number}") for number in range(20)))
    while not writing.done():
        assert "ada at first" in await texts(store)
        await asyncio.sleep(0)
    assert len(await texts(store)) == 21


async def test_a_write_that_waits_too_long_for_another_says_so(
    store: RagStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_file, "_BUSY_SECONDS", 0.05)
    await store.store_document("ada")
    store.close()
    writer = sqlite3.connect(store.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreProblem, match=r"locked.*no other process"):
        await store.store_document("bruno")
    writer.close()
    await store.store_document("bruno")
    assert sorted(await texts(store)) == ["ada", "bruno"]


async def test_processes_that_open_and_fill_one_store_at_once_lose_nothing(
    store: RagStore, tmp_path: Path
) -> None:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, __file__, str(tmp_path), str(number), env=paths
        )
        for number in range(3)
    ]
    assert [await writer.wait() for writer in writers] == [0, 0, 0]
    assert (await store.get_stats()).chunks == 30


async def _fill(folder: Path, writer: str) -> None:
    store = store_in(folder)
    for number in range(10):
        await store.store_document(f"writer {writer} says {number}")
    store.close()


if __name__ == "__main__":
    asyncio.run(_fill(Path(sys.argv[1]), sys.argv[2]))
