"""Embedders: over HTTP against a stub server, and the one inside the process."""

import math
from collections.abc import AsyncIterator, Iterator

import pytest

from regions_dist.config import EmbeddingSettings
from regions_dist.errors import BadAnswer, BadInput, ModelUnavailable
from regions_dist.resources.embedders import HttpEmbedder, WordLlamaEmbedder
from tests.stub_model import StubModel, word_vector


async def _no_pause(_: float) -> None:
    """Try again at once."""


def _dot(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.fixture
def stub() -> Iterator[StubModel]:
    with StubModel() as server:
        yield server


@pytest.fixture
async def embedder(stub: StubModel) -> AsyncIterator[HttpEmbedder]:
    embedder = HttpEmbedder(EmbeddingSettings(url=stub.url, batch=3), wait=_no_pause)
    yield embedder
    await embedder.aclose()


async def test_texts_are_embedded_in_their_order(embedder: HttpEmbedder) -> None:
    assert await embedder.embed(["a b", "c"]) == [word_vector("a b"), word_vector("c")]
    assert (embedder.model, embedder.dimension) == ("stub", 256)


async def test_many_texts_go_in_batches(stub: StubModel, embedder: HttpEmbedder) -> None:
    texts = [f"text {number}" for number in range(7)]
    assert await embedder.embed(texts) == [word_vector(text) for text in texts]
    sizes = [len(body["input"]) for path, body in stub.requests if path == "/v1/embeddings"]
    assert sizes == [3, 3, 1]


async def test_an_embedder_that_fails_is_unavailable_after_retries(
    stub: StubModel, embedder: HttpEmbedder
) -> None:
    stub.embedding_status = 500
    with pytest.raises(ModelUnavailable, match=r"the embedder 'default' at .* HTTP 500"):
        await embedder.embed(["a"])
    assert sum(path == "/v1/embeddings" for path, _ in stub.requests) == 4


@pytest.mark.parametrize("vector", [[math.nan, 1.0], [], ["x"]])
async def test_vectors_that_are_no_numbers_are_a_bad_answer(
    stub: StubModel, embedder: HttpEmbedder, vector: list[float]
) -> None:
    stub.embedding = lambda _: vector
    with pytest.raises(BadAnswer):
        await embedder.embed(["a"])


async def test_a_dimension_that_changes_is_a_bad_answer(
    stub: StubModel, embedder: HttpEmbedder
) -> None:
    await embedder.embed(["a"])
    stub.embedding = lambda _: [1.0, 2.0]
    with pytest.raises(BadAnswer, match="2 dimensions instead of 256"):
        await embedder.embed(["a"])


def test_an_embedder_without_a_url_is_refused() -> None:
    with pytest.raises(BadInput, match="no url"):
        HttpEmbedder(EmbeddingSettings())


async def test_the_embedded_embedder_knows_what_is_alike() -> None:
    embedder = WordLlamaEmbedder()
    bees, honey, ships = await embedder.embed(
        ["Ada keeps bees.", "She has beehives and honey.", "The ship sails to Norway."]
    )
    assert (embedder.model, embedder.dimension) == ("wordllama-256", len(bees))
    assert _dot(bees, honey) > _dot(bees, ships)


async def test_no_texts_need_no_call() -> None:
    assert await WordLlamaEmbedder().embed([]) == []
