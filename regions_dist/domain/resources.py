"""What a region asks of the world outside it: a model, and a store of memories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LLM", "Fragment", "Retriever", "Room"]


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens that a prompt takes, or fewer, and that the model's context has left for a prompt."""

    taken: int
    given: int

    @property
    def excess(self) -> int:
        """Tokens by which the prompt is too long; 0 where it fits."""
        return max(0, self.taken - self.given)


class LLM(Protocol):
    """A language model that answers a conversation."""

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """The model's answer to ``messages`` (each ``{"role", "content"}``), thoughts stripped.

        With ``schema``, a JSON schema, the answer is asked for in that form; a server that cannot
        do so is asked in plain text, so the caller still has to look. Raises ModelUnavailable when
        the model does not answer, after retries.
        """
        ...

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """Whether ``chat`` with the same arguments would fit the model's context.

        None where the size of the context is not known. Raises ModelUnavailable.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """One remembered text, who it is about, and how similar it is to what was asked (-1 to 1)."""

    text: str
    actors: tuple[str, ...] = ()
    similarity: float = 0.0


class Retriever(Protocol):
    """A store of memories that can be searched by meaning."""

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:
        """The fragments whose cosine similarity to ``query`` is at least ``threshold``, best first.

        Raises StoreRefused, StoreProblem or ModelUnavailable (of the store's embedder).
        """
        ...

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> object:
        """Let each fact update the most similar memory and absorb those about as similar.

        A memory is about as similar when its similarity is within ``consolidate_threshold`` of
        the best one's. All facts are stored in one transaction, or none.
        """
        ...
