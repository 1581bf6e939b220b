"""A model and a store whose answers outlive the process that asked, and the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Fragment, Room
from regions_dist.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from regions_dist.ports import LLM, Claim, Mail, Retriever

__all__ = ["Record", "RecordedLLM", "RecordedRetriever"]


class Record:
    """What was answered from outside to one step, in this try, an earlier one, or another run.

    Each answer is kept under its ordinal in the step and a hash of what was asked, as long as the
    run; runs that branch off take it along.
    """

    def __init__(self, mail: Mail, claim: Claim) -> None:
        self._mail = mail
        self._claim = claim
        self._answers = dict(claim.answers)
        self._asked: dict[str, int] = {}
        self._last = ""
        self._spoilt = 0

    def name(self, kind: str, question: object) -> str:
        """What to keep the answer to the step's next question of this kind under."""
        number = self._asked.get(kind, 0)
        self._asked[kind] = number + 1
        self._last = f"{kind}:{number}:{digest(question)}"
        return self._last

    def call(self, name: str) -> str:
        """How those call the question who are asked it: as ``name``, but anew after bad answers."""
        return f"{name}~{self._spoilt}" if self._spoilt else name

    def get(self, name: str) -> str | None:
        """The answer that was kept, if any."""
        return self._answers.get(name)

    async def answer(self, name: str, ask: Callable[[], Awaitable[str]]) -> str:
        """The answer that was kept, else what is answered now, which is kept.

        Raises StepFailed where the run may use only what another one recorded.
        """
        if name not in self._answers:
            self.refuse_to_ask()
            await self.keep(name, await ask())
        return self._answers[name]

    async def keep(self, name: str, answer: str) -> None:
        """Keep an answer."""
        await self._mail.record_answer(self._claim, name, answer)
        self._answers[name] = answer

    def refuse_to_ask(self) -> None:
        """Raise StepFailed where the run may use only what another one recorded."""
        if self._claim.only_recorded:
            raise StepFailed(
                "the run that is replayed has no answer to what this step asks; to ask a model or "
                "a store where it has none, give --from-layer",
                code="not-recorded",
            )

    @property
    def only_recorded(self) -> bool:
        """Whether nothing may be asked."""
        return self._claim.only_recorded

    async def try_again(self, *, last_was_bad: bool) -> None:
        """Begin the step anew; an answer that could not be used is asked for again."""
        self._asked.clear()
        self._spoilt += last_was_bad
        if last_was_bad and self._answers.pop(self._last, None) is not None:
            await self._mail.forget_answer(self._claim, self._last)


class RecordedLLM:
    """The LLM port over a record. ``open_llm`` gives the model for a call, when it is asked."""

    def __init__(self, record: Record, open_llm: Callable[[str], Awaitable[LLM]]) -> None:
        self._record = record
        self._open = open_llm

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM."""
        name = self._record.name("chat", [list(map(dict, messages)), schema, max_tokens])

        async def ask() -> str:
            llm = await self._open(self._record.call(name))
            return await llm.chat(messages, schema=schema, max_tokens=max_tokens)

        return await self._record.answer(name, ask)

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM. Only what did not fit is kept: it shaped the prompt."""
        name = f"room:{digest([list(map(dict, messages)), schema, max_tokens])}"
        if kept := self._record.get(name):
            return Room(*json.loads(kept))
        if self._record.only_recorded:
            return None
        llm = await self._open(name)
        room = await llm.room(messages, schema=schema, max_tokens=max_tokens)
        if room and room.excess:
            await self._record.keep(name, json.dumps([room.taken, room.given]))
        return room


class RecordedRetriever:
    """The Retriever port over a record. ``open_store`` gives the store for a call, if asked."""

    def __init__(self, record: Record, open_store: Callable[[str], Awaitable[Retriever]]) -> None:
        self._record = record
        self._open = open_store

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """See domain.resources.Retriever."""
        name = self._record.name("memories", [query, threshold])

        async def ask() -> str:
            store = await self._open(self._record.call(name))
            found = await store.retrieve(query, threshold=threshold)
            return json.dumps([asdict(fragment) for fragment in found])

        return [_fragment(fields) for fields in json.loads(await self._record.answer(name, ask))]

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """See domain.resources.Retriever. What a recorded step has taught is not taught again."""
        lesson = [[asdict(fact) for fact in facts], consolidate_threshold]
        name = self._record.name("lesson", lesson)

        async def ask() -> str:
            store = await self._open(self._record.call(name))
            await store.learn(facts, consolidate_threshold=consolidate_threshold)
            return "learned"

        await self._record.answer(name, ask)


def digest(question: object) -> str:
    """A hash of something that can be written as JSON."""
    text = json.dumps(question, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fragment(fields: Mapping[str, Any]) -> Fragment:
    return Fragment(fields["text"], tuple(fields["actors"]), fields["similarity"])
