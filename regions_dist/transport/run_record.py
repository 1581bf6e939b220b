"""A run as the broker, or an archive, holds it: raw hashes and streams, and what they say."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, cast

from regions_dist.domain.branch import Branch
from regions_dist.domain.message import OUTSIDE, ROLES, StepId
from regions_dist.domain.outcome import (
    DeadLetter,
    Event,
    LayerTurn,
    RunProblemReport,
    RunStatus,
    RunSummary,
    RunView,
    Wait,
)
from regions_dist.domain.plan import OutsideMessage
from regions_dist.domain.schedule import Chain, Place, Step
from regions_dist.domain.state_codec import load_state
from regions_dist.errors import BadInput
from regions_dist.transport import codec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from regions_dist.domain.message import Message
    from regions_dist.domain.plan import Plan
    from regions_dist.domain.region import RegionState

__all__ = ["Entry", "RunRecord", "completed", "trace_record"]

Entry = tuple[str, dict[str, str]]

_OUTSIDE: Final = ("source", "destination", "role", "content")


@dataclass(frozen=True)
class RunRecord:
    """Parts of one run, read in one moment: hashes, streams, sorted sets by their name in the run.

    The hash ``clock`` is no key: its ``now`` is that moment, in microseconds since 1970.
    """

    run: str
    hashes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    streams: Mapping[str, list[Entry]] = field(default_factory=dict)
    zsets: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.hashes.get("run"))

    def parts(self) -> Iterator[tuple[str, str, Any]]:
        """Type, name in the run, and value of each key; those that are not there are empty."""
        kinds = {"hash": self.hashes, "stream": self.streams, "zset": self.zsets}
        for kind, held in kinds.items():
            yield from ((kind, name, value) for name, value in held.items() if name != "clock")

    def as_of(self, seq: str) -> RunRecord:
        """The same, as if read at the time of the event ``seq``, after which nobody went on."""
        now = {"clock": {"now": f"{seq.partition('-')[0]}000"}}
        return replace(self, hashes={**self.hashes, **now})

    @property
    def status(self) -> RunStatus:
        """How the run stands."""
        return cast("RunStatus", self.hashes["run"]["status"])

    def plan(self) -> Plan:
        """The plan that the run runs. Needs the hash ``plan``."""
        return codec.plan_of(self.hashes["plan"]["document"])

    @property
    def first(self) -> int:
        """The place at which the run itself began; those before are its parent's."""
        return int(self.hashes["run"].get("first", "0"))

    def places(self) -> tuple[Place, ...]:
        """What the plan came to in this run. Needs the hash ``plan``."""
        layers = self.plan().layer_config
        return tuple(
            self._place(place, layers) for place in range(int(self.hashes["plan"]["places"]))
        )

    def _place(self, place: int, layers: Sequence[Mapping[str, object]]) -> Place:
        plan = self.hashes["plan"]
        layer = int(plan[f"layer:{place}"])
        names = list(layers[layer]) if layer < len(layers) else []
        numbers = range(1, int(plan[f"chains:{place}"]) + 1)
        named = zip_longest(names[: len(numbers)], numbers, fillvalue="")
        return Place(
            layer,
            tuple(Chain(str(name), self._steps_of(place, int(number))) for name, number in named),
        )

    def _steps_of(self, place: int, chain: int) -> tuple[Step, ...]:
        plan = self.hashes["plan"]
        ids = (StepId(place, chain, n) for n in range(int(plan[f"steps:{place}:{chain}"])))
        return tuple(
            Step(id_, plan[f"step:{id_}:region"], plan[f"step:{id_}:method"]) for id_ in ids
        )

    def view(self) -> RunView:
        """The run as it stands. Needs ``run``, ``plan``, ``layers``, ``fates``, ``answers``."""
        head, layers = self.hashes["run"], self.hashes["layers"]
        answers = self._entries("answers", "source", "content")
        return RunView(
            run=self.run,
            status=self.status,
            answers=tuple((fields["source"], fields["content"]) for fields in answers),
            layers=tuple(self._turns()),
            messages={fate: int(number) for fate, number in self.hashes["fates"].items()},
            seconds=_seconds(layers.get(f"{head.get('first', '0')}:started"), self._end()),
            error=_problem(head),
            parent=head.get("parent", ""),
            stepping=head.get("stepping") == "1",
            stopped_before=int(head["next"]) if "next" in head else None,
        )

    def summary(self) -> RunSummary:
        """The run in short. Needs ``run``, ``plan``, ``layers``."""
        head, layers = self.hashes["run"], self.hashes["layers"]
        turns = list(self._turns())
        return RunSummary(
            run=self.run,
            status=self.status,
            started=int(head["started"]) / 1e6,
            seconds=_seconds(layers.get(f"{head.get('first', '0')}:started"), self._end()),
            layers_done=sum(turn.status in {"succeeded", "inherited"} for turn in turns),
            layers=len(turns),
            parent=head.get("parent", ""),
        )

    def trace(self) -> list[dict[str, Any]]:
        """What became of each message, in routing order, in CONTRACT's form."""
        return [trace_record(fields) for fields in self._entries("trace", "seq", "outcome")]

    def events(self) -> list[Event]:
        """What happened, a message's content in its place. Needs ``events``, ``trace``, bodies."""
        routed = dict(self.streams["trace"])
        found = (completed(seq, fields, routed) for seq, fields in self.streams["events"])
        return [replace(e, fields=self._whole(e.fields)) for e in found if e is not None]

    def dead_letters(self) -> list[DeadLetter]:
        """The dead letters. Needs the stream ``dead`` and the hash ``redelivered``."""
        return [self._dead_letter(fields) for fields in self._entries("dead", "id", "reason")]

    def states(self) -> dict[str, RegionState]:
        """What each region knows. Needs ``states`` and ``versions``."""
        versions = self.hashes["versions"]
        return {
            region: load_state(versions[version])
            for region, version in self.hashes["states"].items()
        }

    def inbox(self, region: str) -> list[Message]:
        """The mail that the region has not yet read, by position."""
        mail = [codec.message_of(f) for f in self._entries(f"in:{region}", *codec.FIELDS)]
        return sorted(mail, key=lambda message: message.id)

    def waits(self) -> list[Wait]:
        """The steps under way. Needs the streams ``orders:<region>``, the hashes ``lease:…``."""
        return [
            self._wait(name.partition(":")[2], entries[-1])
            for name, entries in self.streams.items()
            if name.startswith("orders:") and entries
        ]

    def held(self) -> list[tuple[int, OutsideMessage]]:
        """Mail from outside, each with the place at which it is to enter. Needs ``held``."""
        following = int(self.hashes["run"].get("place", "-1")) + 1
        return [
            (max(following, int(fields["at"])), _outside(fields))
            for fields in self._entries("held", *_OUTSIDE, "at")
            if fields["role"] in ROLES and fields["at"].isdigit()
        ]

    def postponed(self) -> list[Message]:
        """Mail that nobody could be given, and that is tried again. Needs ``waiting``."""
        return [codec.message_of(fields) for fields in self._entries("waiting", *codec.FIELDS)]

    def branch(self, place: int) -> Branch:
        """What the run held when ``place`` began. Needs all of the run.

        Raises BadInput where the run has not come that far.
        """
        if f"{place}:started" not in self.hashes["layers"]:
            raise BadInput(
                f"run {self.run!r} has not begun place {place} of its execution order; "
                f"regions-coordinator status {self.run} shows how far it is",
                where=self.run,
            )
        return Branch(
            parent=self.run,
            place=place,
            states=self._states_at(place),
            inbox=tuple(self._inbox_at(place)),
            answers={
                name.partition(":")[2]: dict(kept)
                for name, kept in self.hashes.items()
                if name.startswith("answers:") and _place(name.partition(":")[2]) >= place
            },
            mail=tuple(self._mail_from(place)),
            edits={
                message: text
                for message, text in self.hashes["edits"].items()
                if not message.endswith(":body") and _place(message) >= place
            },
        )

    def _states_at(self, place: int) -> dict[str, RegionState]:
        """The newest version of each region's state that an earlier place left behind."""
        newest: dict[str, str] = {}
        for version in sorted(self.hashes["versions"], key=_version_order):
            inherited = version.startswith("parent:")
            if inherited or _place(version) < place:
                newest[self._region_of(version)] = version
        return {
            region: load_state(self.hashes["versions"][version])
            for region, version in newest.items()
        }

    def _region_of(self, version: str) -> str:
        if version.startswith("parent:"):
            return version.partition(":")[2]
        return self.hashes["plan"][f"step:{version}:region"]

    def _inbox_at(self, place: int) -> Iterator[Message]:
        letters = self.hashes["letters"]
        for _, fields in [*self.streams["inherited"], *self.streams["trace"]]:
            if fields.get("outcome", "delivered") != "delivered" or _place(fields["id"]) >= place:
                continue
            reader = letters.get(fields["id"], "")
            if reader.startswith("delivered") or _place(reader) >= place:
                yield codec.message_of(self._whole(fields))

    def _mail_from(self, place: int) -> Iterator[tuple[int, OutsideMessage]]:
        for record in self.trace():
            parts = record["id"].split("-")
            outside = len(parts) == 4 and int(parts[1]) == OUTSIDE and parts[3].isdigit()  # noqa: PLR2004
            if outside and place <= int(parts[0]) < int(self.hashes["plan"]["places"]):
                yield int(parts[0]), _outside(record)
        yield from self.held()

    def _turns(self) -> Iterator[LayerTurn]:
        head, plan, layers = (self.hashes[name] for name in ("run", "plan", "layers"))
        for place in range(int(plan["places"])):
            started, done = layers.get(f"{place}:started"), layers.get(f"{place}:done")
            inherited = place < int(head.get("first", "0"))
            begun = "succeeded" if done else str(self.status) if started else "waiting"
            state = "inherited" if inherited else begun
            seconds = _seconds(started, done or self._until())
            yield LayerTurn(int(plan[f"layer:{place}"]), state, seconds)

    def _end(self) -> str | None:
        """When the last layer was done; until then, when the run last stopped, or now."""
        last = int(self.hashes["plan"]["places"]) - 1
        return self.hashes["layers"].get(f"{last}:done") or self._until()

    def _until(self) -> str | None:
        """When the run last stopped; while it runs, when this was read."""
        return self.hashes["run"].get("finished") or self.hashes.get("clock", {}).get("now")

    def _dead_letter(self, fields: Mapping[str, str]) -> DeadLetter:
        return DeadLetter(
            id=fields["id"],
            at=int(fields["at"]) / 1e6,
            reason=fields["reason"],
            source=fields["source"],
            destination=fields["destination"],
            role=fields["role"],
            content=fields["content"],
            redelivered=self.hashes["redelivered"].get(fields["id"], ""),
        )

    def _wait(self, region: str, order: Entry) -> Wait:
        seq, fields = order
        lease = self.hashes.get(f"lease:{region}") or {}
        since = int(lease.get("since") or int(seq.partition("-")[0]) * 1000)
        now = int(self.hashes["clock"]["now"])
        return Wait(
            step=fields.get("step", ""),
            region=region,
            method=fields.get("method", ""),
            worker=lease.get("owner", ""),
            seconds=max(0, now - since) / 1e6,
        )

    def _entries(self, stream: str, *required: str) -> Iterator[dict[str, str]]:
        """The entries of a stream, whole; what somebody put there that is none is passed over."""
        for _, fields in self.streams[stream]:
            if fields.keys() >= set(required):
                yield self._whole(fields)

    def _whole(self, fields: Mapping[str, str]) -> dict[str, str]:
        """An entry with its large content put back in its place."""
        body = fields.get("body")
        return dict(fields) | ({"content": self.hashes["bodies"].get(body, "")} if body else {})


def trace_record(fields: Mapping[str, str]) -> dict[str, Any]:
    """A routed message, its content in its place, in CONTRACT's form."""
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


def completed(seq: str, fields: Mapping[str, str], routed: Mapping[str, Any]) -> Event | None:
    """An event, with all that the trace's entry says of a message; ``body`` names a large content.

    ``routed`` are entries of the trace by their ids. None for what is no event.
    """
    event = codec.event_of(seq, fields)
    message = routed.get(event.fields.get("entry", "")) if event else None
    if event is None or message is None:
        return event
    more = {name: message.get(name, "") for name in (*codec.FIELDS, "copies")}
    return replace(event, fields=event.fields | more)


def _outside(fields: Mapping[str, Any]) -> OutsideMessage:
    return OutsideMessage(**{name: fields[name] for name in _OUTSIDE})


def _place(position: str) -> int:
    """The place of a step or message; -1 where the text is no position."""
    head = position.partition("-")[0]
    return int(head) if head.isdigit() else -1


def _version_order(version: str) -> tuple[int, str]:
    return (0, version) if version.startswith("parent:") else (1, version)


def _problem(head: Mapping[str, str]) -> RunProblemReport | None:
    if not head.get("error_code"):
        return None
    return RunProblemReport(head["error_code"], head["error_message"], head["error_where"])


def _seconds(started: str | None, ended: str | None) -> float:
    return max(0, int(ended) - int(started)) / 1e6 if started and ended else 0.0
