"""What becomes of a message: the Postmaster's rules, as a function of message, rules and names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

    from regions_dist.domain.message import Message
    from regions_dist.domain.outcome import Fate
    from regions_dist.domain.plan import PostmasterPolicy

__all__ = ["LONGEST_PAUSE", "Delivery", "Fated", "deliver"]

FIRST_PAUSE: Final = 0.25
LONGEST_PAUSE: Final = 5.0
"""Seconds in which all retries of a message end."""


@dataclass(frozen=True, slots=True)
class Fated:
    """A message and its fate. ``reason`` is why it is a dead letter, else ""."""

    message: Message
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The fates of a message and of those that the rules made of it, in order.

    Without fates it is to be tried again in ``retry_after`` seconds. ``problem`` is why the run
    fails of it, else "".
    """

    fates: tuple[Fated, ...] = ()
    retry_after: float | None = None
    problem: str = ""


def deliver(
    message: Message, rules: PostmasterPolicy, regions: Collection[str], tries: int = 0
) -> Delivery:
    """What becomes of ``message``, which was tried ``tries`` times before.

    ``regions`` are the names that can be given mail. ``router.lua`` does the same on the broker.
    """
    if message.hops > rules.max_hops:
        return _dead(message, "hop limit")
    if message.destination == rules.print_address:
        return Delivery((Fated(message, "printed"),))
    if message.destination in regions:
        return Delivery((Fated(message, "delivered"),))
    return _undeliverable(message, rules, regions, tries)


def _undeliverable(
    message: Message, rules: PostmasterPolicy, regions: Collection[str], tries: int
) -> Delivery:
    if rules.undeliverable == "return":
        return _give_back(message, rules, regions)
    if rules.undeliverable == "reroute":
        return _send_on(message, rules, regions)
    if rules.undeliverable == "retry":
        return _try_later(message, rules, tries)
    if rules.undeliverable == "drop":
        return Delivery((Fated(message, "dropped"),))
    why = (
        f"message {message.id} from '{message.source}' is for '{message.destination}', "
        "which the plan does not hold"
    )
    return replace(_dead(message, why), problem=why)


def _give_back(message: Message, rules: PostmasterPolicy, regions: Collection[str]) -> Delivery:
    known = message.source in regions or message.source == rules.print_address
    if message.id.endswith("r") or not known:
        return _dead(message, "nobody to return it to")
    child = replace(
        _offspring(message, "r"),
        source=rules.rts_source or message.destination,
        destination=message.source,
        role="reply",
        content=(rules.rts_prepend or "") + message.content,
    )
    return _followed(Fated(message, "returned"), deliver(child, rules, regions))


def _send_on(message: Message, rules: PostmasterPolicy, regions: Collection[str]) -> Delivery:
    if message.id.endswith("f"):
        return _dead(message, "rerouted once already")
    child = replace(_offspring(message, "f"), destination=rules.reroute_destination or "")
    return _followed(Fated(message, "rerouted"), deliver(child, rules, regions))


def _try_later(message: Message, rules: PostmasterPolicy, tries: int) -> Delivery:
    if tries >= rules.retries:
        return _dead(message, f"still undeliverable after {tries} retries")
    pause = min(FIRST_PAUSE * 2**tries, LONGEST_PAUSE / rules.retries)
    return Delivery(retry_after=pause)


def _offspring(message: Message, mark: str) -> Message:
    return replace(message, id=message.id + mark, parent=message.id, hops=message.hops + 1)


def _followed(first: Fated, rest: Delivery) -> Delivery:
    return replace(rest, fates=(first, *rest.fates))


def _dead(message: Message, reason: str) -> Delivery:
    return Delivery((Fated(message, "dead", reason),))
