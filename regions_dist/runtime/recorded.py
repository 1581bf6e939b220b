"""A model whose answers outlive the process that asked."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Room

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.ports import LLM, Claim, Mail

__all__ = ["RecordedLLM"]


class RecordedLLM:
    """Asks ``llm`` only what no earlier try of the same step was answered.

    An answer is kept under its ordinal in the step and a hash of the prompt, until the commit.
    """

    def __init__(self, llm: LLM, mail: Mail, claim: Claim) -> None:
        self._llm = llm
        self._mail = mail
        self._claim = claim
        self._answers = dict(claim.answers)
        self._asked = 0
        self._last = ""

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM."""
        key = self._last = f"{self._asked}:{_digest(messages, schema, max_tokens)}"
        self._asked += 1
        if key not in self._answers:
            answer = await self._llm.chat(messages, schema=schema, max_tokens=max_tokens)
            await self._mail.record_answer(self._claim, key, answer)
            self._answers[key] = answer
        return self._answers[key]

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM. Only what did not fit is kept: it shaped the prompt."""
        key = f"room:{_digest(messages, schema, max_tokens)}"
        if key in self._answers:
            return Room(*json.loads(self._answers[key]))
        room = await self._llm.room(messages, schema=schema, max_tokens=max_tokens)
        if room and room.excess:
            self._answers[key] = json.dumps([room.taken, room.given])
            await self._mail.record_answer(self._claim, key, self._answers[key])
        return room

    async def try_again(self, *, last_was_bad: bool) -> None:
        """Begin the step anew; an answer that could not be used is asked for again."""
        self._asked = 0
        if last_was_bad and self._answers.pop(self._last, None) is not None:
            await self._mail.forget_answer(self._claim, self._last)


def _digest(
    messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any] | None, max_tokens: int | None
) -> str:
    prompt = json.dumps([list(map(dict, messages)), schema, max_tokens], sort_keys=True)
    return hashlib.sha256(prompt.encode()).hexdigest()[:16]
