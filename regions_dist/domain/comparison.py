"""Where two runs part: their traces compared message by message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Parting", "compare"]

_COMPARED: Final = ("source", "destination", "role", "content", "outcome", "parent", "copies")


@dataclass(frozen=True, slots=True)
class Parting:
    """A message that two runs do not have in common: as each has it, or None where it has not."""

    id: str
    left: Mapping[str, Any] | None
    right: Mapping[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        """The form of ``diff --json``."""
        return {"id": self.id, "left": self.left, "right": self.right}


def compare(left: Iterable[Mapping[str, Any]], right: Iterable[Mapping[str, Any]]) -> list[Parting]:
    """The partings of two traces by position; times and routing order do not count."""
    ours, theirs = (
        {record["id"]: _timeless(record) for record in trace} for trace in (left, right)
    )
    return [
        Parting(id_, ours.get(id_), theirs.get(id_))
        for id_ in sorted(ours.keys() | theirs.keys())
        if ours.get(id_) != theirs.get(id_)
    ]


def _timeless(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in _COMPARED}
