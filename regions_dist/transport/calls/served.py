"""What this machine's resources answer when others call them: the other end of ``remote``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from regions_dist.domain.resources import Fragment
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regions_dist.ports import LLM, Embedder
    from regions_dist.transport.calls.host import Handler

__all__ = ["Store", "embedding_handler", "llm_handler", "rag_handler"]


class Store(Protocol):
    """A RAG store, as far as others use it."""

    async def retrieve_similar(self, query: str, threshold: float) -> Sequence[Fragment]:
        """The fragments that are similar enough, best first."""
        ...

    async def learn(
        self, facts: Sequence[Fragment], consolidate_threshold: float, key: str
    ) -> object:
        """Learn once for each ``key``."""
        ...


def llm_handler(llm_of: Callable[[int], LLM]) -> Handler:
    """Answers for a model; ``llm_of`` gives it to whoever has this turn."""

    async def answer(method: str, arguments: dict[str, Any], turn: int) -> Any:
        llm = llm_of(turn)
        messages = arguments.pop("messages")
        if method == "chat":
            return await llm.chat(messages, **arguments)
        if method == "room":
            room = await llm.room(messages, **arguments)
            return room and [room.taken, room.given]
        raise _unknown(method)

    return answer


def embedding_handler(embedder_of: Callable[[int], Embedder]) -> Handler:
    """Answers for an embedder; ``embedder_of`` gives it to whoever has this turn."""

    async def answer(method: str, arguments: dict[str, Any], turn: int) -> Any:
        if method != "embed":
            raise _unknown(method)
        embedder = embedder_of(turn)
        vectors = await embedder.embed(arguments["texts"])
        return {"model": embedder.model, "dimension": embedder.dimension, "vectors": vectors}

    return answer


def rag_handler(store: Store) -> Handler:
    """Answers for a RAG store."""

    async def answer(method: str, arguments: dict[str, Any], turn: int) -> Any:  # noqa: ARG001
        if method == "retrieve":
            found = await store.retrieve_similar(arguments["query"], arguments["threshold"])
            return [[fragment.text, fragment.actors, fragment.similarity] for fragment in found]
        if method == "learn":
            facts = [_fragment(fact) for fact in arguments["facts"]]
            await store.learn(facts, arguments["consolidate_threshold"], arguments["key"])
            return None
        raise _unknown(method)

    return answer


def _fragment(fact: dict[str, Any]) -> Fragment:
    return Fragment(fact["text"], tuple(fact["actors"]), fact["similarity"])


def _unknown(method: str) -> BadInput:
    return BadInput(f"the machine that serves it knows no {method!r}; update regions-dist there")
