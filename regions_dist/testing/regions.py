"""Regions that need no model and no store; every process of an installation knows their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from regions_dist.domain.regions import ListenerRegion, RAGRegion, Region
from regions_dist.domain.resources import Fragment
from regions_dist.testing.model import ScriptedLLM, ask_everyone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.resources import LLM, Retriever

__all__ = ["MockListenerRegion", "MockRAGRegion", "MockRegion"]


class MockRegion(Region):
    """A Region that asks each connection, and answers with its own name; or as ``llm`` says."""

    resources: ClassVar[tuple[str, ...]] = ()
    offered: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        task: str = "",
        llm: LLM | None = None,
        connections: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name, task, llm or ScriptedLLM(script=self._say), connections)

    def _say(self, _: str, schema: Mapping[str, Any] | None) -> str:
        if schema is None:
            return f"{self.name} says so."
        return ask_everyone(schema, f"{self.name} asks: what do you know?")


class MockRAGRegion(RAGRegion):
    """A RAGRegion that remembers whatever it is asked for, and learns nothing; or asks ``rag``."""

    resources: ClassVar[tuple[str, ...]] = ()
    offered: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        task: str = "",
        rag: Retriever | None = None,
        connections: Mapping[str, str] | None = None,
        reply_with_actors: bool = False,  # noqa: FBT001, FBT002  as RAGRegion
        threshold: float = 0.5,
    ) -> None:
        store = rag or _Echo(name)
        super().__init__(name, task, store, connections, reply_with_actors, threshold)


class MockListenerRegion(ListenerRegion):
    """A ListenerRegion of which ``heard`` has what each hears in this process, by its name."""

    offered: ClassVar[bool] = False
    heard: ClassVar[dict[str, list[Message]]] = {}

    def __init__(
        self,
        name: str,
        out_process: Callable[[Message], object] | str = "",
        delay: float = 0.5,
    ) -> None:
        super().__init__(name, out_process or self._note, delay)

    def _note(self, message: Message) -> None:
        self.heard.setdefault(self.name, []).append(message)


class _Echo:
    """The Retriever port of one who remembers everything."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def retrieve(self, query: str, *, threshold: float) -> list[Fragment]:  # noqa: ARG002
        return [Fragment(f"{self._name} remembers: {query}", (self._name,), 1.0)]

    async def learn(self, facts: Sequence[Fragment], *, consolidate_threshold: float) -> None:
        """Learn nothing."""
