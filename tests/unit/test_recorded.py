"""A model's answers are kept until the step that asked has committed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from regions_dist.domain.resources import Fragment, Room
from regions_dist.errors import ModelUnavailable, StepFailed
from regions_dist.runtime.recorded import Record, RecordedLLM, RecordedRetriever
from regions_dist.testing import ScriptedLLM, ScriptedRAG

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PROMPT = ({"role": "user", "content": "Who?"},)


class KeptAnswers:
    """A stub of the broker that keeps answers in a dict."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}

    async def record_answer(self, claim: object, key: str, answer: str) -> None:
        self.answers[key] = answer

    async def forget_answer(self, claim: object, key: str) -> None:
        del self.answers[key]


def record_of(kept: KeptAnswers, *, only_recorded: bool = False) -> Record:
    claim = SimpleNamespace(answers=dict(kept.answers), only_recorded=only_recorded)
    return Record(cast("Any", kept), cast("Any", claim))


def opening(resource: Any) -> Callable[[str], Awaitable[Any]]:
    async def opened(_: str) -> Any:
        return resource

    return opened


def recorded(llm: ScriptedLLM, kept: KeptAnswers) -> RecordedLLM:
    return RecordedLLM(record_of(kept), opening(llm))


async def test_a_second_worker_reuses_the_answer_the_first_was_given() -> None:
    kept = KeptAnswers()
    await recorded(ScriptedLLM("Ada."), kept).chat(PROMPT)
    heir = ScriptedLLM()
    assert await recorded(heir, kept).chat(PROMPT) == "Ada."
    assert heir.calls == []


async def test_another_prompt_at_the_same_place_is_asked_anew() -> None:
    kept = KeptAnswers()
    await recorded(ScriptedLLM("Ada."), kept).chat(PROMPT)
    changed = ({"role": "user", "content": "When?"},)
    assert await recorded(ScriptedLLM("1815."), kept).chat(changed) == "1815."


async def test_an_answer_that_could_not_be_used_is_asked_for_again() -> None:
    kept = KeptAnswers()
    record, stub = record_of(kept), ScriptedLLM("nonsense", "Ada.")
    llm = RecordedLLM(record, opening(stub))
    assert await llm.chat(PROMPT) == "nonsense"
    await record.try_again(last_was_bad=True)
    assert await llm.chat(PROMPT) == "Ada."


async def test_a_retry_after_a_failure_asks_only_what_was_not_answered() -> None:
    kept = KeptAnswers()
    stub = ScriptedLLM("Ada.", ModelUnavailable("away"), "1815.")
    record = record_of(kept)
    llm = RecordedLLM(record, opening(stub))
    later = ({"role": "user", "content": "When?"},)
    await llm.chat(PROMPT)
    with pytest.raises(ModelUnavailable):
        await llm.chat(later)
    await record.try_again(last_was_bad=False)
    assert [await llm.chat(PROMPT), await llm.chat(later)] == ["Ada.", "1815."]
    assert len(stub.calls) == 3


async def test_what_shaped_a_prompt_is_the_same_for_a_second_worker() -> None:
    kept = KeptAnswers()
    assert await recorded(ScriptedLLM(context=3), kept).room(PROMPT) == Room(4, 3)
    assert await recorded(ScriptedLLM(context=100), kept).room(PROMPT) == Room(4, 3)


async def test_a_prompt_that_fits_is_not_recorded() -> None:
    kept = KeptAnswers()
    assert await recorded(ScriptedLLM(context=9), kept).room(PROMPT) == Room(4, 9)
    assert await recorded(ScriptedLLM(), kept).room(PROMPT) is None
    assert kept.answers == {}


async def nobody(_: str) -> Any:
    raise AssertionError("nobody was to be asked")


async def test_what_a_store_remembered_and_learned_is_not_asked_of_it_again() -> None:
    kept = KeptAnswers()
    owl = Fragment("Tom has an owl.", ("Tom",), 0.5)
    store = ScriptedRAG({"owl": [owl]})
    first = RecordedRetriever(record_of(kept), opening(store))
    assert await first.retrieve("owl", threshold=0.25) == [owl]
    await first.learn([owl], consolidate_threshold=0.1)

    again = RecordedRetriever(record_of(kept, only_recorded=True), nobody)

    assert await again.retrieve("owl", threshold=0.25) == [owl]
    await again.learn([owl], consolidate_threshold=0.1)
    assert len(store.lessons) == 1


async def test_a_replay_refuses_to_ask_what_was_not_recorded() -> None:
    llm = RecordedLLM(record_of(KeptAnswers(), only_recorded=True), nobody)
    assert await llm.room(PROMPT) is None

    with pytest.raises(StepFailed) as refused:
        await llm.chat(PROMPT)

    assert refused.value.code == "not-recorded"


async def test_one_who_asks_again_after_a_bad_answer_asks_another_question() -> None:
    asked: list[str] = []
    stub = ScriptedLLM("nonsense", "Ada.")

    async def open_llm(call: str) -> ScriptedLLM:
        asked.append(call)
        return stub

    record = record_of(KeptAnswers())
    await RecordedLLM(record, open_llm).chat(PROMPT)
    await record.try_again(last_was_bad=True)
    await RecordedLLM(record, open_llm).chat(PROMPT)
    assert asked[1] == f"{asked[0]}~1"
