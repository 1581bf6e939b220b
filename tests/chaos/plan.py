"""The plan that is disturbed: eleven regions, seventeen layers, and a store that learns.

Chains of a layer write to one another's regions: they ask, answer, forward and summarize. No two
regions use the store in the same layer. The listeners stop in a layer of their own, since they
hear all that was delivered before. Some mail can be delivered to nobody: replies to a guest, and
what the herald sends abroad; what becomes of it depends on the policy, so runs take turns in
``POLICIES``. Some regions ask a model of the run's own, some one that other processes serve.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ASK_SHARED",
    "FACTS",
    "LISTENERS",
    "POLICIES",
    "SHARED",
    "plan_of",
    "regions_of_plan",
]

POLICIES = ("return", "reroute", "retry", "drop")
"""What is done with undeliverable mail, in the runs' turn; ``error`` would end them."""

LISTENERS = ("Chronicle", "Ledger")

SHARED = "shared"
"""The model that no machine of a region has: hosts serve it to all."""

ASK_SHARED = ("Critic", "Tutor")
"""The regions that ask it."""

FACTS = (
    ("The harbour of Aldin is grey, says the pilot.", ("pilot",)),
    ("The tower of Brack is tall, says the mason.", ("mason",)),
    ("The bridge of Corrow is old, says the carter.", ("carter",)),
)
"""What a run's store holds before the run, each with its actors."""

_TYPES = {
    "Desk": ("Region", ("Scout", "Archive", "Critic")),
    "Scout": ("Region", ("Archive", "Critic")),
    "Critic": ("Region", ("Desk", "Scout", "Tutor")),
    "Tutor": ("Region", ("Herald", "Scribe")),
    "Archive": ("RAGRegion", ("Desk", "Scout")),
    "Annex": ("RAGRegion", ("Critic",)),
    "Herald": ("BroadcastRegion", ("Critic", "Annex", "Relay", "Abroad")),
    "Relay": ("FeedForwardRegion", ("Archive", "Tutor")),
    "Scribe": ("FeedForwardRegion", ("terminal", "Archive")),
    "Chronicle": ("ListenerRegion", ()),
    "Ledger": ("ListenerRegion", ()),
}

_LAYERS = (
    ("Chronicle.start Ledger.start", "Desk.make_questions", "Scout.make_questions make_replies"),
    ("Archive.make_replies", "Critic.make_replies make_questions", "Herald.broadcast"),
    ("Scout.make_replies summarize_replies", "Desk.make_replies", "Tutor.make_replies"),
    ("Archive.make_updates make_replies", "Tutor.make_questions Scribe.make_replies"),
    ("Herald.broadcast Relay.make_replies", "Desk.summarize_replies make_questions"),
    ("Annex.make_replies", "Critic.make_replies", "Scribe.make_replies", "Tutor.make_questions"),
    ("Archive.make_updates clear_replies request_summaries", "Scout.make_replies"),
    ("Desk.make_replies", "Scout.make_replies make_questions", "Herald.broadcast"),
    ("Archive.make_updates make_replies", "Relay.make_replies", "Critic.summarize_replies"),
    ("Critic.make_replies make_questions", "Tutor.summarize_replies make_questions"),
    ("Desk.keep_last_reply_per_source make_replies", "Scribe.make_replies", "Herald.broadcast"),
    ("Annex.make_updates make_replies", "Scout.make_replies", "Tutor.make_replies"),
    ("Archive.make_replies make_updates", "Relay.make_replies", "Critic.summarize_replies"),
    ("Scout.summarize_replies make_questions", "Desk.make_questions", "Tutor.clear_replies"),
    ("Archive.make_replies make_updates clear_replies", "Critic.make_replies make_questions"),
    ("Desk.make_replies Scout.make_replies", "Tutor.make_replies"),
    ("Chronicle.stop", "Ledger.stop"),
)
"""Each layer's chains; a method without a region belongs to the region before it."""

_MESSAGES = (
    ("terminal", "Desk", "request", "What is the harbour of Aldin like?"),
    ("terminal", "Scribe", "request", "Who knows the tower of Brack?"),
    ("guest", "Scout", "request", "What is the bridge of Corrow made of?"),
    ("guest", "Herald", "request", "Is the harbour of Corrow open?"),
    ("visitor", "Archive", "reply", "The mill of Aldin is new."),
)


def regions_of_plan() -> tuple[str, ...]:
    """The names of the regions."""
    return tuple(_TYPES)


def plan_of(resources: str, undeliverable: str) -> dict[str, Any]:
    """The plan as a file holds it; its regions use the model and the store called ``resources``."""
    layers = [[_steps(chain) for chain in layer] for layer in _LAYERS]
    return {
        "version": 1,
        "regions": [_region(name, resources) for name in _TYPES],
        "layer_config": [
            {f"chain{number}": _regions(chain) for number, chain in enumerate(layer)}
            for layer in layers
        ],
        "execution_config": [[step for chain in layer for step in chain] for layer in layers],
        "execution_order": list(range(len(layers))),
        "messages": [
            dict(zip(("source", "destination", "role", "content"), message, strict=True))
            for message in _MESSAGES
        ],
        "postmaster": {
            "undeliverable": undeliverable,
            "rts_prepend": "Nobody is called that: ",
            "reroute_destination": "Tutor",
            "retries": 2,
            "cc": list(LISTENERS),
        },
    }


def _region(name: str, resources: str) -> dict[str, Any]:
    kind, connections = _TYPES[name]
    entry: dict[str, Any] = {"name": name, "type": kind}
    if kind != "ListenerRegion":
        llm = SHARED if name in ASK_SHARED else resources
        entry |= {"task": f"{name} knows the towns.", "llm": llm, "rag": resources}
        entry["connections"] = {other: f"{other} knows the towns." for other in connections}
    if kind == "RAGRegion":
        entry |= {"threshold": 0.4, "reply_with_actors": name == "Archive"}
    return entry


def _regions(steps: list[tuple[str, str]]) -> list[str]:
    return list(dict.fromkeys(region for region, _ in steps))


def _steps(chain: str) -> list[tuple[str, str]]:
    steps: list[tuple[str, str]] = []
    for word in chain.split():
        region, _, method = word.rpartition(".")
        steps.append((region or steps[-1][0], method))
    return steps
