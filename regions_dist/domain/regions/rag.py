"""A region that answers from a store of memories, and learns from what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from regions_dist.domain import memory_lines
from regions_dist.domain.quick import quick
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.resources import Fragment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.message import Message
    from regions_dist.domain.resources import Retriever

__all__ = ["RAGRegion"]

_CONSOLIDATE_THRESHOLD: Final = 0.1
_ASKER_TASK: Final = "Previously replied to"
_SUMMARY_REQUEST: Final = "Summarize the knowledge you have."


class RAGRegion(BaseRegion):
    """Answers requests with memories about as similar as ``threshold`` (cosine) or more."""

    methods: ClassVar[tuple[str, ...]] = (
        "make_replies",
        "make_updates",
        "request_summaries",
        *BaseRegion.methods,
    )
    parameters: ClassVar[Mapping[str, str]] = {
        "reply_with_actors": "Say with each memory whom it is about.",
        "threshold": "How similar a memory must be to the request, from -1 to 1.",
    }
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {"threshold": (-1.0, 1.0)}
    resources: ClassVar[tuple[str, ...]] = ("rag",)

    def __init__(
        self,
        name: str,
        task: str,
        rag: Retriever,
        connections: Mapping[str, str] | None = None,
        reply_with_actors: bool = False,  # noqa: FBT001, FBT002  its users pass it by position
        threshold: float = 0.5,
    ) -> None:
        super().__init__(name, task, connections)
        self.rag = rag
        self.reply_with_actors = reply_with_actors
        self.threshold = threshold

    async def make_replies(self) -> None:
        """Answer each pending request with matching memories, or with a line that says none.

        The requests are consumed once all are answered; the askers become connections.
        """
        answers = [(request, await self._remember(request)) for request in self.requests]
        for request, answer in answers:
            self.post(request.source, answer, "reply", answers=request)
            self.connections.setdefault(request.source, _ASKER_TASK)
        self.requests.clear()

    async def make_updates(self) -> None:
        """Let the store learn every held reply, in one transaction; the replies stay."""
        facts = [fact for reply in self.replies for fact in _facts(reply)]
        if facts:
            await self.rag.learn(facts, consolidate_threshold=_CONSOLIDATE_THRESHOLD)

    @quick
    def request_summaries(self) -> None:
        """Ask every connection for a summary of what it knows."""
        for connection in self.connections:
            self.post(connection, _SUMMARY_REQUEST, "request")

    async def _remember(self, request: Message) -> str:
        fragments = await self.rag.retrieve(request.content, threshold=self.threshold)
        return memory_lines.dump(fragments, with_actors=self.reply_with_actors)


def _facts(reply: Message) -> list[Fragment]:
    """What a reply tells: its memories where it is a store's answer, else its text."""
    memories = memory_lines.load(reply.content)
    if memories is not None:
        return memories
    text = reply.content.strip()
    return [Fragment(text)] if text else []
