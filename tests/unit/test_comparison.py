"""Where two traces part."""

from __future__ import annotations

from typing import Any

from regions_dist.domain.comparison import compare


def record(id_: str, content: str, seq: int = 1) -> dict[str, Any]:
    return {
        "seq": seq,
        "at": float(seq),
        "id": id_,
        "parent": None,
        "source": "A",
        "destination": "B",
        "role": "reply",
        "content": content,
        "outcome": "delivered",
        "copies": [],
    }


def test_times_and_routing_order_do_not_count() -> None:
    left = [record("1", "one", 1), record("2", "two", 2)]
    right = [record("2", "two", 1), record("1", "one", 2)]

    assert compare(left, right) == []


def test_each_message_that_differs_or_is_missing_is_told_by_position() -> None:
    left = [record("2", "two"), record("1", "one"), record("3", "three")]
    right = [record("1", "one"), record("2", "deux"), record("4", "four")]

    partings = compare(left, right)

    assert [parting.id for parting in partings] == ["2", "3", "4"]
    assert [p.left["content"] if p.left else None for p in partings] == ["two", "three", None]
    assert [p.right["content"] if p.right else None for p in partings] == ["deux", None, "four"]
