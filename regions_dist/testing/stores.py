"""Stores of memories that live in memory."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from regions_dist.domain.resources import Fragment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["InMemoryRAG", "ScriptedRAG"]


class InMemoryRAG:
    """A small store: texts are similar by the words they share (cosine of their counts).

    ``memories`` are its texts, or fragments where they are about somebody.
    """

    def __init__(self, *memories: str | Fragment) -> None:
        self.memories = [m if isinstance(m, Fragment) else Fragment(m) for m in memories]

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """The memories that are similar enough to ``query``, best first."""
        found = [replace(m, similarity=_similarity(query, m.text)) for m in self.memories]
        enough = [memory for memory in found if memory.similarity >= threshold]
        return sorted(enough, key=lambda memory: -memory.similarity)

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """Let each fact take the place of the most similar memory and those about as similar."""
        for fact in facts:
            ranked = await self.retrieve(fact.text, threshold=0.5)
            absorbed = {
                memory.text
                for memory in ranked
                if memory.similarity >= ranked[0].similarity - consolidate_threshold
            }
            self.memories = [m for m in self.memories if m.text not in absorbed]
            self.memories.append(replace(fact, similarity=0.0))


class ScriptedRAG:
    """Finds what ``memories`` lists for a query, and notes in ``lessons`` what it is taught.

    With ``failure`` it raises that whatever it is asked.
    """

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


def _similarity(one: str, other: str) -> float:
    a, b = _words(one), _words(other)
    product = sum(count * b[word] for word, count in a.items())
    size = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return product / size if size else 0.0


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))
