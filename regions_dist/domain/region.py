"""The superclass of all regions, and the state that a region carries from step to step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from regions_dist.domain.message import Message, Role
from regions_dist.domain.queues import Inbox, Outbox
from regions_dist.domain.quick import quick
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from regions_dist.domain.plan import RegionEntry

__all__ = ["BaseRegion", "RegionState"]


@dataclass(frozen=True, slots=True)
class RegionState:
    """What a region knows between two of its steps.

    ``requests`` wait to be answered, ``replies`` are the region's knowledge; both in order of
    arrival. ``connections`` maps each region it may write to onto that region's task.
    """

    connections: Mapping[str, str] = field(default_factory=dict)
    requests: tuple[Message, ...] = ()
    replies: tuple[Message, ...] = ()


class BaseRegion:
    """An agent with a task, connections, pending requests and knowledge.

    A subclass lists in ``methods`` what a plan may call, and in ``parameters`` which further keys
    of a region's entry its constructor takes, each with what it means; ``bounds`` are those of
    numbers, both included. The editor's forms are made of these and of docstrings; a type that is
    not ``offered`` is known to it, and not in its palette.

    A method takes no arguments, may be sync or async, reads and changes ``requests``, ``replies``
    and ``connections``, and sends with ``post``. What it did counts only if it returns: a method
    that raises has changed nothing.

    By hand, too: put message dicts into ``inbox``, await a method, get message dicts out of
    ``outbox``. Both are asyncio queues. A region sorts its inbox when it looks at its mail.
    """

    methods: ClassVar[tuple[str, ...]] = ("clear_replies", "keep_last_reply_per_source")
    parameters: ClassVar[Mapping[str, str]] = {}
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {}
    offered: ClassVar[bool] = True
    resources: ClassVar[tuple[str, ...]] = ()
    """The constructor's resource arguments, of ``llm`` and ``rag``."""

    def __init__(
        self, name: str, task: str = "", connections: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.task = task
        self.connections: dict[str, str] = dict(connections or {})
        self.inbox = Inbox()
        self.outbox = Outbox()
        self.warnings: list[str] = []
        self._requests: list[Message] = []
        self._replies: list[Message] = []

    @property
    def requests(self) -> list[Message]:
        """What waits to be answered, in order of arrival."""
        self.receive(self.inbox.take())
        return self._requests

    @requests.setter
    def requests(self, mail: list[Message]) -> None:
        self.receive(self.inbox.take())
        self._requests = mail

    @property
    def replies(self) -> list[Message]:
        """The region's knowledge, in order of arrival."""
        self.receive(self.inbox.take())
        return self._replies

    @replies.setter
    def replies(self, mail: list[Message]) -> None:
        self.receive(self.inbox.take())
        self._replies = mail

    @property
    def posted(self) -> list[Message]:
        """What was sent and not yet got out of the outbox."""
        return self.outbox.posted()

    def receive(self, mail: Iterable[Message]) -> None:
        """Sort ``mail`` into requests and replies, in the order given."""
        for message in mail:
            (self._requests if message.role == "request" else self._replies).append(message)

    def post(
        self, destination: str, content: str, role: Role, *, answers: Message | None = None
    ) -> None:
        """Send ``content``; ``answers`` is the message that this one answers, if any."""
        parent = answers.id if answers else ""
        self.outbox.put_nowait(Message(self.name, destination, role, content, parent=parent))

    def warn(self, text: str) -> None:
        """Tell the run's watchers of something odd that does not fail the step."""
        self.warnings.append(text)

    @quick
    def clear_replies(self) -> None:
        """Forget all knowledge."""
        self.replies.clear()

    @quick
    def keep_last_reply_per_source(self) -> None:
        """Keep, of each source, only the reply that came last."""
        newest = {reply.source: reply for reply in self.replies}
        self.replies = [reply for reply in self.replies if newest[reply.source] is reply]

    def state(self) -> RegionState:
        """A snapshot of what is carried on to the next step."""
        return RegionState(dict(self.connections), tuple(self.requests), tuple(self.replies))

    def restore(self, state: RegionState) -> None:
        """Take up a snapshot made by ``state``."""
        self.connections = dict(state.connections)
        self.requests = list(state.requests)
        self.replies = list(state.replies)

    def _knowledge(self) -> list[tuple[str, str]]:
        return [(reply.source, reply.content) for reply in self.replies]

    @classmethod
    def from_entry(cls, entry: RegionEntry, resources: Mapping[str, object]) -> BaseRegion:
        """A region of this type made of a plan's entry, and its resources by argument name."""
        needed: dict[str, Any] = {}
        for argument in cls.resources:
            if argument not in resources:
                raise _missing(argument, entry)
            needed[argument] = resources[argument]
        own = cls._own_parameters(entry)
        return cls(entry.name, entry.task, connections=entry.connections, **own, **needed)

    @classmethod
    def _own_parameters(cls, entry: RegionEntry) -> dict[str, Any]:
        """The parameters of this type that the entry gives; null means the default."""
        given = ((key, entry.parameters.get(key)) for key in cls.parameters)
        return {key: value for key, value in given if value is not None}


def _missing(argument: str, entry: RegionEntry) -> BadInput:
    return BadInput(
        f"region {entry.name!r}: a {entry.type} needs a resource {argument!r}, and none was given; "
        f"configure one on the machine that hosts the region, or name it in the plan's resources",
        where=entry.name,
    )
