"""Models and embedders that answer so many calls at a time, and tell how fast they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from regions_dist.domain.resources import Room
    from regions_dist.ports import LLM, Embedder
    from regions_dist.resources.llm_link import LLMLink

    Take = Callable[[], AbstractAsyncContextManager[None]]

__all__ = ["LimitedEmbedder", "LimitedLLM", "MeteredLLM"]


class MeteredLLM:
    """A link that remembers the ``rate`` of its last answer, in tokens a second."""

    def __init__(self, link: LLMLink) -> None:
        self.link = link
        self.rate: float | None = None

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM."""
        turns = list(messages)
        return await self.link.chat(
            turns, schema=schema, max_tokens=max_tokens, progress=self._note
        )

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM."""
        return await self.link.room(list(messages), schema=schema, max_tokens=max_tokens)

    def _note(self, tokens: int, seconds: float) -> None:
        if tokens > 1 and seconds > 0:
            self.rate = round(tokens / seconds, 1)


class LimitedLLM:
    """The LLM port over another; ``take`` waits for a slot and holds it for one answer."""

    def __init__(self, llm: LLM, take: Take) -> None:
        self._llm = llm
        self._take = take

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM."""
        async with self._take():
            return await self._llm.chat(messages, schema=schema, max_tokens=max_tokens)

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM. Takes no slot: nothing is generated."""
        return await self._llm.room(messages, schema=schema, max_tokens=max_tokens)


class LimitedEmbedder:
    """The Embedder port over another; ``take`` waits for a slot and holds it for one call."""

    def __init__(self, embedder: Embedder, take: Take) -> None:
        self._embedder = embedder
        self._take = take

    @property
    def model(self) -> str:
        """See ports.Embedder."""
        return self._embedder.model

    @property
    def dimension(self) -> int | None:
        """See ports.Embedder."""
        return self._embedder.dimension

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ports.Embedder."""
        async with self._take():
            return await self._embedder.embed(texts)
