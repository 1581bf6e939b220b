"""Commit, lease and route against a model, in orders of calls that nobody would think of.

Two workers, routers and coordinators call the real scripts, one call a rule. Any of them may die
between two calls, or lose an answer and send the same call again, at once or much later; the
broker's clock jumps; entries are put into streams by hand. After each call its answer is compared
with the model's (``tests/protocol/calls.py``), and the laws of ``tests/protocol/laws.py`` must
hold. In the end the run is driven home and compared with one that nobody disturbed.

The default is always the same 100 runs. ``PROTOCOL_RUNS=5000 scripts/test unit -k protocol`` tries
that many new ones; a failure prints the shortest run that fails.
"""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from regions_dist.domain.message import Message
from regions_dist.transport import codec
from tests.protocol import laws
from tests.protocol.broker import Broker
from tests.protocol.calls import (
    Answer,
    Call,
    Claim,
    Commit,
    Fail,
    Inject,
    Note,
    Open,
    Redeliver,
    Refuse,
    Renew,
    Route,
    Steer,
)
from tests.protocol.ledger import Ledger, outside_of
from tests.protocol.play import DESTINATIONS, REGIONS, plays
from tests.protocol.undisturbed import Undisturbed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.protocol.ledger import Taken
    from tests.protocol.play import Play

_RUNS: Final = os.environ.get("PROTOCOL_RUNS")
_LONGEST: Final = 200
"""Steps in which every run must come home."""

_newest = st.integers(0, 5)
"""Which of several things, from the newest back."""
_workers = st.sampled_from(["one", "other"])
_yes = st.sampled_from([True, False])
_steering = ["pause", "resume", "time_out", "resume", "pause", "resume", "cancel"]
_mail_streams = ["out", "waiting", "held", *(f"in:{region}" for region in REGIONS)]
_spoilt: Final[dict[str, dict[str, str]]] = {
    "copy": {},
    "role": {"role": "boss"},
    "hops": {"hops": "many"},
    "id": {"id": "0002-001-000-000000"},
    "no id": {"id": "hello"},
    "destination": {"destination": "A"},
    "body": {"body": "nowhere", "content": ""},
    "place": {"at": "soon"},
}


class Protocol(RuleBasedStateMachine):
    """One run, from its opening to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = Broker()
        self.seen = self.broker.snapshot()
        self.sent: list[tuple[str, Call]] = []
        self.taken: dict[str, list[Taken]] = {"one": [], "other": []}
        self.watched: dict[tuple[str, str], str] = {}
        self.orders: list[tuple[str, str, dict[str, str]]] = []
        self.tokens = 0
        self.broken = False

    @initialize(play=plays())
    def a_coordinator_opens_the_run(self, play: Play) -> None:
        self.play = play
        self.ledger = Ledger(play)
        self.call("one", Open(play))

    # Workers

    @rule(worker=_workers, which=_newest, watched=_yes)
    def claim(self, worker: str, which: int, watched: bool) -> None:  # noqa: FBT001 drawn
        """A step that is ordered now, or was once."""
        if order := pick(self._orders(), which):
            self.read(worker, order, watched=watched)

    @rule(worker=_workers, routing=_yes)
    def do_a_step(self, worker: str, routing: bool) -> None:  # noqa: FBT001 drawn
        """Without a disturbance, but for a dead owner whose lease was watched."""
        if self.seen.hash("open"):
            self._do_a_step(worker, routing=routing)

    @rule(worker=_workers, which=_newest)
    def renew(self, worker: str, which: int) -> None:
        if taken := pick(self.taken[worker], which):
            self.call(worker, Renew(taken))

    @rule(worker=_workers, which=_newest, text=st.sampled_from(["yes", "no", ""]))
    def answer(self, worker: str, which: int, text: str) -> None:
        if taken := pick(self.taken[worker], which):
            self.call(worker, Answer(taken, text=text))
            self.call(worker, Note(taken))

    @rule(worker=_workers, which=_newest, behind=st.sampled_from([0, 0, 1, -1]), routing=_yes)
    def commit(self, worker: str, which: int, behind: int, routing: bool) -> None:  # noqa: FBT001 drawn
        if taken := pick(self.taken[worker], which):
            self.call(worker, Commit(taken, behind, self.play, routing))

    @rule(worker=_workers, which=_newest)
    def commit_too_much(self, worker: str, which: int) -> None:
        if taken := pick(self.taken[worker], which):
            self.call(worker, Commit(taken, 0, self.play, largest=1))

    @rule(worker=_workers, which=_newest, go_on=_yes)
    def fail(self, worker: str, which: int, go_on: bool) -> None:  # noqa: FBT001 drawn
        if taken := pick(self.taken[worker], which):
            self.call(worker, Fail(taken, go_on=go_on))

    @rule(worker=_workers)
    def die(self, worker: str) -> None:
        """And start again, knowing nothing."""
        self.taken[worker].clear()
        self.sent = [(who, call) for who, call in self.sent if who != worker]

    # Routers and coordinators

    @rule(router=_workers)
    def route(self, router: str) -> None:
        self.call(router, Route())

    @rule(coordinator=_workers, action=st.sampled_from(_steering))
    def steer(self, coordinator: str, action: str) -> None:
        self.call(coordinator, Steer(action))

    @rule(coordinator=_workers, deadline=st.sampled_from(["", "5000000"]), more=_yes)
    def resume(self, coordinator: str, deadline: str, more: bool) -> None:  # noqa: FBT001 drawn
        self.call(coordinator, Steer("resume", deadline, *(("10000", "1000000") if more else ())))

    @rule(coordinator=_workers)
    def open_again(self, coordinator: str) -> None:
        self.call(coordinator, Open(self.play))

    @rule(
        who=_workers,
        key=st.sampled_from("abc"),
        to=st.sampled_from(DESTINATIONS),
        put_away=_yes,
    )
    def inject(self, who: str, key: str, to: str, put_away: bool) -> None:  # noqa: FBT001 drawn
        self.call(who, Inject(key, to, put_away=put_away))

    @rule(who=_workers, which=_newest, to=st.sampled_from(["", "A", "Nobody"]))
    def redeliver(self, who: str, which: int, to: str) -> None:
        letter = pick([fields["id"] for _, fields in self.seen.stream("dead")], which)
        self.call(who, Redeliver(letter or "unknown", to))

    # What goes wrong

    @rule(which=st.integers(0, 20))
    def send_again(self, which: int) -> None:
        """A call whose answer was lost."""
        if sent := pick(self.sent, which):
            self.call(*sent)

    @rule(seconds=st.sampled_from([0.001, 0.3, 5.0, 100.0, -1.0, -3600.0]))
    def clock_jumps(self, seconds: float) -> None:
        self.broker.now += seconds

    @rule(stream=st.sampled_from(_mail_streams), spoilt=st.sampled_from([*_spoilt]), which=_newest)
    def put_mail_in_by_hand(self, stream: str, spoilt: str, which: int) -> None:
        real = pick([fields for _, fields in self._mail()], which) or _FORGED
        self.put(stream, real | _spoilt[spoilt])

    @rule(stream=st.sampled_from(_mail_streams), field=st.sampled_from([*codec.FIELDS, "x"]))
    def put_half_a_message_in(self, stream: str, field: str) -> None:
        """Or nothing of one."""
        half = {"x": "?"} if field == "x" else {n: t for n, t in _FORGED.items() if n != field}
        self.put(stream, half)

    @rule(
        region=st.sampled_from(REGIONS),
        order=st.sampled_from([("0000-001-000", "say"), ("0009-001-000", "say"), ("x", "y"), ()]),
    )
    def put_an_order_in_by_hand(self, region: str, order: tuple[str, ...]) -> None:
        fields = dict(zip(("step", "method"), order, strict=True)) if order else {"x": "?"}
        self.put(f"orders:{region}", fields)

    # How it is played

    def call(self, who: str, call: Call) -> Any:
        """Make a call, and see that it did what it should, and nothing else."""
        self.broken = True
        before, permitted = self.seen, call.verdicts(self.ledger, self.seen)
        reply = self.broker.call(call.script, *call.arguments)
        self.seen = self.broker.snapshot()
        assert call.verdict(reply) in permitted, f"{call}: {reply}, expected {permitted}"
        assert call.wrote(reply, before) or self.seen == before, f"{call}: {reply}, yet it wrote"
        call.happened(self.ledger, reply, before)
        laws.between(before, self.seen, steered=isinstance(call, Steer | Open))
        self.check()
        self.sent.append((who, call))
        self.orders += self._new_orders()
        if isinstance(call, Claim) and reply[0] == "taken":
            self.taken[who].append(call.taken(reply))
        elif isinstance(call, Claim) and reply[0] == "held":
            self.watched[who, call.region] = reply[1]
        self.broken = False
        return reply

    def check(self) -> None:
        """See that all laws hold."""
        for law in laws.LAWS:
            law(self.seen, self.ledger)

    def read(self, worker: str, order: tuple[str, str, dict[str, str]], *, watched: bool) -> Any:
        """A worker reads an order, and claims its step where it is one."""
        region, entry, fields = order
        if not {"step", "method"} <= fields.keys():
            return self.call(worker, Refuse(f"orders:{region}", entry))
        self.tokens += 1
        dead = self.watched.get((worker, region), "") if watched else ""
        claim = Claim(region, fields["step"], fields["method"], entry, f"{self.tokens}", worker)
        return self.call(worker, replace(claim, dead=dead))

    def put(self, stream: str, fields: dict[str, str]) -> None:
        """Put an entry into a stream by hand. What could be mail from outside is just that."""
        entry = self.broker.put(stream, fields)
        if stream == "held" and _could_be_mail(fields, self.seen.hash("bodies")):
            self.ledger.outside[outside_of(self.seen, fields)] += 1
        else:
            self.ledger.strays.add((stream, entry))
        self.seen = self.broker.snapshot()
        self.orders += self._new_orders()

    def _orders(self) -> list[tuple[str, str, dict[str, str]]]:
        """Those seen so far, those that are open last."""
        opened = self.seen.hash("open")
        return sorted(
            self.orders, key=lambda order: opened.get(order[0]) == order[2].get("step", "")
        )

    def _new_orders(self) -> list[tuple[str, str, dict[str, str]]]:
        found = [
            (region, entry, fields)
            for region in REGIONS
            for entry, fields in self.seen.stream(f"orders:{region}")
        ]
        return [order for order in found if order not in self.orders]

    def _mail(self) -> list[tuple[str, dict[str, str]]]:
        return [e for name in ("trace", *_mail_streams) for e in self.seen.stream(name)]

    def _do_a_step(self, worker: str, *, routing: bool = True) -> None:
        order = self._orders()[-1]
        reply = self.read(worker, order, watched=True)
        if reply[0] == "held":
            reply = self.read(worker, order, watched=True)
        if reply[0] == "taken":
            taken = self.taken[worker][-1]
            if self.call(worker, Commit(taken, 0, self.play, routing)) == "inbox-full":
                self.call(worker, Fail(taken))

    def _go_home(self) -> None:
        """Whoever is left takes the run to its end."""
        for _ in range(_LONGEST):
            if self.seen.status in {"succeeded", "cancelled"}:
                break
            if self.seen.status != "running":
                self.call("one", Steer("resume", "", "10000", "1000000"))
            elif self.seen.hash("open"):
                self._do_a_step("one")
            else:
                self.broker.now += max(0, self.call("one", Route())) / 1e6
        else:
            raise AssertionError("the run does not end")
        self.call("one", Route())

    def teardown(self) -> None:
        """The run comes home, and is as if nothing had happened."""
        try:
            if not self.broken:
                self._go_home()
                self._compare()
        finally:
            self.broker.close()

    def _compare(self) -> None:
        records = [r for r in laws.records(self.seen) if not laws.is_stray(r)]
        last = len(self.play.places)
        inside = [record for record in records if int(record["id"][:4]) < last]
        late = [record for record in records if record not in inside]
        assert {record["outcome"] for record in late} <= {"dead"}
        undisturbed = Undisturbed(self.play, _admitted(inside), self.ledger.skipped)
        fates = {id_: _told(message, fate) for id_, (message, fate) in undisturbed.fates.items()}
        found = {record["id"]: _facts(record) for record in inside}
        assert found.items() <= fates.items()
        if self.seen.status == "succeeded":
            assert found == fates
            self._compare_ends(undisturbed)

    def _compare_ends(self, undisturbed: Undisturbed) -> None:
        assert self.ledger.done.keys() == self.play.steps.keys()
        assert self.ledger.states == {r: state for r, state in undisturbed.states.items() if state}
        assert not self.ledger.leases
        for name in ("out", "held", "waiting"):
            assert not self.seen.stream(name)
        for region in REGIONS:
            left = [fields["id"] for fields in self.ledger.real(self.seen, f"in:{region}")]
            assert sorted(left) == sorted(m.id for m in undisturbed.inboxes[region])


_FORGED: Final = {
    **{name: str(text) for name, text in asdict(Message("B", "C", "reply", "forged")).items()},
    "body": "",
}


def pick(things: Sequence[Any], which: int) -> Any:
    """One of several things, counted from the newest; None where there is none."""
    return things[-1 - which % len(things)] if things else None


def _could_be_mail(fields: dict[str, str], bodies: dict[str, str]) -> bool:
    needed = set(codec.FIELDS) - {"id", "hops"}
    whole = needed <= fields.keys() and fields["role"] in {"request", "reply"}
    return whole and fields.get("at", "0").isdigit() and fields["body"] in {"", *bodies}


def _admitted(records: list[dict[str, Any]]) -> dict[int, list[Message]]:
    names = ("source", "destination", "role", "content", "id")
    admitted: dict[int, list[Message]] = {}
    for record in records:
        if laws.is_outside(record):
            message = Message(**{n: record[n] for n in names}, parent=record["parent"] or "")
            admitted.setdefault(int(record["id"][:4]), []).append(message)
    return admitted


def _told(message: Message, fate: str) -> tuple[str, ...]:
    m = message
    return m.parent, m.source, m.destination, m.role, m.content, fate


def _facts(record: dict[str, Any]) -> tuple[str, ...]:
    names = ("source", "destination", "role", "content", "outcome")
    return (record["parent"] or "", *(record[name] for name in names))


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(
    max_examples=int(_RUNS or 100),
    stateful_step_count=50,
    deadline=None,
    derandomize=_RUNS is None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
