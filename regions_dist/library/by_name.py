"""Models and stores that a region made by hand asks by the names of this machine's config."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from regions_dist.domain.resources import Fragment, Room
    from regions_dist.machine import Machine

__all__ = ["NamedLLM", "NamedStore"]


class NamedLLM:
    """The LLM port over the model that this machine calls ``name``, opened for each call."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM. Raises StepFailed where this machine has no such model."""
        async with _machine() as machine:
            llm = machine.metered(self._name)
            return await llm.chat(messages, schema=schema, max_tokens=max_tokens)

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM."""
        async with _machine() as machine:
            llm = machine.metered(self._name)
            return await llm.room(messages, schema=schema, max_tokens=max_tokens)


class NamedStore:
    """The Retriever port over the store that this machine calls ``name``, opened for each call."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """See domain.resources.Retriever."""
        async with _machine() as machine:
            return await machine.store(self._name).retrieve(query, threshold=threshold)

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """See domain.resources.Retriever."""
        async with _machine() as machine:
            await machine.store(self._name).learn(facts, consolidate_threshold)


@asynccontextmanager
async def _machine() -> AsyncIterator[Machine]:
    from regions_dist.config import load_settings  # noqa: PLC0415  loads client libraries
    from regions_dist.machine import Machine  # noqa: PLC0415

    machine = Machine(load_settings())
    try:
        yield machine
    finally:
        await machine.aclose()
