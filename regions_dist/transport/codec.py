"""Messages and plans as Redis holds them, and back."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from regions_dist.domain.listening import copied, listeners
from regions_dist.domain.message import Message, role_of
from regions_dist.domain.outcome import Event
from regions_dist.domain.plan import Plan
from regions_dist.domain.state_codec import dump_state

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.branch import Branch, Opening
    from regions_dist.domain.plan import OutsideMessage
    from regions_dist.domain.schedule import Place

__all__ = [
    "FIELDS",
    "digest_of",
    "event_of",
    "extension_arguments",
    "flat",
    "message_of",
    "opening_arguments",
    "plan_fields",
    "plan_of",
    "size_of",
]

FIELDS: Final = ("id", "parent", "source", "destination", "role", "hops", "content", "body")
"""The fields of a message's entry, in the order in which scripts take them."""

_ENVELOPE: Final = {"type", "number", "at", "body"}

_INLINE: Final = 32 * 2**10
"""Characters of content that a message carries itself; more is kept once, and referred to."""


def size_of(content: str) -> int:
    """The bytes that a message's content counts for."""
    return len(content.encode(errors="replace"))


def digest_of(content: str) -> str:
    """Under what name a large content is kept; "" for one that its message carries itself."""
    if len(content) <= _INLINE:
        return ""
    return hashlib.sha256(content.encode(errors="replace")).hexdigest()


def flat(message: Message) -> tuple[str, ...]:
    """A posted message as the scripts take it."""
    m = message
    head = (m.id, m.parent, m.source, m.destination, m.role, str(m.hops))
    return (*head, m.content, digest_of(m.content))


def message_of(fields: Mapping[str, str]) -> Message:
    """A message out of a stream entry whose content has been put back."""
    return Message(
        source=fields["source"],
        destination=fields["destination"],
        role=role_of(fields["role"]),
        content=fields["content"],
        id=fields["id"],
        parent=fields["parent"],
        hops=int(fields["hops"]),
    )


def plan_fields(plan: Plan, places: Sequence[Place]) -> dict[str, str]:
    """What the scripts read of a plan, and the plan itself under ``document``."""
    rules = plan.postmaster
    silent = listeners(plan)
    fields = {
        "document": plan.model_dump_json(),
        "places": str(len(places)),
        "undeliverable": rules.undeliverable,
        "retries": str(rules.retries),
        "rts_source": rules.rts_source or "",
        "rts_prepend": rules.rts_prepend or "",
        "reroute_destination": rules.reroute_destination or "",
        "cc": json.dumps(copied(plan)),
        "print_address": rules.print_address,
        "max_hops": str(rules.max_hops),
        "inbox_limit": str(rules.inbox_limit),
        "inbox_bytes": str(rules.inbox_bytes),
    }
    fields |= {f"region:{e.name}": "1" for e in plan.regions if e.name not in silent}
    for number, place in enumerate(places):
        fields |= _place_fields(number, place)
    return fields


def _place_fields(number: int, place: Place) -> dict[str, str]:
    fields = {f"layer:{number}": str(place.layer), f"chains:{number}": str(len(place.chains))}
    for chain_number, chain in enumerate(place.chains, start=1):
        fields[f"steps:{number}:{chain_number}"] = str(len(chain.steps))
        for step in chain.steps:
            fields[f"step:{step.id}:region"] = step.region
            fields[f"step:{step.id}:method"] = step.method
    return fields


def opening_arguments(
    plan: Plan, places: Sequence[Place], messages: Sequence[OutsideMessage], opening: Opening
) -> list[str]:
    """What ``open.lua`` takes."""
    branch = opening.branch
    head = [
        str(branch.place if branch else 0),
        branch.parent if branch else "",
        "1" if opening.stepping else "",
        "" if opening.timeout is None else f"{opening.timeout * 1e6:.0f}",
    ]
    rules = {"only_recorded": opening.only_recorded, "open_ended": opening.open_ended}
    marks = {name: "1" for name, holds in rules.items() if holds}
    fields: list[tuple[str, ...]] = list((plan_fields(plan, places) | marks).items())
    mail = [*(branch.mail if branch else ()), *((0, message) for message in messages)]
    return head + _counted(
        fields,
        *_branch_lists(branch, plan, places),
        [_outside(at, message) for at, message in mail],
    )


def extension_arguments(
    plan: Plan, places: Sequence[Place], first: int, messages: Sequence[OutsideMessage]
) -> list[str]:
    """What ``extend.lua`` takes. ``places`` are all of the run's, those from ``first`` on new."""
    fields: list[tuple[str, ...]] = list(plan_fields(plan, places).items())
    return [str(first), *_counted(fields, [_outside(0, message) for message in messages])]


def _counted(*lists: Sequence[tuple[str, ...]]) -> list[str]:
    """The items of each list behind their number."""
    return [
        text
        for items in lists
        for text in (str(len(items)), *(text for item in items for text in item))
    ]


def _branch_lists(
    branch: Branch | None, plan: Plan, places: Sequence[Place]
) -> list[list[tuple[str, ...]]]:
    """States, inboxes and answers of what the plan, maybe another one, still has; and edits."""
    if branch is None:
        return [[], [], [], []]
    regions = {entry.name for entry in plan.regions}
    steps = {str(s.id) for place in places for chain in place.chains for s in chain.steps}
    states = [(name, dump_state(state)) for name, state in branch.states.items() if name in regions]
    inbox = [flat(message) for message in branch.inbox if message.destination in regions]
    answers = [
        (step, name, answer)
        for step, kept in branch.answers.items()
        for name, answer in kept.items()
        if step in steps
    ]
    edits = [(id_, text, digest_of(text)) for id_, text in branch.edits.items()]
    return [[*states], [*inbox], [*answers], [*edits]]


def _outside(at: int, message: OutsideMessage) -> tuple[str, ...]:
    m = message
    return ("", m.source, m.destination, m.role, m.content, digest_of(m.content), str(at))


def plan_of(document: str) -> Plan:
    """The plan that was stored."""
    return Plan.model_validate_json(document)


def event_of(seq: str, fields: Mapping[str, str]) -> Event | None:
    """An event out of a stream entry, ``at`` in seconds since 1970; None for what is no event."""
    if "type" not in fields or not (fields.get("at", "") + fields.get("number", "0")).isdecimal():
        return None
    rest = {name: text for name, text in fields.items() if name not in _ENVELOPE}
    number = int(fields.get("number", 0))
    return Event(seq, int(fields["at"]) / 1e6, fields["type"], rest, number)
