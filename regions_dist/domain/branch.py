"""How a run begins: at the start, or where another run once stood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.message import Message
    from regions_dist.domain.plan import OutsideMessage
    from regions_dist.domain.region import RegionState

__all__ = ["Branch", "Opening"]


@dataclass(frozen=True, slots=True)
class Branch:
    """What run ``parent`` held when ``place`` of its execution order began.

    ``states`` by region; ``inbox`` is mail delivered and not yet consumed; ``answers`` are those
    of models, by step and then by the name they were kept under, for steps from ``place`` on;
    ``mail`` came from outside from ``place`` on, each with the place at which it entered.
    ``edits`` say, by id, what messages from ``place`` on shall say instead.
    """

    parent: str
    place: int
    states: Mapping[str, RegionState] = field(default_factory=dict)
    inbox: tuple[Message, ...] = ()
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    mail: tuple[tuple[int, OutsideMessage], ...] = ()
    edits: Mapping[str, str] = field(default_factory=dict)

    def edited(self, id_: str, text: str) -> Branch:
        """The branch in which a message says ``text``: one that is known or waits, or is to come.

        Raises LookupError for an earlier message that nobody holds any more.
        """
        if int(id_.partition("-")[0]) >= self.place:
            return replace(self, edits={**self.edits, id_: text})
        changed = replace(
            self,
            inbox=_edited(self.inbox, id_, text),
            states={name: _edited_state(state, id_, text) for name, state in self.states.items()},
        )
        if changed == self:
            raise LookupError(id_)
        return changed


def _edited(mail: tuple[Message, ...], id_: str, text: str) -> tuple[Message, ...]:
    return tuple(replace(m, content=text) if m.id == id_ else m for m in mail)


def _edited_state(state: RegionState, id_: str, text: str) -> RegionState:
    requests, replies = _edited(state.requests, id_, text), _edited(state.replies, id_, text)
    return replace(state, requests=requests, replies=replies)


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open a run: ``stepping`` stops before each layer; ``timeout`` is in seconds.

    With ``only_recorded`` its steps are given what the branch's parent was answered, or fail.
    An ``open_ended`` run waits at its end for more layers, until it is closed or resumed.
    """

    stepping: bool = False
    timeout: float | None = None
    branch: Branch | None = None
    only_recorded: bool = False
    open_ended: bool = False
