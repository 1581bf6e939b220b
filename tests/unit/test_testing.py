"""What users test their own plans with."""

from __future__ import annotations

import asyncio
import threading

import pytest

import regions_dist.testing
from regions_dist import Executor, Message, Orchestrator, Postmaster, RegionRegistry
from regions_dist.domain.resources import Fragment
from regions_dist.testing import (
    Heard,
    InMemoryRAG,
    MockListenerRegion,
    ScriptedLLM,
    Signal,
    ask_everyone,
)

PROMPT = [{"role": "user", "content": "Well?"}]


def test_everything_in_all_can_be_imported_and_is_documented() -> None:
    for name in regions_dist.testing.__all__:
        assert getattr(regions_dist.testing, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = regions_dist.testing.Nothing


async def test_a_scripted_model_answers_in_order_then_by_its_script() -> None:
    model = ScriptedLLM("one", ValueError("two"), script=lambda prompt, _: f"to {prompt}")

    assert await model.chat(PROMPT) == "one"
    with pytest.raises(ValueError, match="two"):
        await model.chat(PROMPT)
    assert await model.chat(PROMPT, max_tokens=3) == "to Well?"
    assert model.prompts == ["Well?"] * 3
    assert model.calls[-1] == {"schema": None, "max_tokens": 3}
    with pytest.raises(AssertionError, match="no answer left"):
        await ScriptedLLM().chat(PROMPT)


def test_ask_everyone_asks_whom_the_schema_names() -> None:
    schema = {"items": {"properties": {"source": {"enum": ["A", "B"]}}}}

    asked = ask_everyone(schema, "Who?")

    assert '"source": "A", "question": "Who? (A)"' in asked
    assert '"source": "B"' in asked


async def test_a_small_store_finds_by_words_and_learns() -> None:
    store = InMemoryRAG("the ferry leaves at nine", Fragment("Rose keeps bees", ("Rose",)))

    found = await store.retrieve("when does the ferry leave", threshold=0.2)
    await store.learn([Fragment("the ferry leaves at ten")], consolidate_threshold=0.1)
    await store.learn([Fragment("Tom sings")], consolidate_threshold=0.1)

    assert [memory.text for memory in found] == ["the ferry leaves at nine"]
    assert await store.retrieve("nobody knows", threshold=0.2) == []
    assert {m.text for m in store.memories} == {
        "the ferry leaves at ten",
        "Rose keeps bees",
        "Tom sings",
    }


async def test_mocks_load_by_type_and_a_plan_of_them_runs_without_any_resource() -> None:
    MockListenerRegion.heard.clear()
    registry = RegionRegistry()
    registry.register("Guide", "MockRegion", "guide", ["Facts"])
    registry.register("Facts", "MockRAGRegion", "facts")
    registry.register("Ear", "MockListenerRegion")
    orchestrator = Orchestrator(
        [{"c": ["Guide"], "l": ["Ear"]}, {"c": ["Facts"]}, {"c": ["Guide"], "l": ["Ear"]}],
        [
            [("Guide", "make_questions"), ("Ear", "start")],
            [("Facts", "make_replies")],
            [("Guide", "summarize_replies"), ("Guide", "make_replies"), ("Ear", "stop")],
        ],
    )
    postmaster = Postmaster(registry, printer=lambda _: None)
    postmaster.post("terminal", "Guide", "When?", "request")

    with Executor(registry, orchestrator, postmaster) as executor:
        await executor.run_plan()

    assert executor.answers == [("Guide", "Guide says so.")]
    assert [(m.source, m.destination) for m in MockListenerRegion.heard["Ear"]] == [
        ("terminal", "Guide"),
        ("Guide", "Facts"),
        ("Facts", "Guide"),
    ]


async def test_a_signal_is_set_in_one_thread_and_awaited_in_others() -> None:
    signal, seen = Signal(), Signal("the other thread")

    def other() -> None:
        signal.wait_here()
        seen.set()

    thread = threading.Thread(target=other)
    thread.start()
    waiting = asyncio.create_task(signal.wait())
    await asyncio.sleep(0)
    assert not signal.is_set
    signal.set()
    await asyncio.gather(waiting, signal.wait(), seen.wait())
    thread.join()


async def test_a_signal_that_does_not_come_is_named() -> None:
    with pytest.raises(AssertionError, match=r"the bell did not come within 0\.01 s"):
        await Signal("the bell").wait(within=0.01)
    with pytest.raises(AssertionError, match="the bell"):
        Signal("the bell").wait_here(within=0.01)


async def test_what_a_listener_hears_can_be_waited_for() -> None:
    heard = Heard()
    waiting = asyncio.create_task(heard.until(2))
    for content in ("one", "two"):
        await asyncio.sleep(0)
        heard(Message("A", "B", "reply", content))

    assert [message.content for message in await waiting] == ["one", "two"]
    assert len(await heard.until(1)) == 2
