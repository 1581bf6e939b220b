"""One run in memory: the state that the scripts keep on a broker, and the same changes of it."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regions_dist.domain.listening import copied
from regions_dist.domain.message import MAX_BYTES, StepId
from regions_dist.domain.outcome import LayerTurn, RunProblemReport, RunView
from regions_dist.memory.barrier import Barrier
from regions_dist.memory.bell import Bell
from regions_dist.memory.log import Log
from regions_dist.memory.mailroom import MailRoom
from regions_dist.ports import Claim, Order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.outcome import RunStatus
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.domain.schedule import Place, Step
    from regions_dist.ports import Injected, NotTaken, Verdict

__all__ = ["MemoryRun"]

_OVER = {"succeeded", "cancelled"}


@dataclass
class _Turn:
    layer: int
    started: float | None = None
    done: float | None = None


class MemoryRun:
    """A run of ``plan``; an ``open_ended`` one waits at its end for more."""

    def __init__(self, name: str, plan: Plan, *, open_ended: bool) -> None:
        self.name = name
        self.plan = plan
        self.log = Log(copied(plan))
        self.mail = MailRoom(plan, self.log)
        self.orders: deque[Order] = deque()
        self.ordered = Bell()
        self.answers: dict[str, dict[str, str]] = defaultdict(dict)
        self.states: dict[str, RegionState] = {}
        self.status: RunStatus = "running"
        self.stopped_before: int | None = None
        self._open_ended = open_ended
        self._problem: RunProblemReport | None = None
        self._stopped_at: float | None = None
        self._places: list[Place] = []
        self._turns: list[_Turn] = []
        self._place = -1
        self._steps: dict[str, str] = {}
        """Region to the step that it has been ordered to do, until that is done or has failed."""
        self._done: set[str] = set()
        self._keys: dict[str, Injected] = {}
        self._count = 0

    def begin(self, places: Sequence[Place], messages: Sequence[OutsideMessage]) -> None:
        """Start with these places and this mail."""
        self._add(places, messages)
        self.log.event("run", status="running")
        self._enter(0)
        self._advance()

    def extend(self, plan: Plan, places: Sequence[Place], mail: Sequence[OutsideMessage]) -> bool:
        """Go on to further places; False where the run does not wait for any."""
        if self.status != "paused" or self.stopped_before != len(self._places):
            return False
        self.plan = plan
        self._add(places, mail)
        self._set_status("running")
        self._leave_stop()
        return True

    def claim(self, order: Order) -> Claim | NotTaken:
        """Take a step, with the mail that it may see."""
        if self.status != "running" or self._steps.get(order.region) != order.step:
            return "gone"
        self._say(order, "running", method=order.method, worker="this process")
        mail = self.mail.visible(order.region, StepId.parse(order.step))
        return Claim(
            order=order,
            epoch=self._next(),
            token=order.entry,
            state=self.states.get(order.region),
            mail=tuple(mail),
            consumed=tuple(message.id for message in mail),
            answers=dict(self.answers[order.step]),
        )

    def note(self, order: Order, status: str, message: str) -> None:
        """Tell the run's watchers how a step fares."""
        self._say(order, status, message=message)

    def commit(
        self, claim: Claim, state: RegionState, posted: Sequence[Message], warnings: Sequence[str]
    ) -> Verdict:
        """All effects of a step, or none, once."""
        order = claim.order
        refusal = self._refusal(order, count_cancelled=True)
        if refusal := refusal or self.mail.refusal(order.region, claim.consumed, posted):
            return refusal
        self.mail.consume(order.region, claim.consumed)
        self.states[order.region] = state
        self._close(order)
        for message in posted:
            self._post(message)
        for warning in warnings:
            self._say(order, "warning", message=warning)
        self._say(order, "done")
        self._advance()
        return "done"

    def fail(self, claim: Claim, code: str, message: str, *, go_on: bool) -> Verdict:
        """Record that a step failed; ``go_on`` lets its chain go on."""
        order = claim.order
        if refusal := self._refusal(order, count_cancelled=False):
            return refusal
        self._say(order, "failed", code=code, message=message)
        if go_on:
            self._close(order)
            self._advance()
            return "done"
        del self._steps[order.region]
        if self.status != "cancelled":
            self._set_status("failed", code, message, f"{order.region}.{order.method}")
        return "done"

    def inject(self, message: OutsideMessage, key: str) -> Injected:
        """Hold mail from outside for the next layer, once for each key."""
        if key in self._keys:
            return "duplicate" if self._keys[key] == "held" else "run-ended"
        if len(message.content.encode()) > MAX_BYTES:
            return "too-large"
        if self.status in _OVER:
            self.mail.turn_away(len(self._places), [message])
            self._keys[key] = "run-ended"
            return "run-ended"
        if self.mail.is_full(message.destination):
            return "full"
        self.mail.hold([message])
        self._keys[key] = "held"
        return "held"

    def steer(self, action: str) -> RunStatus:
        """Pause, cancel or close the run, or let it time out; again, that changes nothing."""
        if action == "pause" and self.status == "running":
            self._set_status("paused")
        elif action == "time_out" and self.status in {"running", "paused"}:
            why = "the time for the run is up; it can be resumed"
            self._set_status("timed_out", "timed-out", why)
        elif action == "cancel" and self.status not in _OVER:
            self._set_status("cancelled")
        elif action == "close" and self.status in {"running", "paused"}:
            self._end()
        return self.status

    def resume(self, inbox_limit: int | None, inbox_bytes: int | None) -> RunStatus:
        """Let the run go on; failed steps are tried again."""
        if self.status in _OVER:
            return self.status
        changes = {"inbox_limit": inbox_limit, "inbox_bytes": inbox_bytes}
        given = {key: value for key, value in changes.items() if value is not None}
        self.mail.rules = self.mail.rules.model_copy(update=given)
        if self.status != "running":
            self._set_status("running")
        if self.stopped_before is None:
            for step in self._barrier.under_way():
                self._order(step)
            self.route()
            self._advance()
        else:
            self._leave_stop()
        return self.status

    def route(self) -> float | None:
        """Try again what is due; seconds until more is."""
        due = self.mail.take_due()
        for retry in due:
            self._settle(retry.message, retry.tries)
        if due:
            self._advance()
        return self.mail.next_due()

    def view(self) -> RunView:
        """The run as it stands."""
        began = next((turn.started for turn in self._turns if turn.started), None)
        until = self._stopped_at or time.time()
        ended = self._turns[-1].done if self._turns else None
        return RunView(
            run=self.name,
            status=self.status,
            answers=tuple(self.log.answers),
            layers=tuple(self._layers(until)),
            messages=dict(self.log.fates),
            seconds=(ended or until) - began if began else 0.0,
            error=self._problem,
            stopped_before=self.stopped_before,
        )

    def _layers(self, until: float) -> Iterator[LayerTurn]:
        for turn in self._turns:
            if turn.started is None:
                yield LayerTurn(turn.layer, "waiting", 0.0)
            else:
                status = "succeeded" if turn.done else self.status
                yield LayerTurn(turn.layer, status, (turn.done or until) - turn.started)

    def _add(self, places: Sequence[Place], mail: Sequence[OutsideMessage]) -> None:
        self._places += places
        self._turns += [_Turn(place.layer) for place in places]
        self.mail.hold(mail)

    def _enter(self, place: int) -> None:
        """Go on to a place; past the last one the run waits for more, or ends."""
        self._place = place
        if place < len(self._places):
            self._barrier = Barrier(self._places[place])
            self._turns[place].started = self._layer_event(place, "started")
            for message in self.mail.admit(place):
                self._post(message)
        elif self._open_ended:
            self.stopped_before = place
            why = "waits for its program to say what comes next"
            self._set_status("paused", "step", why, str(place))
        else:
            self._finish()

    def _leave_stop(self) -> None:
        place, self.stopped_before = self.stopped_before, None
        if place is None or place == len(self._places):
            self._finish()
        else:
            self._enter(place)
            self._advance()

    def _end(self) -> None:
        if self.stopped_before == len(self._places):
            self._leave_stop()
        else:
            self._set_status("cancelled")

    def _finish(self) -> None:
        self.mail.turn_held_away(len(self._places))
        self._set_status("succeeded")

    def _advance(self) -> None:
        """Release the steps that nothing holds, and go on to the next place when none is left."""
        while self.status == "running":
            for step in self._barrier.release():
                self._order(step)
            if not self._barrier.open:
                return
            self._turns[self._place].done = self._layer_event(self._place, "done")
            self._enter(self._place + 1)

    def _order(self, step: Step) -> None:
        self._steps[step.region] = str(step.id)
        order = Order(self.name, str(step.id), step.region, step.method, str(self._next()))
        self._say(order, "queued", method=step.method, worker="")
        self.orders.append(order)
        self.ordered.ring()

    def _refusal(self, order: Order, *, count_cancelled: bool) -> Verdict | None:
        if order.step in self._done:
            return "duplicate"
        if count_cancelled and self.status == "cancelled":
            return "cancelled"
        return None if self._steps.get(order.region) == order.step else "fenced"

    def _close(self, order: Order) -> None:
        """A step is over, well or not."""
        self._done.add(order.step)
        del self._steps[order.region]
        self._barrier.over(StepId.parse(order.step))

    def _post(self, message: Message) -> None:
        self._barrier.posted(message)
        self._settle(message, 0)

    def _settle(self, message: Message, tries: int) -> None:
        delivery = self.mail.settle(message, tries)
        if delivery.fates:
            self._barrier.settled(message)
        else:
            self.ordered.ring()  # who waits for orders learns when to try again
        if delivery.problem and self.status != "cancelled":
            self._set_status("failed", "undeliverable", delivery.problem, message.source)

    def _set_status(
        self, new: RunStatus, code: str = "", message: str = "", where: str = ""
    ) -> None:
        """Of several reasons to fail the first one stays."""
        if new != "failed" or self.status != "failed":
            wrong = new in {"failed", "timed_out"}
            self._problem = RunProblemReport(code, message, where) if wrong else None
        self.status = new
        at = self.log.event("run", status=new, code=code, message=message, where=where)
        self._stopped_at = None if new == "running" else at

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _layer_event(self, place: int, status: str) -> float:
        layer = str(self._places[place].layer)
        return self.log.event("layer", place=str(place), layer=layer, status=status)

    def _say(self, order: Order, status: str, **fields: Any) -> None:
        self.log.event("step", step=order.step, region=order.region, status=status, **fields)
