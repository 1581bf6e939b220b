"""Stubs that stand in for a model and a store: they answer what a test tells them to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from regions_dist.domain.resources import Fragment

__all__ = ["StubLLM", "StubRetriever"]


class StubLLM:
    """A stub, no model: gives ``answers`` one after another and raises those that are exceptions.

    ``prompts`` holds the text of each call, ``calls`` its keyword arguments. A token is a
    character here; ``context`` is how many a prompt may have, None for any number.
    """

    def __init__(self, *answers: str | Exception, context: int | None = None) -> None:
        self.answers = list(answers)
        self.context = context
        self.prompts: list[str] = []
        self.calls: list[dict[str, Any]] = []

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """The next answer of the script."""
        self.prompts.append("\n".join(message["content"] for message in messages))
        self.calls.append({"schema": schema, "max_tokens": max_tokens})
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """What ``context`` leaves."""
        taken = sum(len(message["content"]) for message in messages)
        return None if self.context is None else Room(taken, self.context)


class StubRetriever:
    """A stub, no store: finds what ``memories`` lists for a query, and notes what it is taught."""

    def __init__(
        self,
        memories: Mapping[str, Iterable[Fragment]] | None = None,
        failure: Exception | None = None,
    ) -> None:
        self.memories = dict(memories or {})
        self.failure = failure
        self.lessons: list[tuple[list[Fragment], float]] = []

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """The fragments listed for exactly this query that are similar enough."""
        self._fail()
        found = self.memories.get(query, ())
        return [fragment for fragment in found if fragment.similarity >= threshold]

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """Note the facts of one call."""
        self._fail()
        self.lessons.append((list(facts), consolidate_threshold))

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure
