"""Embedders: over HTTP against a stub server, and the one inside the process."""

import base64
import math
import struct
import subprocess
import sys
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


def base64_of(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


async def test_vectors_may_come_as_base64(stub: StubModel, embedder: HttpEmbedder) -> None:
    stub.embedding = lambda text: base64_of(word_vector(text))
    assert await embedder.embed(["a b", "c"]) == [word_vector("a b"), word_vector("c")]


@pytest.mark.parametrize(
    ("places", "found"),
    [((1, 0), [[2.0], [1.0]]), ((None, None), [[1.0], [2.0]]), ((0, 0), None), ((1, 2), None)],
)
async def test_vectors_are_taken_in_the_order_of_their_index(
    stub: StubModel,
    embedder: HttpEmbedder,
    places: tuple[int | None, ...],
    found: list[list[float]] | None,
) -> None:
    data = [
        {"embedding": [number]} | ({} if place is None else {"index": place})
        for place, number in zip(places, (1.0, 2.0), strict=True)
    ]
    stub.pages["/v1/embeddings"] = {"data": data}
    if found is None:
        with pytest.raises(BadAnswer, match="no embeddings"):
            await embedder.embed(["a", "b"])
    else:
        assert await embedder.embed(["a", "b"]) == found


async def test_params_go_into_each_request(stub: StubModel) -> None:
    embedder = HttpEmbedder(EmbeddingSettings(url=stub.url, params={"dimensions": 256}))
    await embedder.embed(["a"])
    await embedder.aclose()
    assert stub.requests[-1][1]["dimensions"] == 256


async def test_an_embedder_is_preferred_in_a_list_of_models(
    stub: StubModel, embedder: HttpEmbedder
) -> None:
    stub.models = {"data": [{"id": "qwen"}, {"id": "nomic-embed"}]}
    await embedder.embed(["a"])
    assert embedder.model == "nomic-embed"


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


def test_loading_the_embedded_embedder_leaves_a_programs_logging_alone() -> None:
    program = (
        "import logging; from regions_dist.resources.embedders import WordLlamaEmbedder;"
        "WordLlamaEmbedder().load(); root = logging.getLogger(); print(root.handlers, root.level)"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert ended.stdout.decode().strip() == "[] 30"
    assert ended.stderr.decode() == ""
