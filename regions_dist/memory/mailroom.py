"""The mail of a run in memory: inboxes, mail from outside, retries."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions_dist.domain.delivery import Delivery, Fated, deliver
from regions_dist.domain.listening import listeners
from regions_dist.domain.message import MAX_BYTES, OUTSIDE, Message, StepId

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.memory.log import Log
    from regions_dist.ports import Verdict

__all__ = ["MailRoom", "Retry"]


@dataclass(frozen=True)
class Retry:
    """An undeliverable message that is tried again when the clock, in seconds, shows ``due``."""

    due: float
    tries: int
    message: Message


class MailRoom:
    """Delivers by the plan's rules, and says in ``log`` what became of each message."""

    def __init__(self, plan: Plan, log: Log) -> None:
        silent = listeners(plan)
        self.rules = plan.postmaster
        self.inboxes: dict[str, list[Message]] = {
            entry.name: [] for entry in plan.regions if entry.name not in silent
        }
        self._log = log
        self._held: list[OutsideMessage] = []
        self._late = 0
        self._retries: list[Retry] = []

    def hold(self, mail: Iterable[OutsideMessage]) -> None:
        """Keep mail from outside until the next layer starts."""
        self._held += mail

    def admit(self, place: int) -> list[Message]:
        """The mail that was held, which enters at the start of this place."""
        held, self._held = self._held, []
        return [_message(mail, place, number) for number, mail in enumerate(held)]

    def turn_held_away(self, place: int) -> None:
        """Bury what is held. ``place`` is past all."""
        held, self._held = self._held, []
        self.turn_away(place, held)

    def turn_away(self, place: int, mail: Iterable[OutsideMessage]) -> None:
        """Bury this mail: no layer will start for it. ``place`` is past all."""
        for outside in mail:
            self._log.routed(Fated(_message(outside, place, self._late), "dead", "run-ended"))
            self._late += 1

    def settle(self, message: Message, tries: int = 0) -> Delivery:
        """Deliver a message, or keep it for another try."""
        delivery = deliver(message, self.rules, self.inboxes, tries)
        if delivery.retry_after is not None:
            due = time.monotonic() + delivery.retry_after
            self._retries.append(Retry(due, tries + 1, message))
        for fated in delivery.fates:
            if fated.fate == "delivered":
                self.inboxes[fated.message.destination].append(fated.message)
            self._log.routed(fated)
        return delivery

    def take_due(self) -> list[Retry]:
        """The retries whose time has come."""
        now = time.monotonic()
        due = [retry for retry in self._retries if retry.due <= now]
        self._retries = [retry for retry in self._retries if retry.due > now]
        return due

    def next_due(self) -> float | None:
        """Seconds until the next retry, None where nothing waits for one."""
        now = time.monotonic()
        return min((max(0.0, retry.due - now) for retry in self._retries), default=None)

    def visible(self, region: str, step: StepId) -> list[Message]:
        """What this step may see of the region's inbox, by position.

        That is what came in earlier places, in its own chain, or from outside.
        """
        inbox = self.inboxes.get(region, ())
        return sorted((m for m in inbox if _sees(step, m)), key=lambda message: message.id)

    def consume(self, region: str, ids: Iterable[str]) -> None:
        """Take these messages out of the region's inbox."""
        if region in self.inboxes:
            self.inboxes[region] = self._without(region, ids)

    def is_full(self, destination: str) -> bool:
        """Whether mail from outside for this region has no room now."""
        waiting = len(self._held) + len(self.inboxes.get(destination, ()))
        return waiting >= self.rules.inbox_limit

    def refusal(
        self, region: str, consumed: Iterable[str], posted: Sequence[Message]
    ) -> Verdict | None:
        """Why a step of ``region`` that consumes and posts this cannot be committed, if so."""
        loads: dict[str, tuple[int, int]] = {}
        for message in posted:
            to, size = message.destination, len(message.content.encode())
            if size > MAX_BYTES:
                return "too-large"
            if to not in self.inboxes:
                continue
            if to not in loads:
                loads[to] = _load(self._without(to, consumed if to == region else ()))
            number, weight = loads[to]
            loads[to] = number + 1, weight + size
            if number + 1 > self.rules.inbox_limit or weight + size > self.rules.inbox_bytes:
                return "inbox-full"
        return None

    def _without(self, region: str, ids: Iterable[str]) -> list[Message]:
        gone = set(ids)
        return [message for message in self.inboxes[region] if message.id not in gone]


def _message(outside: OutsideMessage, place: int, number: int) -> Message:
    id_ = StepId(place, OUTSIDE, 0).message_id(number)
    return Message(outside.source, outside.destination, outside.role, outside.content, id_)


def _sees(step: StepId, message: Message) -> bool:
    place, chain = (int(part) for part in message.id.split("-")[:2])
    return place < step.place or chain in {step.chain, OUTSIDE}


def _load(inbox: Sequence[Message]) -> tuple[int, int]:
    return len(inbox), sum(len(message.content.encode()) for message in inbox)
