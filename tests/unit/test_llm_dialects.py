"""What differs between servers: how they list models, count tokens, and keep thoughts apart.

The answers here were written by hand after the servers' public documentation: llama.cpp's
tools/server/README.md, vLLM's "OpenAI-compatible server" and "Reasoning outputs", Ollama's
docs/api.md and "Context length", LM Studio's "REST API v0", OpenAI's API reference. A real
llama.cpp is asked in tests/integration/test_gguf.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from regions_dist.resources.llm_link import LLMLink
from tests.stub_model import Raw, Stream, StubModel

Connect = Callable[..., LLMLink]

TEXT = "The bell was silver."
NOT_THERE = Raw(404, '{"error": "not found"}')

LLAMA_CPP = {
    "/v1/models": {
        "object": "list",
        "data": [{"id": "qwen3-4b", "object": "model", "owned_by": "llamacpp"}],
    },
    "/props": {
        "default_generation_settings": {"n_ctx": 4096, "params": {"temperature": 0.8}},
        "total_slots": 2,
        "model_path": "/models/qwen3-4b.gguf",
    },
    "/tokenize": {"tokens": [450, 24034, 471, 13347, 29889]},
    "/health": {"status": "ok"},
}
VLLM = {
    "/v1/models": {
        "object": "list",
        "data": [
            {
                "id": "Qwen/Qwen3-8B",
                "object": "model",
                "owned_by": "vllm",
                "root": "Qwen/Qwen3-8B",
                "max_model_len": 32768,
            }
        ],
    },
    "/tokenize": {"count": 5, "max_model_len": 32768, "tokens": [785, 22598, 572, 14396, 13]},
    "/health": Raw(200, ""),
}
OLLAMA = {
    "/v1/models": {
        "object": "list",
        "data": [{"id": "llama3.2:latest", "object": "model", "owned_by": "library"}],
    },
    "/api/ps": {"models": [{"name": "llama3.2:latest", "context_length": 8192}]},
    "/api/show": {
        "parameters": 'stop "<|eot_id|>"',
        "model_info": {"general.architecture": "llama", "llama.context_length": 131072},
    },
}
LM_STUDIO = {
    "/v1/models": {
        "object": "list",
        "data": [
            {"id": "text-embedding-nomic-embed-text-v1.5", "object": "model"},
            {"id": "qwen2.5-7b-instruct", "object": "model"},
        ],
    },
    "/api/v0/models/qwen2.5-7b-instruct": {
        "id": "qwen2.5-7b-instruct",
        "type": "llm",
        "state": "loaded",
        "max_context_length": 32768,
        "loaded_context_length": 4096,
    },
    # It answers 200 for what it does not know.
    "/health": {"error": "Unexpected endpoint or method. (GET /health)"},
    "/props": {"error": "Unexpected endpoint or method. (GET /props)"},
    "/api/ps": {"error": "Unexpected endpoint or method. (GET /api/ps)"},
    "/tokenize": {"error": "Unexpected endpoint or method. (POST /tokenize)"},
}
OPENAI = {"/v1/models": {"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model"}]}}

SERVERS = {
    "llama.cpp": (LLAMA_CPP, "qwen3-4b", 4096, 5),
    "vLLM": (VLLM, "Qwen/Qwen3-8B", 32768, 5),
    "Ollama": (OLLAMA, "llama3.2:latest", 8192, None),
    "LM Studio": (LM_STUDIO, "qwen2.5-7b-instruct", 4096, None),
    "OpenAI": (OPENAI, "gpt-4o-mini", None, None),
}


def of_server(pages: dict[str, Any]) -> StubModel:
    """A stub that knows these paths only, and the completions."""
    stub = StubModel()
    stub.pages = {"/health": NOT_THERE, "/props": NOT_THERE, **pages}
    return stub


@pytest.mark.parametrize(("pages", "model", "context", "tokens"), SERVERS.values(), ids=SERVERS)
async def test_a_server_says_its_model_its_context_and_tokens(
    connect: Connect, pages: dict[str, Any], model: str, context: int | None, tokens: int | None
) -> None:
    with of_server(pages) as stub:
        link = connect(stub)
        assert await link.model() == model
        assert await link.context() == context
        count = await link.n_tokens(TEXT)
        assert (count.estimated, count) == (tokens is None, tokens or count)
        assert await link.health() == (200, "ok")


async def test_an_estimate_of_tokens_is_rather_too_high(connect: Connect) -> None:
    with of_server(OPENAI) as stub:
        link = connect(stub)
        assert 5 < await link.n_tokens(TEXT) < len(TEXT)
        assert await link.n_tokens("銀の鐘だった。") >= 7
        assert sum(path == "/tokenize" for path, _ in stub.requests) == 1


async def test_a_tokenizer_that_is_busy_is_asked_again_later(connect: Connect) -> None:
    with of_server(LLAMA_CPP | {"/tokenize": Raw(503, "")}) as stub:
        link = connect(stub)
        assert (await link.n_tokens(TEXT)).estimated
        stub.pages["/tokenize"] = LLAMA_CPP["/tokenize"]
        assert not (await link.n_tokens(TEXT)).estimated


async def test_newer_llama_cpp_lists_the_context_of_a_slot(connect: Connect) -> None:
    entry = {"id": "qwen3-4b", "meta": {"n_ctx": 2048, "n_ctx_train": 40960}}
    with of_server({"/v1/models": {"data": [entry]}}) as stub:
        assert await connect(stub).context() == 2048


async def test_the_list_of_models_of_llama_cpp_and_ollama_may_have_another_form(
    connect: Connect,
) -> None:
    models = {"models": [{"name": "llama3.2:latest", "model": "llama3.2:latest"}]}
    with of_server({"/v1/models": models}) as stub:
        assert await connect(stub).model() == "llama3.2:latest"


@pytest.mark.parametrize(
    ("parameters", "most", "context"),
    [("", 131072, 4096), ("num_ctx                        16384", 131072, 16384), ("", 2048, 2048)],
)
async def test_ollama_has_at_least_its_default_until_it_has_loaded_the_model(
    connect: Connect, parameters: str, most: int, context: int
) -> None:
    shown = {"parameters": parameters, "model_info": {"llama.context_length": most}}
    with of_server(OLLAMA | {"/api/ps": {"models": []}, "/api/show": shown}) as stub:
        link = connect(stub)
        assert await link.context() == context
        stub.pages["/api/ps"] = OLLAMA["/api/ps"]
        assert await link.context() == 8192


async def test_lm_studio_tells_what_a_model_could_have_before_it_is_loaded(
    connect: Connect,
) -> None:
    entry = {"id": "qwen2.5-7b-instruct", "state": "not-loaded", "max_context_length": 32768}
    with of_server(LM_STUDIO | {"/api/v0/models/qwen2.5-7b-instruct": entry}) as stub:
        assert await connect(stub).context() == 32768


async def test_a_configured_context_is_not_asked_for(connect: Connect) -> None:
    with of_server(LLAMA_CPP) as stub:
        assert await connect(stub, context=1024).context() == 1024
        assert stub.requests == []


async def test_a_model_that_is_loading_is_told_so(connect: Connect) -> None:
    loading = Raw(503, '{"error": {"code": 503, "message": "Loading model"}}')
    with of_server({"/health": loading}) as stub:
        assert await connect(stub).health() == (503, "loading")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("form", ["message", "delta"])
async def test_thoughts_in_a_field_of_their_own_are_no_part_of_the_answer(
    connect: Connect, field: str, form: str
) -> None:
    """llama.cpp and older vLLM call it reasoning_content, newer vLLM and Ollama reasoning."""
    part = {"role": "assistant", "content": "Silver.", field: "A bell, hm."}
    choice = {"index": 0, "finish_reason": "stop", form: part}
    body = json.dumps({"choices": [choice]})
    answer = Raw(200, body) if form == "message" else Stream([body, "[DONE]"])
    with StubModel(lambda _: answer) as stub:
        assert await connect(stub).chat("What was the bell?") == "Silver."


async def test_llama_cpp_names_an_error_in_the_middle_of_a_stream_in_its_own_way(
    connect: Connect,
) -> None:
    event = '{"choices": [{"delta": {"content": "Sil"}}]}\n\nerror: {"error": {"message": "full"}}'
    answers: list[str | Stream] = [Stream([event]), "Silver."]
    with StubModel(lambda _: answers.pop(0)) as stub:
        assert await connect(stub).chat("What was the bell?") == "Silver."


async def test_a_prompt_too_long_for_the_server_says_what_to_set(connect: Connect) -> None:
    refusal = {
        "code": 400,
        "type": "exceed_context_size_error",
        "message": "request (2031 tokens) exceeds the available context size (512 tokens)",
    }
    with (
        StubModel(lambda _: Raw(400, json.dumps({"error": refusal}))) as stub,
        pytest.raises(Exception, match=r"2031 tokens.* Set the model's context"),
    ):
        await connect(stub).chat("hi")


async def test_room_counts_examples_and_keeps_some_for_the_answer(connect: Connect) -> None:
    with of_server(LLAMA_CPP) as stub:
        link = connect(stub, examples=[("2+2?", "4")], params={"max_tokens": 1000})
        short = await link.room([{"role": "user", "content": "hi"}])
        assert short is not None
        assert (short.given, short.excess) == (3096, 0)
        assert short.taken >= len("2+2?4hi")
        assert all(path != "/tokenize" for path, _ in stub.requests)
        long = await link.room([{"role": "user", "content": "word " * 2000}])
        assert long is not None
        assert long.taken == 5 + 3 * 16
        most = await link.room([{"role": "user", "content": "hi"}], max_tokens=100_000)
        assert most is not None
        assert most.given == 2048


async def test_room_is_not_known_where_no_server_says_its_context(connect: Connect) -> None:
    with of_server(OPENAI) as stub:
        assert await connect(stub).room([{"role": "user", "content": "hi"}]) is None
