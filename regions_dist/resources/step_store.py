"""A RAG store as one step of a run uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain.resources import Fragment
    from regions_dist.resources.rag_store import RagStore

__all__ = ["StepStore"]


class StepStore:
    """The Retriever port for one step of a run: what the step learns is learned once.

    ``key`` names run and step. A step that learns several times records each in turn.
    """

    def __init__(self, store: RagStore, key: str) -> None:
        self._store = store
        self._key = key
        self._calls = 0

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """The store's fragments that are similar enough to ``query``, best first."""
        return list(await self._store.retrieve_similar(query, threshold))

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """Teach the store; done already if an earlier try of this step got this far."""
        self._calls += 1
        key = self._key if self._calls == 1 else f"{self._key}#{self._calls}"
        await self._store.learn(facts, consolidate_threshold, key)
