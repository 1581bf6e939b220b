"""The same run by one hand, without a broker: what must come out however the run was disturbed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from regions_dist.domain.message import OUTSIDE, Message, StepId
from tests.protocol.play import REGIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.protocol.play import Play

__all__ = ["Undisturbed"]


@dataclass
class Undisturbed:
    """A run of ``play`` into which ``admitted`` came at its places, without the ``skipped`` steps.

    ``fates`` maps each message's id onto the message and what became of it.
    """

    play: Play
    admitted: Mapping[int, list[Message]]
    skipped: Collection[str]
    fates: dict[str, tuple[Message, str]] = field(default_factory=dict)
    inboxes: dict[str, list[Message]] = field(default_factory=lambda: defaultdict(list))
    states: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, place in enumerate(self.play.places):
            for message in self.admitted.get(number, ()):
                self._settle(message)
            for step in (step for chain in place.chains for step in chain.steps):
                if str(step.id) not in self.skipped:
                    self._do(step.id, step.region)

    def _do(self, step: StepId, region: str) -> None:
        mail = [message for message in self.inboxes[region] if _visible(message, step)]
        mail.sort(key=lambda message: message.id)
        self.inboxes[region] = [m for m in self.inboxes[region] if m not in mail]
        state = self.states.get(region, "")
        self.states[region], posted = self.play.effects(str(step), state, mail)
        for message in posted:
            self._settle(message)

    def _settle(self, message: Message) -> None:
        if message.hops > self.play.plan.postmaster.max_hops:
            self._end(message, "dead")
        elif message.destination == "terminal":
            self._end(message, "printed")
        elif message.destination in REGIONS:
            self._end(message, "delivered")
            self.inboxes[message.destination].append(message)
        else:
            self._undeliverable(message)

    def _undeliverable(self, message: Message) -> None:
        rules = self.play.plan.postmaster
        if rules.undeliverable == "drop":
            self._end(message, "dropped")
        elif rules.undeliverable == "return" and _can_return(message):
            self._end(message, "returned")
            self._settle(self._returned(message))
        elif rules.undeliverable == "reroute" and not message.id.endswith("f"):
            self._end(message, "rerouted")
            self._settle(_child(message, "f", destination=rules.reroute_destination or ""))
        else:
            self._end(message, "dead")

    def _returned(self, message: Message) -> Message:
        rules = self.play.plan.postmaster
        return _child(
            message,
            "r",
            source=rules.rts_source or message.destination,
            destination=message.source,
            role="reply",
            content=(rules.rts_prepend or "") + message.content,
        )

    def _end(self, message: Message, fate: str) -> None:
        self.fates[message.id] = message, fate


def _visible(message: Message, step: StepId) -> bool:
    place, chain = (int(part) for part in message.id.split("-")[:2])
    return place < step.place or chain in {OUTSIDE, step.chain}


def _can_return(message: Message) -> bool:
    return not message.id.endswith("r") and message.source in {*REGIONS, "terminal"}


def _child(message: Message, suffix: str, **changes: str) -> Message:
    identity = {"id": message.id + suffix, "parent": message.id}
    return replace(message, hops=message.hops + 1, **identity, **changes)  # type: ignore[arg-type]
