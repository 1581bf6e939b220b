"""Commit, lease and route against a model, in orders of calls that nobody would think of.

Two workers, routers and coordinators call the real scripts, one call a rule. Any of them may die
between two calls, or lose an answer and send the same call again, at once or much later; the
broker's clock jumps; entries are put into streams by hand. After each call its answer is compared
with the model's (``tests/protocol/calls.py``), and the laws of ``tests/protocol/laws.py`` must
hold. In the end the run is driven home and compared with one that nobody disturbed.

The default is always the same 70 runs. ``PROTOCOL_RUNS=5000 scripts/test unit -k protocol`` tries
that many new ones; a failure prints the shortest run that fails.
"""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, get_args

import hypothesis
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from regions_dist.domain.message import Message
from regions_dist.domain.plan import Undeliverable
from regions_dist.transport import codec
from tests.protocol import laws
from tests.protocol.broker import Broker
from tests.protocol.calls import (
    LARGEST,
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
    Release,
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

_RUNS: Final = os.environ.get("PROTOCOL_RUNS")
_SEEDS: Final = (1, 2)
"""Two short searches find more than a long one, which lingers near what it has seen."""
_SETTINGS: Final = settings(
    max_examples=int(_RUNS or 70) // (len(_SEEDS) * len(get_args(Undeliverable))),
    stateful_step_count=80,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
_LONGEST: Final = 200
"""Steps in which every run must come home."""
_LATE: Final = 4
"""Workers that then come late."""

_callers = st.sampled_from(["one", "other"])
_MOVES: Final = (
    *["claim", "commit"] * 5,
    *["send_again", "resume"] * 3,
    *["do_a_step", "renew", "put_mail", "fail", "hand_back"] * 2,
    *["route", "answer", "die"],
    *["steer", "open", "inject", "redeliver"],
    *["jump", "put_order"],
)
"""What may happen next, each as often as it should."""
_MAIL: Final = ("out", "waiting", "held", *(f"in:{region}" for region in REGIONS))
"""Streams in which mail lies."""
_STEERING: Final = ("pause", "time_out", "pause", "cancel", "time_out", "pause")
_SPOILT: Final[list[dict[str, str]]] = [
    {},
    {"role": "boss"},
    {"hops": "many"},
    {"id": "0002-001-000-000000"},
    {"id": "hello"},
    {"destination": "A"},
    {"body": "nowhere", "content": ""},
    {"at": "soon"},
    *({field: "gone"} for field in codec.FIELDS),
    {"x": "?"},
]
"""How mail is changed that is put in by hand."""
_FORGED_ORDERS: Final[list[dict[str, str]]] = [
    {"step": "0000-001-000", "method": "say"},
    {"step": "0009-001-000", "method": "say"},
    {"x": "?"},
]


class Chance(NamedTuple):
    """What a move leaves to chance: which of several things, counted from the newest; by how many
    epochs a caller is behind its own; and whatever else there is to choose."""

    which: int
    behind: int
    yes: bool
    number: int


_chances = st.builds(
    Chance,
    which=st.sampled_from([0, 0, 0, 0, 1, 2, 5]),
    behind=st.sampled_from([0, 0, 0, 0, 0, 1, -1]),
    yes=st.booleans(),
    number=st.integers(0, 200),
)


class Protocol(RuleBasedStateMachine):
    """One run, from its opening to its end."""

    undeliverable: ClassVar[Undeliverable]
    """What the plan's rule is for mail to nobody."""

    def __init__(self) -> None:
        super().__init__()
        self.broker = Broker()
        self.seen = self.broker.snapshot()
        self.sent: list[tuple[str, Call]] = []
        self.taken: list[tuple[str, Taken]] = []
        self.watched: dict[tuple[str, str], str] = {}
        self.orders: list[tuple[str, str, dict[str, str]]] = []
        self.tokens = 0
        self.lives = {"one": 0, "other": 0}
        self.broken = False

    @initialize(data=st.data())
    def a_coordinator_opens_the_run(self, data: st.DataObject) -> None:
        play = self.play = data.draw(plays(self.undeliverable), "play")
        self.cancelled_at = data.draw(st.sampled_from([None, 2, 3, None, 1]), "cancelled at")
        self.ledger = Ledger(play)
        self.call("one", Open(play))

    @rule(move=st.sampled_from(_MOVES), who=_callers, chance=_chances)
    def anybody(self, move: str, who: str, chance: Chance) -> None:
        """Makes a move. One rule for all moves, so that each has its share in every run."""
        getattr(self, f"_{move}")(who, chance)

    # Workers

    def _claim(self, worker: str, chance: Chance) -> None:
        """A step that is ordered now, or was once."""
        if self.orders:
            self._read(worker, pick(self._by_age(), chance.which), watched=chance.yes)

    def _do_a_step(self, worker: str, chance: Chance) -> None:
        """Without a disturbance, but for a dead owner whose lease was watched."""
        if self.seen.status == "running" and self.seen.hash("open"):
            self._whole_step(worker, routing=chance.yes)

    def _renew(self, _: str, chance: Chance) -> None:
        if self.taken:
            worker, taken = pick(self._claims(), chance.which)
            self.call(worker, Renew(taken))
            self.call(worker, Note(taken, chance.behind))

    def _answer(self, _: str, chance: Chance) -> None:
        if self.taken:
            worker, taken = pick(self._claims(), chance.which)
            self.call(worker, Answer(taken, chance.behind, "yes" if chance.yes else ""))

    def _commit(self, _: str, chance: Chance) -> None:
        if self.taken:
            worker, taken = pick(self._claims(), chance.which)
            largest = 1 if chance.number % 12 == 0 else LARGEST
            self.call(worker, Commit(taken, chance.behind, self.play, chance.yes, largest))

    def _fail(self, _: str, chance: Chance) -> None:
        if self.taken:
            worker, taken = pick(self._claims(), chance.which)
            self.call(worker, Fail(taken, chance.behind, chance.yes))

    def _hand_back(self, _: str, chance: Chance) -> None:
        """A step, as a worker does that leaves."""
        if self.taken:
            worker, taken = pick(self._claims(), chance.which)
            self.call(worker, Release(taken.token))

    def _die(self, worker: str, chance: Chance) -> None:
        """And start again, knowing nothing; a supervisor may have seen it."""
        if chance.yes:
            self.call("supervisor", Release(f"{worker}.{self.lives[worker]}."))
        self.lives[worker] += 1
        self.taken = [(who, taken) for who, taken in self.taken if who != worker]
        self.sent = [(who, call) for who, call in self.sent if who != worker]

    # Routers and coordinators

    def _route(self, router: str, _: Chance) -> Any:
        return self.call(router, Route())

    def _steer(self, coordinator: str, chance: Chance) -> None:
        self.call(coordinator, Steer(pick(_STEERING, chance.number)))

    def _resume(self, coordinator: str, chance: Chance) -> Any:
        """What stands still; else tend the run."""
        if self.seen.status == "running":
            return self._route(coordinator, chance)
        deadline = "5000000" if chance.number % 2 else ""
        limits = ("10000", "1000000") if chance.yes else ("", "")
        before = str(chance.number % 5) if chance.which else ""
        return self.call(coordinator, Steer("resume", deadline, *limits, before))

    def _open(self, coordinator: str, _: Chance) -> None:
        self.call(coordinator, Open(self.play))

    def _inject(self, who: str, chance: Chance) -> None:
        to = pick(DESTINATIONS, chance.number)
        self.call(who, Inject("abc"[chance.which % 3], to, put_away=chance.yes))

    def _redeliver(self, who: str, chance: Chance) -> None:
        if self.seen.stream("dead"):
            _, letter = pick(self.seen.stream("dead"), chance.which)
            self.call(who, Redeliver(letter["id"], pick(["", "A", "Nobody"], chance.number)))

    # What goes wrong

    def _send_again(self, _: str, chance: Chance) -> None:
        """A call whose answer was lost: the last one, or one of long ago."""
        if self.sent:
            self.call(*pick(self.sent, 0 if chance.yes else chance.number))

    def _jump(self, _: str, chance: Chance) -> None:
        """The broker's clock."""
        self.broker.now += pick([0.001, 0.3, 5.0, 100.0, -1.0, -3600.0], chance.number)

    def _put_mail(self, _: str, chance: Chance) -> None:
        """By hand: a copy of what is there, or was; changed, or half of one, or no mail at all."""
        real = pick([fields for _, fields in self._mail()] or [_FORGED], chance.which)
        spoilt = pick(_SPOILT, chance.number)
        changed = {name: text for name, text in (real | spoilt).items() if text != "gone"}
        self._put(pick(_MAIL, chance.number // len(_SPOILT)), spoilt if "x" in spoilt else changed)

    def _put_order(self, _: str, chance: Chance) -> None:
        """By hand."""
        self._put(f"orders:{pick(REGIONS, chance.which)}", pick(_FORGED_ORDERS, chance.number))

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
        if isinstance(call, Route):
            laws.tended(self.seen)
        self.check()
        self.sent.append((who, call))
        self.orders += self._new_orders()
        if isinstance(call, Claim) and reply[0] == "taken":
            self.taken.append((who, call.taken(reply)))
        elif isinstance(call, Claim) and reply[0] == "held":
            self.watched[who, call.region] = reply[1]
        self.broken = False
        return reply

    def check(self) -> None:
        """See that all laws hold."""
        for law in laws.LAWS:
            law(self.seen, self.ledger)

    def _read(self, worker: str, order: tuple[str, str, dict[str, str]], *, watched: bool) -> Any:
        """A worker reads an order, and claims its step where it is one."""
        region, entry, fields = order
        if not {"step", "method"} <= fields.keys():
            return self.call(worker, Refuse(f"orders:{region}", entry))
        self.tokens += 1
        dead = self.watched.get((worker, region), "") if watched else ""
        token = f"{worker}.{self.lives[worker]}.{self.tokens:04}"
        claim = Claim(region, fields["step"], fields["method"], entry, token, worker)
        return self.call(worker, replace(claim, dead=dead))

    def _put(self, stream: str, fields: dict[str, str], entry: str = "*") -> None:
        """Put an entry into a stream by hand. What could be mail from outside is just that."""
        entry = self.broker.put(stream, fields, entry)
        if stream == "held" and _could_be_mail(fields, self.seen.hash("bodies")):
            self.ledger.outside[outside_of(self.seen, fields)] += 1
        else:
            self.ledger.strays.add((stream, entry))
        self.seen = self.broker.snapshot()
        self.orders += self._new_orders()

    def _by_age(self) -> list[tuple[str, str, dict[str, str]]]:
        """Those seen so far, those that are open last."""
        opened = self.seen.hash("open")
        return sorted(
            self.orders, key=lambda order: opened.get(order[0]) == order[2].get("step", "")
        )

    def _claims(self) -> list[tuple[str, Taken]]:
        """Those taken so far, those that still hold last."""
        owns = self.ledger.owns
        return sorted(
            self.taken, key=lambda held: owns(held[1].region, held[1].epoch, held[1].token)
        )

    def _new_orders(self) -> list[tuple[str, str, dict[str, str]]]:
        found = [
            (region, entry, fields)
            for region in REGIONS
            for entry, fields in self.seen.stream(f"orders:{region}")
        ]
        return [order for order in found if order not in self.orders]

    def _mail(self) -> list[tuple[str, dict[str, str]]]:
        return [e for name in ("trace", *_MAIL) for e in self.seen.stream(name)]

    def _give_up(self, worker: str) -> None:
        """A step fails, for this time."""
        if self.seen.status == "running" and (taken := self._take(worker)):
            self.call(worker, Fail(taken))

    def _take(self, worker: str) -> Taken | None:
        """A step that is open, from a dead owner if need be."""
        if not self.seen.hash("open"):
            return None
        order = self._by_age()[-1]
        reply = self._read(worker, order, watched=True)
        if reply[0] == "held":
            reply = self._read(worker, order, watched=True)
        return self.taken[-1][1] if reply[0] == "taken" else None

    def _whole_step(self, worker: str, *, routing: bool) -> None:
        taken = self._take(worker)
        if taken and self.call(worker, Commit(taken, 0, self.play, routing)) == "inbox-full":
            self.call(worker, Fail(taken))

    def _come_late(self) -> None:
        """A stray, and workers that have slept through all of it."""
        self._put("out", {"x": "?"})
        self.call("one", Route())
        for worker, taken in self._claims()[-_LATE:]:
            self.call(worker, Commit(taken, 0, self.play))
            self.call(worker, Fail(taken, go_on=True))

    def _mislead(self) -> None:
        """Mail for a place beyond the end, for nobody, and without what it says; copies of all."""
        self._put("held", _FORGED | {"at": "9"})
        self._put("held", _FORGED | {"body": "nowhere"})
        self._put("held", _FORGED | {"destination": "Nobody"})
        for region, other in pairwise([*REGIONS, REGIONS[0]]):
            for entry, fields in self.seen.stream(f"in:{region}"):
                self._put(f"in:{other}", fields, entry)

    def _go_home(self) -> None:
        """Whoever is left takes the run to its end, or cancels it with mail on its way."""
        if self.seen.status not in {"succeeded", "cancelled"}:
            self._mislead()
            self._give_up("other")
        for _ in range(_LONGEST):
            if self.seen.status in {"succeeded", "cancelled"}:
                break
            if self.seen.place == self.cancelled_at and self.seen.stream("out"):
                self.call("one", Steer("cancel"))
            elif self.seen.status != "running":
                self.call("one", Steer("resume", "", "10000", "1000000"))
            elif self.seen.hash("open"):
                self._whole_step("one", routing=self.seen.place not in {1, self.cancelled_at})
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
                self._come_late()
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
    """One of several things, counted from the newest."""
    return things[-1 - which % len(things)]


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


@pytest.mark.parametrize("seed", _SEEDS)
@pytest.mark.parametrize("undeliverable", get_args(Undeliverable))
def test_whatever_is_called_in_whatever_order_a_run_ends_as_if_undisturbed(
    undeliverable: Undeliverable, seed: int
) -> None:
    machine = type("Run", (Protocol,), {"undeliverable": undeliverable})
    searched = machine if _RUNS else hypothesis.seed(seed)(machine)
    run_state_machine_as_test(searched, settings=_SETTINGS)
