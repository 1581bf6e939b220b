"""What no run may leave behind when it has ended well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regions_dist.transport.run_record import RunRecord

__all__ = ["leftovers"]

_EMPTY = ("out", "held", "waiting", "retry", "open", "barrier")
_EMPTY_KINDS = ("lease:", "orders:")


def leftovers(record: RunRecord) -> Iterator[tuple[Any, ...]]:
    """Leases, orders, retries, mail on its way, and loads that are not those of the inboxes."""
    for _, name, content in record.parts():
        if content and (name in _EMPTY or name.startswith(_EMPTY_KINDS)):
            yield name, content
    for message, stage in record.hashes["letters"].items():
        if stage.startswith("flight"):
            yield "letters", message, stage
    for name, number in record.hashes["load"].items():
        unread = [fields["content"] for _, fields in record.streams[f"in:{name[2:]}"]]
        there = len(unread) if name.startswith("n:") else sum(len(text.encode()) for text in unread)
        if int(number) != there:
            yield "load", name, number, f"the inbox holds {there}"
