"""What must be true of a run at any moment, and of any step from one moment to the next."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.message import OUTSIDE
from regions_dist.transport import codec, keys
from tests.protocol.broker import ROOT
from tests.protocol.ledger import outside_of
from tests.protocol.play import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.protocol.broker import Snapshot
    from tests.protocol.ledger import Ledger

__all__ = ["LAWS", "between", "is_outside", "is_stray", "records", "tended"]

_OVER: Final = {"succeeded", "cancelled"}
_LINKS: Final = {"returned": "r", "rerouted": "f"}


def is_stray(record: Mapping[str, Any]) -> bool:
    """Whether a routed message was an entry put in by hand."""
    return str(record["id"]).startswith("stray-")


def is_outside(record: Mapping[str, Any]) -> bool:
    """Whether a routed message came from outside the plan, itself."""
    parts = str(record["id"]).split("-")
    return not is_stray(record) and int(parts[1]) == OUTSIDE and parts[3].isdigit()


def between(before: Snapshot, after: Snapshot, *, steered: bool) -> None:
    """What one call may change; ``steered`` by a coordinator that resumes or opens the run."""
    if before.status in _OVER:
        assert after.status == before.status, f"a run that was {before.status} is {after.status}"
    if before.status != "running" and not steered:
        assert after.hash("layers") == before.hash("layers")
        assert after.hash("open").items() <= before.hash("open").items()
        assert after.hash("fence") == before.hash("fence")
    if before.status == "cancelled":
        assert _epochs(after) == _epochs(before)


def tended(seen: Snapshot) -> None:
    """What a call of the router leaves: nothing to move, nothing overdue."""
    assert not seen.stream("out")
    assert all(due > seen.now for due in seen.due.values()), "a retry is overdue"
    deadline = float(seen.hash("run").get("deadline", "inf"))
    assert seen.status not in {"running", "paused"} or seen.now < deadline, "its time is up"


def _epochs(seen: Snapshot) -> dict[str, str]:
    return {step: by for step, by in seen.hash("done").items() if by != "failed"}


def every_key_is_the_runs_own_and_known(seen: Snapshot, _: Ledger) -> None:
    """A key that nobody knows would neither be archived nor deleted."""
    assert all(name.startswith(ROOT) for name in seen.names)
    known = keys.names_of(seen.hash("plan"), REGIONS)
    unknown = {*seen.hashes, *seen.streams} - {"run", *chain(*known.values())}
    assert not unknown, f"keys.names_of does not know {unknown}"


def a_message_is_in_one_place(seen: Snapshot, ledger: Ledger) -> None:
    """Posted or from outside, it is in flight or has met one fate; delivered, it is read once."""
    routed = records(seen)
    flight = [fields["id"] for fields in _flight(seen, ledger)]
    ids = flight + [record["id"] for record in routed]
    assert len(ids) == len(set(ids)), f"twice: {[i for i, n in Counter(ids).items() if n > 1]}"
    assert ledger.posted.keys() <= set(ids), "a posted message is gone"
    waiting = [f["id"] for region in REGIONS for f in ledger.real(seen, f"in:{region}")]
    delivered = [record["id"] for record in routed if record["outcome"] == "delivered"]
    assert sorted(delivered) == sorted([*waiting, *ledger.consumed])
    assert {step for step, _ in ledger.consumed.items()} <= set(delivered)


def a_message_is_what_was_posted(seen: Snapshot, ledger: Ledger) -> None:
    """Nothing of it is changed on its way."""
    found = [*records(seen), *({**f, "content": seen.content(f)} for f in _flight(seen, ledger))]
    for record in found:
        if posted := ledger.posted.get(record["id"]):
            names = ("source", "destination", "role", "content")
            assert [record[name] for name in names] == [getattr(posted, name) for name in names]
            assert (record["parent"] or "") == posted.parent


def mail_from_outside_enters_once(seen: Snapshot, ledger: Ledger) -> None:
    """What was accepted from outside is held, or has become one message."""
    inside = [*(f for _, f in seen.stream("trace")), *_flight(seen, ledger)]
    found = [*ledger.real(seen, "held"), *filter(is_outside, inside)]
    assert Counter(outside_of(seen, fields) for fields in found) == ledger.outside


def ancestry_is_whole(seen: Snapshot, ledger: Ledger) -> None:
    """What the policy made names its parent; a return or a reroute has made one message."""
    routed = {record["id"]: record for record in records(seen)}
    for id_, record in routed.items():
        suffix = _LINKS.get(record["outcome"])
        assert suffix is None or routed[id_ + suffix]["parent"] == id_
        made = id_ in ledger.posted or is_stray(record) or is_outside(record)
        assert made or routed[record["parent"]]["outcome"] in _LINKS, f"who made {id_}?"


def letters_know_how_far_each_message_is(seen: Snapshot, ledger: Ledger) -> None:
    """And in which entry it lies."""
    told = {r["id"]: r["outcome"] for r in records(seen) if not is_stray(r)}
    told |= {fields["id"]: "flight" for fields in _flight(seen, ledger)} | ledger.consumed
    assert {id_: stage.split()[0] for id_, stage in seen.hash("letters").items()} == told


def load_is_what_waits(seen: Snapshot, ledger: Ledger) -> None:
    """In messages and bytes."""
    waits: Counter[str] = Counter()
    inboxes = [ledger.real(seen, f"in:{region}") for region in REGIONS]
    for fields in chain(_flight(seen, ledger), *inboxes):
        if fields["destination"] in REGIONS:
            waits["n:" + fields["destination"]] += 1
            waits["b:" + fields["destination"]] += codec.size_of(seen.content(fields))
    assert Counter({name: int(n) for name, n in seen.hash("load").items()}) == waits


def the_barrier_counts_right(seen: Snapshot, ledger: Ledger) -> None:
    """What is unrouted, whose mail that is, which chains are home, which steps are done."""
    if seen.place < 0 or seen.status == "succeeded":
        assert not seen.hash("barrier")
        return
    flight = Counter(int(fields["id"].split("-")[1]) for fields in _flight(seen, ledger))
    assert seen.count("unrouted") == flight.total()
    assert min(map(int, seen.hash("barrier").values())) >= 0
    chains = ledger.play.places[seen.place].chains
    home = [seen.count(f"home:{number}") for number, _ in enumerate(chains, 1)]
    assert seen.count("chains_left") == len(chains) - sum(home)
    for number, in_chain in enumerate(chains, 1):
        assert seen.count(f"mail:{number}") == flight[number]
        released, busy = seen.count(f"next:{number}"), seen.count(f"busy:{number}")
        assert busy in {0, 1}
        assert not busy or not flight[number], "a step has begun before its chain's mail came"
        ended = [str(step.id) for step in in_chain.steps if str(step.id) in ledger.done]
        assert ended == [str(step.id) for step in in_chain.steps[: released - busy]]
        assert not home[number - 1] or released - busy == len(in_chain.steps)


def steps_end_once(seen: Snapshot, ledger: Ledger) -> None:
    """By one epoch, told once, and none before its time."""
    assert seen.hash("done") == ledger.done
    told = Counter(
        e["step"]
        for _, e in seen.stream("events")
        if (e["type"], e.get("status")) == ("step", "done")
    )
    assert told == Counter(step for step in ledger.done if step not in ledger.skipped)
    places = {int(step.split("-")[0]) for step in ledger.done}
    assert max(places, default=0) <= max(seen.place, 0)
    for step in ledger.play.steps:
        assert step in ledger.done or int(step.split("-")[0]) >= seen.place


def one_order_for_each_open_step(seen: Snapshot, ledger: Ledger) -> None:
    """A released step is open until it is over, and its region's orders hold just that."""
    released = set(_released(seen, ledger))
    assert set(seen.hash("open").values()) == released - ledger.closed
    for region in REGIONS:
        ordered = [fields["step"] for fields in ledger.real(seen, f"orders:{region}")]
        opened = seen.hash("open").get(region)
        assert ordered == ([opened] if opened else [])


def _released(seen: Snapshot, ledger: Ledger) -> Iterator[str]:
    if seen.place < 0 or seen.status == "succeeded":
        return
    for number, in_chain in enumerate(ledger.play.places[seen.place].chains, 1):
        if seen.count(f"busy:{number}"):
            yield str(in_chain.steps[seen.count(f"next:{number}") - 1].id)


def a_running_run_waits_for_something(seen: Snapshot, _: Ledger) -> None:
    """A chain that may go on has gone on, and so has the run."""
    if seen.status != "running":
        return
    chains = int(seen.hash("plan")[f"chains:{seen.place}"])
    for number in range(1, chains + 1):
        assert any(seen.count(f"{what}:{number}") for what in ("busy", "mail", "home"))
    assert seen.count("chains_left") or seen.count("unrouted"), "the layer is over"


def layers_are_released_once_and_in_order(seen: Snapshot, ledger: Ledger) -> None:
    """Each starts when the one before is done; a stepped run stops before each."""
    told = [(e["place"], e["status"]) for _, e in seen.stream("events") if e.get("type") == "layer"]
    expected = [(str(n // 2), ("started", "done")[n % 2]) for n in range(len(told))]
    assert told == expected
    assert set(seen.hash("layers")) == {f"{place}:{status}" for place, status in told}
    started = (len(told) + 1) // 2
    assert not ledger.play.stepping or started <= ledger.resumed
    assert seen.place in {started - 1, len(ledger.play.places)}


def leases_are_those_that_were_taken(seen: Snapshot, ledger: Ledger) -> None:
    """By the newest claim of their region."""
    held = {region: seen.hash(f"lease:{region}") for region in REGIONS}
    fields = ("epoch", "token", "owner", "beats")
    assert {r: tuple(lease[f] for f in fields) for r, lease in held.items() if lease} == {
        region: (lease.epoch, lease.token, lease.owner, str(lease.beats))
        for region, lease in ledger.leases.items()
    }
    assert Counter({r: int(epoch) for r, epoch in seen.hash("fence").items()}) == ledger.fence


def states_are_the_last_committed(seen: Snapshot, ledger: Ledger) -> None:
    """And nothing else's."""
    versions = seen.hash("versions")
    states = {region: versions[version] for region, version in seen.hash("states").items()}
    assert states == ledger.states


def order_is_kept(seen: Snapshot, _: Ledger) -> None:
    """Between a source and a destination; what a region posts has rising ids."""
    ways = defaultdict(list)
    for record in records(seen):
        if record["outcome"] in {"delivered", "printed"} and not is_stray(record):
            ways[record["source"], record["destination"]].append(record["id"])
    for way, ids in ways.items():
        assert ids == sorted(ids), f"out of order from {way[0]} to {way[1]}"


def the_books_agree(seen: Snapshot, _: Ledger) -> None:
    """Trace, events, fates, dead letters and answers tell the same."""
    trace = [fields for _, fields in seen.stream("trace")]
    assert [fields["seq"] for fields in trace] == [str(n + 1) for n in range(len(trace))]
    told = [e for _, e in seen.stream("events") if e.get("type") == "message"]
    assert [(e["id"], e["outcome"]) for e in told] == [(f["id"], f["outcome"]) for f in trace]
    assert [e["entry"] for e in told] == [entry for entry, _ in seen.stream("trace")]
    numbers = [e["number"] for _, e in seen.stream("events")]
    assert numbers == [str(n + 1) for n in range(len(numbers))]
    fates = {fate: int(number) for fate, number in seen.hash("fates").items()}
    assert fates == Counter(fields["outcome"] for fields in trace)
    dead = [fields["id"] for fields in trace if fields["outcome"] == "dead"]
    assert [fields["id"] for _, fields in seen.stream("dead")] == dead
    assert all(fields["reason"] for _, fields in seen.stream("dead"))
    printed = [f["source"] for f in trace if f["outcome"] == "printed"]
    assert [fields["source"] for _, fields in seen.stream("answers")] == printed


def retries_are_due(seen: Snapshot, ledger: Ledger) -> None:
    """Each waiting message has its time."""
    waiting = {
        entry for entry, _ in seen.stream("waiting") if ("waiting", entry) not in ledger.strays
    }
    assert waiting == set(seen.due)


def strays_are_buried(seen: Snapshot, ledger: Ledger) -> None:
    """Each one with a dead letter that says where it lay, and nothing but strays.

    One among orders may be gone unread, with the order behind it.
    """
    lie = {(stream, entry) for stream, entries in seen.streams.items() for entry, _ in entries}
    gone = Counter(stream for stream, entry in ledger.strays - lie)
    reasons = [f["reason"] for _, f in seen.stream("dead") if is_stray(f)]
    told = Counter(reason.split()[2].rstrip(",") for reason in reasons)
    assert told <= gone, "something that is no stray was buried"
    assert {s: n for s, n in gone.items() if s[:6] != "orders"} == {
        s: n for s, n in told.items() if s[:6] != "orders"
    }


def the_status_is_told(seen: Snapshot, _: Ledger) -> None:
    """The newest event of the run says how it stands."""
    told = [e["status"] for _, e in seen.stream("events") if e.get("type") == "run"]
    assert told[-1:] == [seen.status]
    for one, other in pairwise(told):
        assert one not in _OVER, f"{other} after {one}"


def records(seen: Snapshot) -> list[dict[str, Any]]:
    """What became of each routed message."""
    return seen.record.trace() if "trace" in seen.streams else []


def _flight(seen: Snapshot, ledger: Ledger) -> list[dict[str, str]]:
    """Messages on their way."""
    return ledger.real(seen, "out") + ledger.real(seen, "waiting")


LAWS: Final = (
    every_key_is_the_runs_own_and_known,
    a_message_is_in_one_place,
    a_message_is_what_was_posted,
    mail_from_outside_enters_once,
    ancestry_is_whole,
    letters_know_how_far_each_message_is,
    load_is_what_waits,
    the_barrier_counts_right,
    steps_end_once,
    one_order_for_each_open_step,
    a_running_run_waits_for_something,
    layers_are_released_once_and_in_order,
    leases_are_those_that_were_taken,
    states_are_the_last_committed,
    order_is_kept,
    the_books_agree,
    retries_are_due,
    strays_are_buried,
    the_status_is_told,
)
