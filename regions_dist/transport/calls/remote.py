"""A model, an embedder and a store that another machine serves, as if they were here."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Fragment, Room
from regions_dist.transport.calls.caller import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.ports import Asker
    from regions_dist.transport.calls.caller import Caller

__all__ = ["RemoteEmbedder", "RemoteLLM", "RemoteRetriever"]


class RemoteLLM:
    """The LLM port for one call of a step."""

    def __init__(self, caller: Caller, name: str, asker: Asker) -> None:
        self._caller = caller
        self._resource = Resource("llm", name)
        self._asker = asker

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM."""
        return str(await self._ask("chat", messages, schema, max_tokens))

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM."""
        found = await self._ask("room", messages, schema, max_tokens)
        return None if found is None else Room(*found)

    async def _ask(
        self,
        method: str,
        messages: Sequence[Mapping[str, str]],
        schema: Mapping[str, Any] | None,
        max_tokens: int | None,
    ) -> Any:
        arguments = {
            "messages": [dict(message) for message in messages],
            "schema": schema,
            "max_tokens": max_tokens,
        }
        return await self._caller.ask(self._resource, method, arguments, self._asker)


class RemoteEmbedder:
    """The Embedder port. ``model`` is "" until the first answer has told it."""

    def __init__(self, caller: Caller, name: str) -> None:
        self.model = ""
        self.dimension: int | None = None
        self._caller = caller
        self._resource = Resource("embedding", name)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See ports.Embedder."""
        found = await self._caller.ask(self._resource, "embed", {"texts": list(texts)})
        self.model, self.dimension = str(found["model"]), found["dimension"]
        return list(found["vectors"])

    async def aclose(self) -> None:
        """Nothing to close: here so that all embedders can be treated alike."""


class RemoteRetriever:
    """The Retriever port for one call of a step: what it teaches is learned once."""

    def __init__(self, caller: Caller, name: str, asker: Asker) -> None:
        self._caller = caller
        self._resource = Resource("rag", name)
        self._asker = asker

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """See domain.resources.Retriever."""
        found = await self._ask("retrieve", {"query": query, "threshold": threshold})
        return [Fragment(text, tuple(actors), score) for text, actors, score in found]

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """See domain.resources.Retriever."""
        arguments = {
            "facts": [asdict(fact) for fact in facts],
            "consolidate_threshold": consolidate_threshold,
            "key": self._asker.lesson,
        }
        await self._ask("learn", arguments)

    async def _ask(self, method: str, arguments: dict[str, Any]) -> Any:
        return await self._caller.ask(self._resource, method, arguments, self._asker)
