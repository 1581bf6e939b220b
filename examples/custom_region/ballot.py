"""A region type of one's own: it puts a question to the vote.

regions-coordinator run examples/custom_region/plan.json --import examples.custom_region.ballot
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from regions_dist import BadInput, BaseRegion, register_region_type

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["BallotRegion"]


@register_region_type
class BallotRegion(BaseRegion):
    """Asks all its connections, and answers with how they voted; it needs no model."""

    methods: ClassVar[tuple[str, ...]] = ("ask_everyone", "count_votes", *BaseRegion.methods)
    parameters: ClassVar[Mapping[str, str]] = {
        "options": "What can be voted for, separated by commas.",
        "quorum": "How many valid votes make a decision.",
    }
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {"quorum": (1, 1000)}

    def __init__(
        self,
        name: str,
        task: str = "",
        connections: Mapping[str, str] | None = None,
        options: str = "yes, no",
        quorum: int = 1,
    ) -> None:
        super().__init__(name, task, connections)
        self.options = [option.strip() for option in options.split(",") if option.strip()]
        self.quorum = quorum
        if len(self.options) < 2:  # noqa: PLR2004  with one there is nothing to choose
            raise BadInput(f"region {name!r}: expected two options or more, found {options!r}")

    def ask_everyone(self) -> None:
        """Put each pending request to all connections; the requests stay until they are counted."""
        for request in self.requests:
            for voter in self.connections:
                self.post(voter, request.content, "request", answers=request)

    def count_votes(self) -> None:
        """Answer each pending request with the votes, and forget them."""
        votes = Counter(vote for reply in self.replies if (vote := self._vote(reply.content)))
        for reply in self.replies:
            if not self._vote(reply.content):
                self.warn(f"{reply.source} chose not one of {', '.join(self.options)}")
        for request in self.requests:
            self.post(request.source, self._result(votes), "reply", answers=request)
        self.requests.clear()
        self.clear_replies()

    def _vote(self, text: str) -> str | None:
        """The option that a text names, if it names exactly one."""
        words = set(re.findall(r"\w+", text.lower()))
        named = [option for option in self.options if option.lower() in words]
        return named[0] if len(named) == 1 else None

    def _result(self, votes: Counter[str]) -> str:
        told = ", ".join(f"{option} {votes[option]}" for option in self.options)
        best = votes.most_common(2)
        if votes.total() < self.quorum:
            return f"No decision, too few valid votes: {told}"
        if len(best) > 1 and best[0][1] == best[1][1]:
            return f"No decision, a tie: {told}"
        return f"{best[0][0]} ({told})"
