"""The link to a language model, against a stub server."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import pytest

from regions_dist.config import Settings
from regions_dist.errors import BadAnswer, BadInput, FileProblem, ModelUnavailable
from regions_dist.resources.address import base_url
from regions_dist.resources.llm_link import LLMLink
from tests.stub_model import Raw, StubModel
from tests.unit.conftest import Pauses

HELLO = [{"role": "system", "content": "focus: hello"}, {"role": "user", "content": "hi"}]
SCHEMA = {"type": "array", "items": {"type": "string"}}

Connect = Callable[..., LLMLink]


def in_turn(*answers: str | int | Raw) -> Callable[[dict[str, Any]], str | int | Raw]:
    left = list(answers)
    return lambda _: left.pop(0)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nas:8080", "http://nas:8080/v1"),
        ("localhost", "http://localhost/v1"),
        ("http://nas:8080/", "http://nas:8080/v1"),
        ("https://host/v1", "https://host/v1"),
        ("https://host/v1/", "https://host/v1"),
        ("https://host/models/llama", "https://host/models/llama/v1"),
        ("https://host/v1/chat/completions", "https://host/v1"),
        ("https://host/v1beta/openai/", "https://host/v1beta/openai"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_a_url_may_be_written_in_any_usual_way(written: str, meant: str) -> None:
    assert base_url(written) == meant


@pytest.mark.parametrize("written", ["", "ftp://nas", "nas:port", "http://", "a model"])
def test_what_is_no_url_is_refused_with_what_is_expected(written: str) -> None:
    with pytest.raises(BadInput, match="expected host:port"):
        base_url(written)


def test_a_url_that_is_refused_is_shown_without_its_password() -> None:
    with pytest.raises(BadInput) as caught:
        base_url("ftp://user:secret@nas")
    assert "secret" not in str(caught.value)


async def test_chat_sends_model_params_and_limit_and_returns_the_answer(connect: Connect) -> None:
    with StubModel(in_turn("hello")) as stub:
        link = connect(stub, model="m", params={"temperature": 0.2, "max_tokens": 9})
        assert await link.chat(HELLO, max_tokens=50) == "hello"
    (body,) = stub.chats
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("m", 0.2, 50)
    assert body["messages"] == HELLO
    assert [path for path, _ in stub.requests] == ["/v1/chat/completions"]


@pytest.mark.parametrize("messages", ["hi", {"role": "user", "content": "hi"}, HELLO])
async def test_chat_takes_a_text_a_message_or_a_list_of_messages(
    connect: Connect, messages: Any
) -> None:
    with StubModel(in_turn("hello")) as stub:
        assert await connect(stub).chat(messages) == "hello"
    assert stub.chats[0]["messages"][-1] == {"role": "user", "content": "hi"}


@pytest.mark.parametrize("messages", [{"content": "hi"}, [7], ["hi"]])
async def test_what_is_no_message_is_refused(connect: Connect, messages: Any) -> None:
    with StubModel() as stub, pytest.raises(BadInput, match=r'expected \{"role", "content"\}'):
        await connect(stub).chat(messages)
    assert stub.requests == []


async def test_text_is_continued(connect: Connect) -> None:
    with StubModel(in_turn("<think>hm</think> a time")) as stub:
        assert await connect(stub, params={"seed": 7}).text("Once upon", max_tokens=9) == "a time"
    path, body = stub.requests[-1]
    assert path == "/v1/completions"
    assert (body["prompt"], body["max_tokens"], body["seed"]) == ("Once upon", 9, 7)


async def test_a_path_in_front_of_the_endpoints_is_kept(connect: Connect) -> None:
    with StubModel(in_turn("hello")) as stub:
        await connect(f"{stub.url}/models/llama").chat(HELLO)
    assert [path for path, _ in stub.requests] == [
        "/models/llama/v1/models",
        "/models/llama/v1/chat/completions",
    ]


@pytest.mark.parametrize("url", ["https://host/v1", "https://host", "https://host/v1/completions"])
def test_fault_https_with_v1_becomes_another_address(url: str) -> None:
    assert LLMLink(url)._endpoint.url == "https://host/v1"


def test_ssl_means_https_where_the_url_names_no_scheme() -> None:
    assert LLMLink("host:8443", ssl=True)._endpoint.url == "https://host:8443/v1"
    assert LLMLink("http://host", ssl=True)._endpoint.url == "http://host/v1"


def test_fault_a_hard_coded_address_is_the_default() -> None:
    assert signature(LLMLink).parameters["url"].default is Parameter.empty
    assert Settings().llm == {}


def test_a_setting_that_is_not_known_is_refused_with_its_name() -> None:
    with pytest.raises(BadInput, match="the model 'nas': colour: is not known; expected one of"):
        LLMLink("nas", name="nas", colour="blue")
    with pytest.raises(BadInput, match=r"the model 'nas': timeout: .* greater than 0"):
        LLMLink("nas", name="nas", timeout=0)


async def test_a_link_comes_back_from_its_file_as_it_was(connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "link.json"
    with StubModel(in_turn("hello")) as stub:
        settings = {"model": "m", "params": {"seed": 7}, "examples": [("2+2?", "4")]}
        connect(stub, name="nas", context=4096, **settings).save(file)
        link = LLMLink.load(file)
        assert await link.chat("hi") == "hello"
        await link.aclose()
    assert (link.name, await link.model(), await link.context()) == ("nas", "m", 4096)
    assert (stub.chats[0]["seed"], len(stub.chats[0]["messages"])) == (7, 3)


@pytest.mark.parametrize(
    ("text", "words"), [(None, "No such file"), ("{", "not JSON"), ("[]", "with a url")]
)
def test_a_file_that_holds_no_link_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "link.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(FileProblem, match=f"link.json: .*{words}"):
        LLMLink.load(file)


async def test_thoughts_are_stripped(connect: Connect) -> None:
    with StubModel(in_turn("<think>hm</think>hello")) as stub:
        assert (await connect(stub).chat(HELLO)).strip() == "hello"


async def test_examples_stand_between_system_message_and_question(connect: Connect) -> None:
    with StubModel(in_turn("a", "[]")) as stub:
        link = connect(stub, examples=(("2+2?", "4"),))
        await link.chat(HELLO)
        await link.chat(HELLO, schema=SCHEMA)
    roles = [[turn["role"] for turn in body["messages"]] for body in stub.chats]
    assert roles == [["system", "user", "assistant", "user"], ["system", "user"]]


async def test_a_schema_is_asked_for_as_structured_output(connect: Connect) -> None:
    with StubModel(in_turn("[]")) as stub:
        await connect(stub).chat(HELLO, schema=SCHEMA)
    form = stub.chats[0]["response_format"]
    assert form["type"] == "json_schema"
    assert form["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}


@pytest.mark.parametrize("status", [400, 404, 415, 422, 501])
async def test_a_server_that_refuses_a_schema_is_asked_without(
    connect: Connect, pauses: Pauses, status: int
) -> None:
    with StubModel(in_turn(status, "plain")) as stub:
        assert await connect(stub).chat(HELLO, schema=SCHEMA) == "plain"
    assert "response_format" not in stub.chats[1]
    assert pauses == []


async def test_errors_of_a_busy_server_are_tried_again_with_growing_pauses(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel(in_turn(500, 429, 503, "at last")) as stub:
        assert await connect(stub).chat(HELLO) == "at last"
    assert all(least <= it <= 2 * least for least, it in zip((0.05, 0.1, 0.2), pauses, strict=True))


async def test_a_server_says_itself_how_long_to_wait(connect: Connect, pauses: Pauses) -> None:
    with StubModel(in_turn(Raw(429, "", {"Retry-After": "3"}), "ok")) as stub:
        await connect(stub).chat(HELLO)
    assert pauses == [3.0]


LOADING = Raw(503, '{"error": {"code": 503, "message": "Loading model"}}')
"""As llama.cpp's server says it, hand-written from its documentation."""


async def test_a_model_that_loads_is_waited_for_longer_than_one_that_fails(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel(in_turn(*[LOADING] * 100, 500, "at last")) as stub:
        assert await connect(stub, retries=1).chat(HELLO) == "at last"
    assert pauses[:100] == [2.0] * 100


async def test_a_model_that_loads_for_too_long_is_unavailable(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel(lambda _: LOADING) as stub, pytest.raises(ModelUnavailable, match="Loading"):
        await connect(stub, retries=0, first_token_timeout=20).chat(HELLO)
    assert sum(pauses) == 20


def in_seconds(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


async def test_a_server_may_say_until_when_to_wait(connect: Connect, pauses: Pauses) -> None:
    with StubModel(in_turn(Raw(503, "", {"Retry-After": in_seconds(20)}), "ok")) as stub:
        await connect(stub).chat(HELLO)
    assert 10 < pauses[0] <= 20


async def test_a_time_that_is_past_or_cannot_be_read_is_no_reason_to_wait(
    connect: Connect, pauses: Pauses
) -> None:
    past, odd = ({"Retry-After": value} for value in (in_seconds(-60), "soon"))
    with StubModel(in_turn(Raw(429, "", past), Raw(429, "", odd), "ok")) as stub:
        await connect(stub).chat(HELLO)
    assert pauses[0] == 0
    assert 0 < pauses[1] < 1


@pytest.mark.parametrize("pause", ["3600", in_seconds(3600)])
async def test_a_server_that_wants_a_long_pause_is_given_up(connect: Connect, pause: str) -> None:
    with (
        StubModel(in_turn(Raw(429, "come back later", {"Retry-After": pause}))) as stub,
        pytest.raises(ModelUnavailable, match="come back later"),
    ):
        await connect(stub).chat(HELLO)


async def test_a_model_that_keeps_failing_is_unavailable_and_says_what_was_answered(
    connect: Connect,
) -> None:
    with StubModel(lambda _: 500) as stub, pytest.raises(ModelUnavailable) as caught:
        await connect(stub, retries=2).chat(HELLO)
    assert len(stub.chats) == 3
    for part in (stub.url, "HTTP 500", "the stub answers 500", "See the server's own log"):
        assert part in str(caught.value)


async def test_a_model_that_is_down_is_unavailable_and_named(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel() as stub:
        url = stub.url
    with pytest.raises(ModelUnavailable, match="cannot be reached") as caught:
        await connect(url, model="m").chat(HELLO)
    assert url in str(caught.value)
    assert len(pauses) == 3


@pytest.mark.parametrize(
    "body",
    ["no json", "[]", "{}", '{"choices": []}', '{"choices": [{"message": {"content": null}}]}'],
)
async def test_an_answer_of_another_form_is_a_bad_answer(connect: Connect, body: str) -> None:
    with StubModel(in_turn(Raw(200, body))) as stub, pytest.raises(BadAnswer) as caught:
        await connect(stub).chat(HELLO)
    assert stub.url in str(caught.value)


async def test_an_answer_of_nothing_but_thoughts_is_a_bad_answer(connect: Connect) -> None:
    with (
        StubModel(in_turn("<think>hm</think>")) as stub,
        pytest.raises(BadAnswer, match="besides thoughts"),
    ):
        await connect(stub).chat(HELLO)


async def test_a_kept_connection_that_broke_is_replaced_at_once(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel(in_turn("one", Raw(0), "two")) as stub:
        link = connect(stub)
        assert [await link.chat(HELLO), await link.chat(HELLO)] == ["one", "two"]
    assert pauses == []


async def test_fault_chat_ignores_the_timeout(connect: Connect, pauses: Pauses) -> None:
    released = threading.Event()
    with StubModel(lambda _: "late" if released.wait(10) else 500) as stub:
        try:
            with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.1 s"):
                await connect(stub, model="m", timeout=0.1).chat(HELLO)
        finally:
            released.set()
    assert pauses == []


@pytest.mark.parametrize(
    ("models", "name"),
    [
        ({"object": "list", "data": [{"id": "a"}, {"id": "b"}]}, "a"),
        ({"models": [{"name": "c"}]}, "c"),
        ({"models": [{"model": "d"}]}, "d"),
        ({"data": [{"id": "nomic-embed"}, {"id": "qwen"}]}, "qwen"),
        ({"data": [{"id": "bge", "type": "embeddings"}, {"id": "qwen"}]}, "qwen"),
        ({"data": [{"id": "nomic-embed"}]}, "nomic-embed"),
        ({"data": []}, "default"),
        (None, "default"),
    ],
)
async def test_fault_model_fails_on_a_standard_list_of_models(
    connect: Connect, models: object, name: str
) -> None:
    with StubModel() as stub:
        stub.models = models
        assert await connect(stub).model() == name


async def test_health_says_what_the_server_says_and_never_raises(connect: Connect) -> None:
    with StubModel() as stub:
        assert await connect(stub).health() == (200, "ok")
    assert await connect(stub.url).health() == (0, "error")


def test_a_link_may_be_used_in_one_loop_after_another() -> None:
    async def ask(link: LLMLink) -> str:
        try:
            return await link.chat(HELLO)
        finally:
            await link.aclose()

    with StubModel(lambda _: "hello") as stub:
        link = LLMLink(stub.url)
        assert [asyncio.run(ask(link)), asyncio.run(ask(link))] == ["hello", "hello"]
