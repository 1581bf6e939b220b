"""A model whose answers outlive the process that asked."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

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
        prompt = json.dumps([list(map(dict, messages)), schema, max_tokens], sort_keys=True)
        digest = hashlib.sha256(prompt.encode()).hexdigest()[:16]
        key = self._last = f"{self._asked}:{digest}"
        self._asked += 1
        if key not in self._answers:
            answer = await self._llm.chat(messages, schema=schema, max_tokens=max_tokens)
            await self._mail.record_answer(self._claim, key, answer)
            self._answers[key] = answer
        return self._answers[key]

    async def try_again(self, *, last_was_bad: bool) -> None:
        """Begin the step anew; an answer that could not be used is asked for again."""
        self._asked = 0
        if last_was_bad and self._answers.pop(self._last, None) is not None:
            await self._mail.forget_answer(self._claim, self._last)
