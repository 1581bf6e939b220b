"""Taking documents in: batches, resumption, progress, export and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from regions_dist.errors import BadAnswer, FileProblem, ModelUnavailable, StoreRefused
from regions_dist.resources.documents import read_documents
from regions_dist.resources.kept_vectors import BATCH
from tests.stub_embedder import StubEmbedder, document, store_in, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from regions_dist.resources.documents import Document
    from regions_dist.resources.rag_store import RagStore


@pytest.fixture
def embedder() -> StubEmbedder:
    return StubEmbedder(dimension=8)


@pytest.fixture
def store(tmp_path: Path, embedder: StubEmbedder) -> Iterator[RagStore]:
    store = store_in(tmp_path, embedder)
    yield store
    store.close()


def many(count: int) -> list[Document]:
    return [document(f"d{number}", f"ada says {number}") for number in range(count)]


def asked(embedder: StubEmbedder) -> list[str]:
    return [text for call in embedder.calls for text in call]


async def test_many_small_documents_are_embedded_in_batches(
    store: RagStore, embedder: StubEmbedder
) -> None:
    added = await store.add(many(2 * BATCH + 1))
    assert [len(call) for call in embedder.calls] == [BATCH, BATCH, 1]
    assert (added.documents, added.chunks, added.unchanged) == (2 * BATCH + 1, 2 * BATCH + 1, 0)


async def test_interrupted_work_goes_on_without_repeating_finished_batches(
    store: RagStore, embedder: StubEmbedder
) -> None:
    documents = many(3 * BATCH)
    embedder.calls_left = 2
    with pytest.raises(ModelUnavailable):
        await store.add(documents)
    assert (await store.get_stats()).documents == 2 * BATCH

    embedder.calls_left = None
    added = await store.add(documents)

    assert (added.documents, added.unchanged) == (BATCH, 2 * BATCH)
    assert sorted(asked(embedder)) == sorted(it.parts[0].text for it in documents)


async def test_a_large_document_is_whole_or_not_there_and_goes_on_where_it_was(
    store: RagStore, embedder: StubEmbedder
) -> None:
    book = document("book", *(f"ada on page {number}" for number in range(3 * BATCH)))
    embedder.calls_left = 2
    with pytest.raises(ModelUnavailable):
        await store.add([book])
    left = await store.get_stats()
    assert (left.documents, left.chunks, left.kept) == (0, 0, 2 * BATCH)

    embedder.calls_left = None
    await store.add([book])

    done = await store.get_stats()
    assert (done.documents, done.chunks, done.kept) == (1, 3 * BATCH, 0)
    assert sorted(asked(embedder)) == sorted(part.text for part in book.parts)


async def test_a_fill_that_was_interrupted_is_finished_by_the_next_one(
    store: RagStore, embedder: StubEmbedder, tmp_path: Path
) -> None:
    lines = [json.dumps({"content": f"ada says {number}"}) for number in range(2 * BATCH)]
    file = tmp_path / "facts.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    embedder.calls_left = 1
    with pytest.raises(ModelUnavailable):
        await store.fill([file])
    assert (await store.get_stats()).documents == BATCH

    embedder.calls_left = None
    await store.fill([file])

    assert (await store.get_stats()).documents == 2 * BATCH
    assert [len(call) for call in embedder.calls] == [BATCH, BATCH]


async def test_a_store_that_holds_something_is_not_filled(store: RagStore, tmp_path: Path) -> None:
    file = tmp_path / "fact.txt"
    file.write_text("ada sails", encoding="utf-8")
    await store.fill([file])
    (name,) = [each.id async for each in store.documents()]
    await store.update_document(name, "ada rows")

    await store.fill([file])

    assert await texts(store) == ["ada rows"]


async def test_a_text_that_comes_often_is_embedded_once(
    store: RagStore, embedder: StubEmbedder
) -> None:
    await store.add([document(f"d{number}", "ada keeps bees") for number in range(9)])
    assert embedder.calls == [["ada keeps bees"]]
    assert len(await texts(store)) == 9


async def test_progress_counts_chunks_up_to_all_also_those_that_were_there(
    store: RagStore,
) -> None:
    documents = many(BATCH + 20)
    await store.add(documents[:30])
    told: list[tuple[int, int]] = []
    await store.add(documents, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (BATCH + 20, BATCH + 20)


async def test_a_document_that_has_lost_its_text_is_removed(store: RagStore) -> None:
    await store.add([document("d", "ada")])
    added = await store.add([document("d", " \n ")])
    assert (added.documents, (await store.get_stats()).documents) == (0, 0)


async def test_another_embedder_is_refused_before_it_is_asked(
    store: RagStore, tmp_path: Path
) -> None:
    await store.add(many(1))
    other = StubEmbedder("other")
    changed = store_in(tmp_path, other)
    with pytest.raises(StoreRefused, match="regions-rag reindex"):
        await changed.add(many(2))
    changed.close()
    assert other.calls == []


class OddEmbedder(StubEmbedder):
    """A stub that answers what it is told to."""

    answer: Sequence[Sequence[float]] = ()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """The answer, whatever is asked."""
        return [list(row) for row in self.answer]


@pytest.mark.parametrize(
    "answer", [[], [[1.0], [1.0]], [[]], [[float("nan")]], [[float("inf")]], [["x"]]]
)
async def test_an_embedders_nonsense_is_refused_and_stores_nothing(
    tmp_path: Path, answer: list[list[float]]
) -> None:
    embedder = OddEmbedder()
    embedder.answer = answer
    store = store_in(tmp_path, embedder)
    with pytest.raises(BadAnswer):
        await store.store_document("ada")
    assert (await store.get_stats()).chunks == 0
    store.close()


async def test_what_is_exported_can_be_taken_in_again(
    store: RagStore, tmp_path: Path, embedder: StubEmbedder
) -> None:
    long = " ".join(f"Ada says {number}." for number in range(200))
    await store.store_document(long, ["Ada"], "long")
    await store.add([document("parts", "one\u2028two", "three", actors=("Zoë",))])
    lines = [
        json.dumps({"content": p.text, "actors": p.actors, "document_id": d.id}, ensure_ascii=False)
        async for d in store.documents()
        for p in d.parts
    ]
    (tmp_path / "out.jsonl").write_text("\n".join(lines), encoding="utf-8")

    other = store_in(tmp_path / "other", embedder)
    await other.store([tmp_path / "out.jsonl"])

    copied = [it async for it in other.documents()]
    assert copied == [it async for it in store.documents()]
    assert [it.id for it in copied] == ["long", "parts"]
    other.close()


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_files_hold_documents_in_their_own_ways(tmp_path: Path) -> None:
    files = [
        write(tmp_path, "a.md", "\ufeffAda keeps bees."),
        write(tmp_path, "b.json", '{"content": "one", "actors": ["Ada"], "document_id": 7}'),
        write(tmp_path, "c.jsonl", '{"content": "two"}\n\n{"content": "th\u2028ree"}\n'),
    ]
    found = read_documents(files, ["Zoe", "Ada"])
    assert [it.id.removeprefix(tmp_path.resolve().as_posix()) for it in found] == [
        "/a.md",
        "7",
        "/c.jsonl#1",
        "/c.jsonl#2",
    ]
    assert [it.parts[0].text for it in found] == ["Ada keeps bees.", "one", "two", "th\u2028ree"]
    assert [it.parts[0].actors for it in found][:2] == [("Zoe", "Ada"), ("Ada", "Zoe")]


def test_files_of_the_same_name_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    files = [write(tmp_path / "x", "n.txt", "one"), write(tmp_path / "y", "n.txt", "two")]
    assert len({it.id for it in read_documents(files)}) == 2


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", b"\xff\xfe", "byte 0: expected text in UTF-8"),
        ("a.json", "{", "is not JSON"),
        ("a.json", '[{"content": "x"}, 3]', r"document 2: expected \{"),
        ("a.jsonl", '{"content": "x"}\n\n{"content": 3}', "line 3: expected"),
        ("a.jsonl", '{"content": "x"}\n{', "line 2: is not JSON"),
        ("a.jsonl", '{"content": "x", "actors": "Ada"}', "line 1: actors: expected a list"),
        ("a.jsonl", '{"content": "x", "document_id": []}', "line 1: document_id: expected a text"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_with_the_place(
    tmp_path: Path, name: str, text: str | bytes, message: str
) -> None:
    file = write(tmp_path, name, text)
    with pytest.raises(FileProblem, match=message) as raised:
        read_documents([file])
    assert str(file) in raised.value.message
