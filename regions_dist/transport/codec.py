"""Messages, plans and records as Redis holds them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regions_dist.domain.message import Message, role_of
from regions_dist.domain.outcome import Event
from regions_dist.domain.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.schedule import Place

__all__ = ["event_of", "flat", "message_of", "plan_fields", "plan_of", "trace_record"]


def flat(message: Message) -> tuple[str, ...]:
    """A posted message as the commit script takes it."""
    m = message
    return (m.id, m.parent, m.source, m.destination, m.role, str(m.hops), m.content)


def message_of(fields: Mapping[str, str]) -> Message:
    """A message out of a stream entry."""
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
    listeners = [entry.name for entry in plan.regions if entry.type == "ListenerRegion"]
    fields = {
        "document": plan.model_dump_json(),
        "places": str(len(places)),
        "undeliverable": rules.undeliverable,
        "retries": str(rules.retries),
        "rts_source": rules.rts_source or "",
        "rts_prepend": rules.rts_prepend or "",
        "reroute_destination": rules.reroute_destination or "",
        "cc": json.dumps(listeners if rules.cc is None else list(rules.cc)),
        "print_address": rules.print_address,
        "max_hops": str(rules.max_hops),
        "inbox_limit": str(rules.inbox_limit),
    }
    fields |= {f"region:{e.name}": "1" for e in plan.regions if e.name not in listeners}
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


def plan_of(document: str) -> Plan:
    """The plan that was stored."""
    return Plan.model_validate_json(document)


def event_of(seq: str, fields: dict[str, str]) -> Event:
    """An event out of a stream entry; ``at`` in seconds since 1970."""
    rest = {name: text for name, text in fields.items() if name not in {"type", "at"}}
    return Event(seq, int(fields["at"]) / 1e6, fields["type"], rest)


def trace_record(fields: Mapping[str, str]) -> dict[str, Any]:
    """A routed message in CONTRACT's form."""
    return {
        "seq": int(fields["seq"]),
        "at": int(fields["at"]) / 1e6,
        "id": fields["id"],
        "parent": fields["parent"] or None,
        "source": fields["source"],
        "destination": fields["destination"],
        "role": fields["role"],
        "content": fields["content"],
        "outcome": fields["outcome"],
        "copies": json.loads(fields["copies"]),
    }
