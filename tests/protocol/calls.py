"""One class a script: what a caller sends, what may come back, and what it then knows.

A call is a value: one whose answer was lost is sent again as it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from regions_dist.transport import codec
from tests.protocol.ledger import Lease, Taken
from tests.protocol.play import REGIONS, digest, flat

if TYPE_CHECKING:
    from regions_dist.domain.message import Message
    from tests.protocol.broker import Snapshot
    from tests.protocol.ledger import Ledger
    from tests.protocol.play import Play

__all__ = [
    "LARGEST",
    "Answer",
    "Call",
    "Claim",
    "Commit",
    "Fail",
    "Inject",
    "Note",
    "Open",
    "Redeliver",
    "Refuse",
    "Release",
    "Renew",
    "Route",
    "Steer",
]

LARGEST = 1000
"""Bytes of a message, in this model."""
_RESUMABLE = {"paused", "timed_out", "failed"}


class Call(ABC):
    """One call of a script."""

    script: ClassVar[str]
    writing: ClassVar[set[str]] = {"done", "held", "run-ended", "1"}
    """Verdicts with which a call may have written something; with any other it has not."""

    @property
    @abstractmethod
    def arguments(self) -> tuple[str, ...]:
        """Its ARGV."""

    @abstractmethod
    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        """What it may answer, by what is known."""

    @abstractmethod
    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        """Enter in the books what it did; ``seen`` is what the broker held before."""

    def verdict(self, reply: Any) -> str:
        """What it answered."""
        return str(reply)

    def wrote(self, reply: Any, _: Snapshot) -> bool:
        """Whether it may have written something."""
        return self.verdict(reply) in self.writing


@dataclass(frozen=True)
class Open(Call):
    """A coordinator opens the run, as another may have done."""

    script = "open"
    play: Play

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(self.play.opening())

    def verdicts(self, _: Ledger, seen: Snapshot) -> set[str]:
        return {"0" if seen.status else "1"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        for m in self.play.mail if reply else ():
            ledger.outside["", m.source, m.destination, m.role, m.content] += 1


@dataclass(frozen=True)
class Claim(Call):
    """A worker takes a step; ``dead`` is the lease that it saw stand still."""

    script = "claim"
    writing: ClassVar[set[str]] = {"taken"}
    region: str
    step: str
    method: str
    entry: str
    token: str
    owner: str
    dead: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        order = (self.region, self.step)
        return (*order, self.token, self.owner, self.dead, self.entry, self.method)

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        ordered = seen.hash("open").get(self.region) == self.step
        if seen.status != "running" or self.foreign(ledger.play) or not ordered:
            return {"gone"}
        lease = ledger.leases.get(self.region)
        if lease and self.token != lease.token and self.dead != lease.seen:
            return {f"held {lease.seen}"}
        repeated = lease is not None and self.token == lease.token
        return {f"taken {ledger.fence[self.region] + (not repeated)}"}

    def foreign(self, play: Play) -> bool:
        """Whether the plan has no such step."""
        step = play.steps.get(self.step)
        return step is None or (step.region, step.method) != (self.region, self.method)

    def verdict(self, reply: Any) -> str:
        return " ".join(reply[:2])

    def wrote(self, reply: Any, seen: Snapshot) -> bool:
        orders = [entry for entry, _ in seen.stream("orders:" + self.region)]
        return reply[0] == "taken" or (reply[0] == "gone" and self.entry in orders)

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if reply[0] != "taken":
            return
        taken = self.taken(reply)
        if not ledger.owns(self.region, taken.epoch, self.token):
            ledger.fence[self.region] += 1
            ledger.leases[self.region] = Lease(taken.epoch, self.token, self.owner)
        read = tuple(message.id for _, message in taken.mail)
        assert ledger.mail.setdefault(self.step, read) == read, "a step's mail has changed"
        assert taken.state == ledger.states.get(self.region, "")
        answers = dict(zip(reply[3][::2], reply[3][1::2], strict=True))
        assert answers == ledger.answers.get(self.step, {})

    def taken(self, reply: Any) -> Taken:
        """The step that it took."""
        pairs = [(entry, dict(zip(flat[::2], flat[1::2], strict=True))) for entry, flat in reply[4]]
        mail = sorted(
            ((entry, codec.message_of(fields)) for entry, fields in pairs), key=lambda m: m[1].id
        )
        return Taken(self.region, self.step, self.token, reply[1], reply[2], tuple(mail))


@dataclass(frozen=True)
class Owner(Call):
    """What only a region's owner may do. ``behind`` counts the epochs that it is behind its own."""

    taken: Taken
    behind: int = 0

    @property
    def fence(self) -> tuple[str, str, str, str]:
        """How it shows that it is the owner."""
        t = self.taken
        return t.region, t.step, str(int(t.epoch) - self.behind), t.token

    def owns(self, ledger: Ledger) -> bool:
        """Whether it is the owner."""
        return ledger.owns(self.taken.region, *self.fence[2:])


@dataclass(frozen=True)
class Renew(Owner):
    """A worker beats."""

    script = "renew"

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.taken.region, self.taken.token

    def _lease(self, ledger: Ledger) -> Lease | None:
        lease = ledger.leases.get(self.taken.region)
        return lease if lease and lease.token == self.taken.token else None

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {"1" if self._lease(ledger) and seen.status != "cancelled" else "0"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        lease = self._lease(ledger)
        if lease and reply:
            lease.beats += 1


@dataclass(frozen=True)
class Note(Owner):
    """A worker tells how its step fares."""

    script = "note"

    @property
    def arguments(self) -> tuple[str, ...]:
        return (*self.fence, "retrying", "once more")

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {"1" if self.owns(ledger) else "0"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        pass


@dataclass(frozen=True)
class Answer(Owner):
    """A worker keeps a model's answer, or forgets it."""

    script = "answer"
    text: str = "yes"

    @property
    def arguments(self) -> tuple[str, ...]:
        return (*self.fence, "model 0", self.text)

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {"1" if self.owns(ledger) else "0"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        kept = ledger.answers[self.taken.step]
        if reply and self.text:
            kept["model 0"] = self.text
        elif reply:
            kept.pop("model 0", None)


@dataclass(frozen=True)
class Commit(Owner):
    """A worker ends its step. ``routing`` says that no Postmaster is there."""

    script = "commit"
    play: Play | None = None
    routing: bool = True
    largest: int = LARGEST

    @property
    def _effects(self) -> tuple[str, list[Message]]:
        assert self.play is not None
        mail = [message for _, message in self.taken.mail]
        return self.play.effects(self.taken.step, self.taken.state, mail)

    @property
    def arguments(self) -> tuple[str, ...]:
        state, posted = self._effects
        mail = self.taken.mail
        return (
            *self.fence,
            "" if state == self.taken.state else state,
            "1" if self.routing else "0",
            str(self.largest),
            str(sum(codec.size_of(message.content) for _, message in mail)),
            str(len(mail)),
            *(entry for entry, _ in mail),
            *(message.id for _, message in mail),
            "1",
            "a warning",
            *(text for message in posted for text in flat(message)),
        )

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        if self.taken.step in ledger.done:
            return {"duplicate"}
        if seen.status == "cancelled":
            return {"cancelled"}
        if not self.owns(ledger):
            return {"fenced"}
        return {self._room(seen) or "done"}

    def _room(self, seen: Snapshot) -> str:
        load = {name: int(number) for name, number in seen.hash("load").items()}
        limits = seen.hash("plan")
        for message in self._effects[1]:
            to, size = message.destination, codec.size_of(message.content)
            if size > self.largest:
                return "too-large"
            for name, more, limit in (("n:", 1, "inbox_limit"), ("b:", size, "inbox_bytes")):
                load[name + to] = load.get(name + to, 0) + more
                if to in REGIONS and load[name + to] > int(limits[limit]):
                    return "inbox-full"
        return ""

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if reply != "done":
            return
        state, posted = self._effects
        ledger.done[self.taken.step] = self.taken.epoch
        del ledger.leases[self.taken.region]
        ledger.states |= {self.taken.region: state} if state else {}
        ledger.posted |= {message.id: message for message in posted}
        for _, message in self.taken.mail:
            assert message.id not in ledger.consumed, f"{message.id} was consumed twice"
            ledger.consumed[message.id] = self.taken.step


@dataclass(frozen=True)
class Fail(Owner):
    """A worker gives its step up; ``go_on`` where its chain shall do without."""

    script = "fail"
    go_on: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        return (*self.fence, "method-failed", "it broke", "1" if self.go_on else "0")

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        if self.taken.step in ledger.done:
            return {"duplicate"}
        return {"done" if self.owns(ledger) else "fenced"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if reply != "done":
            return
        del ledger.leases[self.taken.region]
        if self.go_on:
            ledger.done[self.taken.step] = "failed"
        else:
            ledger.closed.add(self.taken.step)


@dataclass(frozen=True)
class Release(Call):
    """A supervisor frees what a worker held that it saw die, or a worker hands back a step."""

    script = "release"
    prefix: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.prefix,)

    def _freed(self, ledger: Ledger) -> list[str]:
        leases = ledger.leases.items()
        return sorted(region for region, lease in leases if lease.token.startswith(self.prefix))

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {" ".join(self._freed(ledger))}

    def verdict(self, reply: Any) -> str:
        return " ".join(sorted(reply))

    def wrote(self, reply: Any, _: Snapshot) -> bool:
        return bool(reply)

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        for region in self._freed(ledger):
            del ledger.leases[region]


@dataclass(frozen=True)
class Refuse(Call):
    """A worker puts away what is no order."""

    script = "refuse"
    stream: str
    entry: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.stream, self.entry, "it is no order"

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {"1" if self.entry in [entry for entry, _ in seen.stream(self.stream)] else "0"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        pass


@dataclass(frozen=True)
class Route(Call):
    """A router, or whoever is up, tends the run."""

    script = "route"

    @property
    def arguments(self) -> tuple[str, ...]:
        return ()

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        return {"tended"}

    def verdict(self, reply: Any) -> str:
        return "tended" if int(reply) >= -1 else str(reply)

    def wrote(self, reply: Any, seen: Snapshot) -> bool:
        live = seen.status in {"running", "paused"} and "deadline" in seen.hash("run")
        return bool(seen.stream("out") or seen.stream("waiting") or seen.due or live)

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        pass


@dataclass(frozen=True)
class Steer(Call):
    """A coordinator pauses, resumes, cancels the run, or says that its time is up.

    A resume may name the place ``before`` which it saw the run stop.
    """

    script = "steer"
    action: str
    deadline: str = ""
    limit: str = ""
    limit_bytes: str = ""
    before: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.action, self.deadline, self.limit, self.limit_bytes, self.before

    def _acts(self, seen: Snapshot) -> bool:
        froms = {
            "pause": {"running"},
            "time_out": {"running", "paused"},
            "cancel": {"running"} | _RESUMABLE,
            "resume": {"running"} | _RESUMABLE,  # one that runs is told its orders again
        }
        meant = self.before in {"", seen.hash("run").get("next")}
        return seen.status in froms[self.action] and meant

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        if not self._acts(seen):
            return {seen.status}
        if self.action == "resume":
            return {"running", "paused", "failed", "succeeded"}
        return {{"pause": "paused", "time_out": "timed_out", "cancel": "cancelled"}[self.action]}

    def wrote(self, reply: Any, seen: Snapshot) -> bool:
        return self._acts(seen)

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if self.action == "resume" and self._acts(seen):
            ledger.resumed += seen.status != "running"
            ledger.closed.clear()


def _ended(ledger: Ledger, seen: Snapshot) -> bool:
    """Whether no layer will start any more."""
    last = len(ledger.play.places) - 1
    return seen.status in {"succeeded", "cancelled"} or seen.place >= last


@dataclass(frozen=True)
class Inject(Call):
    """Somebody writes from outside. ``key`` tells one message from another."""

    script = "inject"
    key: str
    destination: str
    put_away: bool = False

    @property
    def _content(self) -> str:
        return f"injected {self.key}"

    @property
    def arguments(self) -> tuple[str, ...]:
        body = digest(self._content) if self.put_away else ""
        head = (self.key, str(LARGEST), "user", self.destination)
        return (*head, "request", self._content, body)

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        if self.key in ledger.injected:
            return {"duplicate" if ledger.injected[self.key] == "held" else "run-ended"}
        if self.destination not in REGIONS:
            return {"unknown"}
        if _ended(ledger, seen):
            return {"run-ended"}
        load, limits = seen.hash("load"), seen.hash("plan")
        waits = int(load.get("n:" + self.destination, 0)) + len(seen.stream("held"))
        weight = int(load.get("b:" + self.destination, 0)) + codec.size_of(self._content)
        full = waits >= int(limits["inbox_limit"]) or weight > int(limits["inbox_bytes"])
        return {"full" if full else "held"}

    def wrote(self, reply: Any, seen: Snapshot) -> bool:
        return reply in self.writing and self.key not in seen.hash("injected")

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if reply in self.writing and self.key not in ledger.injected:
            ledger.injected[self.key] = reply
            ledger.outside["", "user", self.destination, "request", self._content] += 1


@dataclass(frozen=True)
class Redeliver(Call):
    """Somebody sends a dead letter once more."""

    script = "redeliver"
    writing: ClassVar[set[str]] = {"held"}
    letter: str
    destination: str = ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.letter, self.destination

    def verdicts(self, ledger: Ledger, seen: Snapshot) -> set[str]:
        found = [f for _, f in seen.stream("dead") if f["id"] == self.letter]
        if not found:
            return {"unknown"}
        if self.letter in ledger.redelivered:
            return {"duplicate"}
        if _ended(ledger, seen):
            return {"run-ended"}
        to = self.destination or found[0]["destination"]
        return {"held" if to in REGIONS else "no-region"}

    def happened(self, ledger: Ledger, reply: Any, seen: Snapshot) -> None:
        if reply != "held":
            return
        [dead] = [f for _, f in seen.stream("dead") if f["id"] == self.letter]
        to = self.destination or dead["destination"]
        role = "reply" if dead["role"] == "reply" else "request"
        ledger.redelivered[self.letter] = to
        ledger.outside[self.letter, dead["source"], to, role, seen.content(dead)] += 1
