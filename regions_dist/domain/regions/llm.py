"""A region that asks, answers and summarizes with a language model."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from regions_dist.domain.cutting import cut, cut_note
from regions_dist.domain.prompts import (
    question_prompt,
    readable,
    reply_prompt,
    summary_prompt,
)
from regions_dist.domain.questions import parse_questions
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.thinking import strip_thinking
from regions_dist.errors import BadAnswer, ModelUnavailable, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.prompts import Prompt
    from regions_dist.domain.resources import LLM, Room

    Knowledge = Sequence[tuple[str, str]]
    Build = Callable[[Knowledge], Prompt]

__all__ = ["Region"]

_SHOWN = 120
_LEAST_CUT = 64
"""Characters: bounds how often a prompt is measured."""


class Region(BaseRegion):
    """Puts questions to its connections, answers requests from its knowledge, and condenses it."""

    methods: ClassVar[tuple[str, ...]] = (
        "make_questions",
        "make_replies",
        "summarize_replies",
        *BaseRegion.methods,
    )
    resources: ClassVar[tuple[str, ...]] = ("llm",)

    def __init__(
        self, name: str, task: str, llm: LLM, connections: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(name, task, connections)
        self.llm = llm

    async def make_questions(self) -> None:
        """Ask the connections what is needed to answer the pending requests, which stay."""
        if not self.connections:
            return
        requests = [(request.source, request.content) for request in self.requests]
        answer = await self._chat(
            lambda known: question_prompt(self.task, known, requests, self.connections),
            self._knowledge(),
        )
        questions, warnings = parse_questions(answer, self.connections)
        for warning in warnings:
            self.warn(warning)
        if not questions:
            raise self._no_question(answer)
        for recipient, question in questions:
            self.post(recipient, question, "request")

    async def make_replies(self) -> None:
        """Answer each pending request, in order; they are consumed once all are answered."""
        answers = [(request, await self._answer(request)) for request in self.requests]
        for request, answer in answers:
            self._send_answer(request, answer)
        self.requests.clear()

    async def summarize_replies(self) -> None:
        """Put, for each source, one summary in place of its replies.

        A source whose summary fails keeps its own text; once all have been tried, that is raised.
        """
        failures: list[StepFailed | ModelUnavailable] = []
        for source in dict.fromkeys(reply.source for reply in self.replies):
            try:
                await self._summarize(source)
            except (StepFailed, ModelUnavailable) as failure:
                failures.append(failure)
        if failures:
            raise failures[0]

    async def _answer(self, request: Message) -> str:
        question = (request.source, request.content)
        answer = await self._chat(
            lambda known: reply_prompt(self.task, known, question), self._knowledge()
        )
        return self._not_empty(answer, f"the request of {request.source!r}")

    def _send_answer(self, request: Message, answer: str) -> None:
        self.post(request.source, answer, "reply", answers=request)

    async def _summarize(self, source: str) -> None:
        own = [reply for reply in self.replies if reply.source == source]
        answer = await self._chat(
            lambda known: summary_prompt(self.task, source, [text for _, text in known]),
            [(source, reply.content) for reply in own],
        )
        summary = self._not_empty(answer, f"the replies of {source!r}, which it should summarize")
        last = own[-1]
        self.replies = [
            replace(reply, content=summary) if reply is last else reply
            for reply in self.replies
            if reply.source != source or reply is last
        ]

    async def _chat(self, build: Build, knowledge: Knowledge) -> str:
        prompt = await self._fitting(build, knowledge)
        answer = await self.llm.chat(
            prompt.messages, schema=prompt.schema, max_tokens=prompt.max_tokens
        )
        return strip_thinking(answer).strip()

    async def _fitting(self, build: Build, knowledge: Knowledge) -> Prompt:
        """The prompt, with as much of the knowledge as the model's context has room for."""
        told = readable(knowledge)
        prompt, surplus, cuts = build(told), 0, dict[str, int]()
        while (room := await self._room(prompt)) and room.excess:
            if sum(cuts.values()) < surplus:  # no more could be cut
                raise self._no_room(room)
            surplus += max(_LEAST_CUT, ceil(room.excess * prompt.characters / room.taken))
            kept, cuts = cut(told, surplus)
            prompt = build(kept)
        if cuts:
            self.warn(f"the model's context is too small: left out {cut_note(cuts)}, oldest first")
        return prompt

    async def _room(self, prompt: Prompt) -> Room | None:
        return await self.llm.room(
            prompt.messages, schema=prompt.schema, max_tokens=prompt.max_tokens
        )

    def _not_empty(self, answer: str, what: str) -> str:
        if answer:
            return answer
        raise BadAnswer(
            f"region {self.name!r}: the model answered nothing to {what}; expected some text. "
            "Try again, or give the region a larger model.",
            where=self.name,
        )

    def _no_room(self, room: Room) -> StepFailed:
        return StepFailed(
            f"region {self.name!r}: the prompt takes {room.taken:,} tokens even with the least "
            f"knowledge, and the model's context has room for {room.given:,}. Shorten the "
            "region's task or the request, or use a model with a larger context.",
            where=self.name,
            code="prompt-too-long",
        )

    def _no_question(self, answer: str) -> BadAnswer:
        start = f"{answer[:_SHOWN]}…" if len(answer) > _SHOWN else answer
        return BadAnswer(
            f"region {self.name!r}: no usable question in the model's answer {start!r}; expected "
            'a JSON array of {"source", "question"} with a source of '
            f"{', '.join(self.connections)}. Try again, or give the region a larger model.",
            where=self.name,
        )
