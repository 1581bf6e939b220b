"""Answers that are streamed: put together, timed, and taken again where they broke."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.errors import BadAnswer, ModelUnavailable
from regions_dist.resources.llm_link import LLMLink
from tests.stub_model import Raw, Stream, StubModel, chunk, streamed

if TYPE_CHECKING:
    from tests.unit.conftest import Pauses

Connect = Callable[..., LLMLink]
Answer = str | int | Raw | Stream

END = [chunk(end="stop"), "[DONE]"]


def in_turn(*answers: Answer) -> Callable[[dict[str, Any]], Answer]:
    left = list(answers)
    return lambda _: left.pop(0)


def held(released: threading.Event, *before: str) -> Iterator[str]:
    """The events ``before``, then nothing until released."""
    yield from before
    released.wait(10)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


async def test_a_streamed_answer_is_put_together(connect: Connect) -> None:
    with StubModel(in_turn(streamed("Hel", "lo", ", you"))) as stub:
        assert await connect(stub).chat("hi") == "Hello, you"
    assert stub.chats[0]["stream"] is True


async def test_a_streamed_text_is_put_together(connect: Connect) -> None:
    texts = [json.dumps({"choices": [{"text": part}]}) for part in ("a ", "time")]
    with StubModel(in_turn(Stream([*texts, "[DONE]"]))) as stub:
        assert await connect(stub).text("Once upon") == "a time"


async def test_progress_tells_the_tokens_so_far_and_the_seconds(connect: Connect) -> None:
    told: list[tuple[int, float]] = []
    with StubModel(in_turn(streamed("a", "b", "c"))) as stub:
        await connect(stub).chat("hi", progress=lambda *told_now: told.append(told_now))
    assert [count for count, _ in told] == [1, 2, 3]
    assert told[0][1] < 1
    assert [seconds for _, seconds in told] == sorted(seconds for _, seconds in told)


async def test_progress_of_an_answer_that_comes_whole_is_told_once(connect: Connect) -> None:
    told: list[tuple[int, float]] = []
    body = {"choices": [{"message": {"content": "abc"}}], "usage": {"completion_tokens": 3}}
    with StubModel(in_turn(Raw(200, json.dumps(body)))) as stub:
        await connect(stub).chat("hi", progress=lambda *told_now: told.append(told_now))
    ((count, seconds),) = told
    assert count == 3
    assert seconds > 0


async def test_a_server_that_does_not_stream_is_asked_to_once(connect: Connect) -> None:
    with StubModel(in_turn("one", "two")) as stub:
        link = connect(stub)
        assert [await link.chat("hi"), await link.chat("hi")] == ["one", "two"]
    assert [body.get("stream") for body in stub.chats] == [True, None]


async def test_a_server_that_refuses_to_stream_is_asked_for_the_whole(connect: Connect) -> None:
    refusal = Raw(400, '{"error": {"message": "stream is not supported"}}')
    schema = {"type": "array"}
    with StubModel(in_turn(refusal, "[1]", "[2]")) as stub:
        link = connect(stub)
        assert [await link.chat("hi", schema=schema), await link.chat("hi")] == ["[1]", "[2]"]
    assert "response_format" in stub.chats[1]
    assert [body.get("stream") for body in stub.chats] == [True, None, None]


async def test_streaming_can_be_turned_off(connect: Connect) -> None:
    with StubModel(in_turn("hello")) as stub:
        await connect(stub, params={"stream": False}).chat("hi")
    assert "stream" not in stub.chats[0]


async def test_a_line_separator_inside_an_answer_does_not_break_it(connect: Connect) -> None:
    text = "one\u2028two\u0085three\nfour\r\n"
    with StubModel(in_turn(streamed(text, "end"))) as stub:
        assert await connect(stub).chat("hi") == f"{text}end"


async def test_thoughts_that_the_server_keeps_apart_stay_apart(connect: Connect) -> None:
    events = [chunk(thought="hm, "), chunk(thought="yes"), chunk("Hello"), *END]
    with StubModel(in_turn(Stream(events))) as stub:
        assert await connect(stub).chat("hi") == "Hello"


async def test_a_stream_of_nothing_but_thoughts_is_a_bad_answer(connect: Connect) -> None:
    with (
        StubModel(in_turn(Stream([chunk(thought="hm"), *END]))) as stub,
        pytest.raises(BadAnswer, match="besides thoughts"),
    ):
        await connect(stub).chat("hi")


async def test_a_thought_that_was_streamed_in_pieces_is_stripped(connect: Connect) -> None:
    with StubModel(in_turn(streamed("<th", "ink>hm</thi", "nk>Hel", "lo"))) as stub:
        assert await connect(stub).chat("hi") == "Hello"


@pytest.mark.parametrize(
    "broken",
    [
        Stream([chunk("Hel")], cut=True),
        Stream([chunk("Hel")]),
        Stream([chunk("Hel"), '{"error": {"message": "out of memory"}}']),
    ],
)
async def test_an_answer_that_breaks_off_is_asked_for_again(
    connect: Connect, pauses: Pauses, broken: Stream
) -> None:
    with StubModel(in_turn(broken, streamed("Hello"))) as stub:
        assert await connect(stub).chat("hi") == "Hello"
    assert len(pauses) == 1


async def test_a_model_that_keeps_giving_up_says_why(connect: Connect) -> None:
    error = Stream([chunk("Hel"), '{"error": {"message": "out of memory"}}'])
    with (
        StubModel(lambda _: error) as stub,
        pytest.raises(ModelUnavailable, match=r"gave up in the middle .*: out of memory"),
    ):
        await connect(stub, retries=1).chat("hi")


@pytest.mark.parametrize("event", ["no json", "[]", '{"choices": 7}', '{"choices": [7]}'])
async def test_a_stream_of_something_else_is_a_bad_answer(connect: Connect, event: str) -> None:
    with StubModel(in_turn(Stream([event]))) as stub, pytest.raises(BadAnswer) as caught:
        await connect(stub).chat("hi")
    assert stub.url in str(caught.value)


async def test_chunks_without_a_choice_are_passed_over(connect: Connect) -> None:
    usage = '{"choices": [], "usage": {"completion_tokens": 2}}'
    with StubModel(in_turn(Stream(["", chunk("Hello"), chunk(end="stop"), usage]))) as stub:
        assert await connect(stub).chat("hi") == "Hello"


async def test_a_kept_connection_that_fails_right_after_a_stream_is_replaced_at_once(
    connect: Connect, pauses: Pauses
) -> None:
    with StubModel(in_turn(streamed("one"), Raw(0), streamed("two"))) as stub:
        link = connect(stub)
        assert [await link.chat("hi"), await link.chat("hi")] == ["one", "two"]
    assert pauses == []


async def test_the_first_token_has_its_own_time_out(
    connect: Connect, released: threading.Event
) -> None:
    # Given a server that begins to answer, and says nothing
    with StubModel(in_turn(Stream(held(released, chunk())))) as stub:
        with pytest.raises(ModelUnavailable, match=r"did not begin to answer within 0\.1 s"):
            await connect(stub, first_token_timeout=0.1).chat("hi")
        released.set()


async def test_a_model_that_falls_silent_is_not_waited_for(
    connect: Connect, released: threading.Event
) -> None:
    with StubModel(in_turn(Stream(held(released, chunk("Hel"))))) as stub:
        with pytest.raises(ModelUnavailable, match=r"fell silent in the middle.* 0\.1 s"):
            await connect(stub, stall_timeout=0.1).chat("hi")
        released.set()


async def test_a_whole_answer_has_its_own_time_out(
    connect: Connect, released: threading.Event
) -> None:
    # Given a model that never falls silent, and never ends
    def endless() -> Iterator[str]:
        while not released.wait(0.01):
            yield chunk("la ")

    with StubModel(in_turn(Stream(endless()))) as stub:
        with pytest.raises(ModelUnavailable, match=r"did not answer within 0\.2 s"):
            await connect(stub, timeout=0.2, stall_timeout=0.15).chat("hi")
        released.set()
