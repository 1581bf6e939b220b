"""A model's file, served by a real llama.cpp, asked over the link and the embedder."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.config import EmbeddingSettings, LLMSettings, Settings
from regions_dist.domain.message import Message
from regions_dist.domain.plan import Plan, RegionEntry
from regions_dist.domain.regions import Region
from regions_dist.embedded.gguf import GgufServer
from regions_dist.embedded.processes import Household
from regions_dist.errors import BadInput, ModelUnavailable, Unavailable
from regions_dist.resources.embedders import HttpEmbedder
from regions_dist.resources.llm_link import LLMLink
from regions_dist.runs.local import Local

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

N_CTX = 512
SCHEMA = {
    "type": "array",
    "items": {"type": "string", "maxLength": 20},
    "minItems": 1,
    "maxItems": 2,
}


@pytest.fixture(scope="module")
def household() -> Iterator[Household]:
    with Household() as household:
        yield household


@pytest.fixture(scope="module")
def served(household: Household, model_file: Path, tmp_path_factory: Any) -> LLMSettings:
    settings = LLMSettings(gguf=model_file, context=N_CTX, params={"temperature": 0})
    log = tmp_path_factory.mktemp("model") / "log"
    return asyncio.run(GgufServer(household, settings, name="model", log=log).up())


@pytest.fixture(scope="module")
def served_embedder(
    household: Household, model_file: Path, tmp_path_factory: Any
) -> EmbeddingSettings:
    settings = EmbeddingSettings(gguf=model_file, slots=2)
    log = tmp_path_factory.mktemp("embedder") / "log"
    return asyncio.run(GgufServer(household, settings, name="embedder", log=log).up())


@pytest.fixture
async def link(served: LLMSettings) -> AsyncIterator[LLMLink]:
    link = LLMLink.of(served)
    yield link
    await link.aclose()


async def test_it_says_its_name_its_health_and_its_context(link: LLMLink, model_file: Path) -> None:
    assert await link.model() == model_file.stem
    assert await link.health() == (200, "ok")
    assert await link.context() == N_CTX


async def test_its_answer_is_streamed_token_by_token(link: LLMLink) -> None:
    told: list[tuple[int, float]] = []
    answer = await link.chat(
        "Say hello.", max_tokens=6, progress=lambda *told_now: told.append(told_now)
    )
    assert answer
    assert [count for count, _ in told[:3]] == [1, 2, 3]
    assert told[-1][0] <= 6
    assert told[-1][1] > 0


async def test_one_connection_serves_stream_after_stream(link: LLMLink) -> None:
    first = await link.text("One two three", max_tokens=3)
    assert await link.text("One two three", max_tokens=3) == first


async def test_it_counts_tokens(link: LLMLink) -> None:
    count = await link.n_tokens("Hello there")
    assert (count, count.estimated) == (2, False)


async def test_it_keeps_to_a_schema_while_it_streams(link: LLMLink) -> None:
    answer = json.loads(await link.chat("Name two colours.", schema=SCHEMA, max_tokens=60))
    assert 1 <= len(answer) <= 2
    assert all(isinstance(colour, str) and len(colour) <= 20 for colour in answer)


async def test_knowledge_beyond_its_context_is_cut_before_it_is_asked(link: LLMLink) -> None:
    # Given knowledge of three times the context
    told = [Message("Facts", "Guide", "reply", f"{n}. The old bell rang. " * 60) for n in range(4)]
    region = Region("Guide", "Tell what happened.", link)
    region.receive([*told, Message("terminal", "Guide", "request", "What rang?")])
    # When it answers, then from what has room: the newest
    await region.make_replies()
    assert [message.destination for message in region.posted] == ["terminal"]
    (warning,) = region.warnings
    assert "characters of Facts" in warning


async def test_a_prompt_that_was_not_cut_is_refused_with_what_to_do(link: LLMLink) -> None:
    with pytest.raises(ModelUnavailable, match=r"exceeds the available context .*Set the model's"):
        await link.chat("word " * 1000)


async def test_it_embeds_texts_in_their_order(served_embedder: EmbeddingSettings) -> None:
    embedder = HttpEmbedder(served_embedder)
    texts = ["The bell rang.", "A ship sails north.", "The bell rang."]
    one, other, again = await embedder.embed(texts)
    await embedder.aclose()
    assert embedder.dimension == 576
    assert one == pytest.approx(again, abs=1e-3)
    assert one != pytest.approx(other, abs=1e-2)


async def test_it_embeds_in_base64_too(served_embedder: EmbeddingSettings) -> None:
    packed = served_embedder.model_copy(update={"params": {"encoding_format": "base64"}})
    plain, short = HttpEmbedder(served_embedder), HttpEmbedder(packed)
    (found,), (expected,) = await short.embed(["bell"]), await plain.embed(["bell"])
    assert found == pytest.approx(expected, abs=1e-5)
    await plain.aclose()
    await short.aclose()


async def test_it_embeds_a_text_longer_than_a_usual_batch(
    served_embedder: EmbeddingSettings,
) -> None:
    embedder = HttpEmbedder(served_embedder)
    (vector,) = await embedder.embed(["bell " * 520])
    await embedder.aclose()
    assert len(vector) == 576


async def test_a_file_that_names_no_pooling_is_up_however_busy_the_machine_is(
    model_file: Path, tmp_path: Path
) -> None:
    settings = EmbeddingSettings(gguf=model_file, context=64)
    with Household() as household:
        many = [
            GgufServer(household, settings, name=f"embedder {n}", log=tmp_path / f"{n}.log")
            for n in range(8)
        ]
        async with asyncio.timeout(60):
            urls = {str((await server.up()).url) for server in many}
    assert len(urls) == len(many)


async def test_a_run_serves_the_files_that_its_regions_need(
    model_file: Path, tmp_path: Path
) -> None:
    # Given a machine whose config gives its model and its store's embedder as files
    settings = Settings(
        home=tmp_path,
        llm={"default": LLMSettings(gguf=model_file, context=64)},
        embedding={
            "default": EmbeddingSettings(gguf=model_file, context=64),
            "other": EmbeddingSettings(gguf=tmp_path / "not needed"),
        },
    )
    regions = (
        RegionEntry(name="Guide", type="Region"),
        RegionEntry(name="Facts", type="RAGRegion"),
    )
    plan = Plan(regions=regions, layer_config=(), execution_config=(), execution_order=())
    local = Local(settings, tmp_path, say=print)
    # When a run is prepared, then its workers are told where these are served
    try:
        prepared = await local.prepare(plan)
        link = LLMLink.of(prepared.llm["default"])
        assert await link.health() == (200, "ok")
        await link.aclose()
    finally:
        await local.stop()
    assert prepared.embedding["default"].url
    assert prepared.embedding["other"] == settings.embedding["other"]


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    settings = LLMSettings(gguf=tmp_path / "none.gguf")
    with Household() as household, pytest.raises(Unavailable, match=r"none.gguf: there is no such"):
        asyncio.run(GgufServer(household, settings, name="model", log=tmp_path / "log").up())


def test_settings_without_a_file_are_refused(tmp_path: Path) -> None:
    with Household() as household, pytest.raises(BadInput, match="no gguf"):
        GgufServer(household, EmbeddingSettings(), name="embedder", log=tmp_path / "log")
