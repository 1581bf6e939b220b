"""What coordinator, Postmaster and workers ask of the outside, in the domain's nouns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from regions_dist.domain.resources import LLM, Fragment, Retriever, Room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from regions_dist.domain.branch import Branch, Opening
    from regions_dist.domain.message import Message
    from regions_dist.domain.outcome import DeadLetter, Event, RunStatus, RunView, Wait
    from regions_dist.domain.placement import Station
    from regions_dist.domain.plan import OutsideMessage, Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.domain.schedule import Place

__all__ = [
    "LLM",
    "AnnouncedRun",
    "Archive",
    "Asker",
    "Claim",
    "Embedder",
    "Fragment",
    "Heart",
    "Injected",
    "Mail",
    "NotTaken",
    "Offer",
    "Order",
    "Outboxes",
    "ProgramRuns",
    "Redelivered",
    "ResourceKind",
    "Retriever",
    "Room",
    "RunStore",
    "ServedResource",
    "Standby",
    "Verdict",
    "WatchedRuns",
    "WorkerInfo",
    "Workers",
]

Verdict = Literal["done", "duplicate", "fenced", "cancelled", "gone", "inbox-full", "too-large"]
"""What a commit says: done, done before, the lease is another's, the run is cancelled or unknown to
the broker, an inbox or a message would be too large. All but the first have written nothing."""

Injected = Literal["held", "run-ended", "duplicate", "full", "unknown", "too-large"]
"""Mail from outside: waits for the next layer; is a dead letter, for no layer starts any more; was
there before; or was refused: no room in the inbox, no such region, too large."""

Redelivered = Literal["held", "run-ended", "duplicate", "unknown", "no-region"]
"""A dead letter: waits for the next layer; or was refused: no layer starts any more, it was sent
again before, there is no such letter, there is no such region."""


class Embedder(Protocol):
    """Turns texts into vectors."""

    @property
    def model(self) -> str:
        """The model's name; "" until the first call has shown it, where nothing else tells."""
        ...

    @property
    def dimension(self) -> int | None:
        """How many numbers a vector has; None until the first call has shown it."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, not normalised. Raises ModelUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """A step that waits for a worker: the run, the step's id, its region and method."""

    run: str
    step: str
    region: str
    method: str
    entry: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A step taken: the fencing pair, and what the region's method works on.

    ``mail`` is sorted by position; ``consumed`` are the inbox entries that it came from.
    ``answers`` are those of models and stores that were recorded by an earlier try of the same
    step, or by the run that this one replays; with ``only_recorded`` no others may be asked for.
    """

    order: Order
    epoch: int
    token: str
    state: RegionState | None
    mail: tuple[Message, ...]
    consumed: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    only_recorded: bool = False


NotTaken = Literal["held", "gone"]
"""A step could not be taken: another holds its region's lease; or it needs nobody any more."""


class Standby(Protocol):
    """One worker's try to take one step: lease, next epoch, owner token."""

    async def take(self) -> Claim | NotTaken:
        """Take the step, if nobody has it, or who had it was seen here to be dead."""
        ...

    async def pause(self) -> None:
        """Wait as long as is good before the next look."""
        ...


class Mail(Protocol):
    """A worker's side of the broker: orders, leases, commits."""

    def orders(self, worker: Station) -> AsyncIterator[Order]:
        """Orders in any run for the regions that this worker hosts there, as they come.

        After a reconnect they come again.
        """
        ...

    async def plan(self, run: str) -> Plan:
        """The plan that a run runs. Raises NoSuchRun."""
        ...

    def standby(self, order: Order, owner: str) -> Standby:
        """Prepare to take a step, now or when its lease is free."""
        ...

    async def record_answer(self, claim: Claim, key: str, answer: str) -> None:
        """Keep a model's answer, for later tries of this step and for runs that branch off."""
        ...

    async def forget_answer(self, claim: Claim, key: str) -> None:
        """Let a later try ask the model again."""
        ...

    async def heard(self, run: str, after: str, *, block: bool) -> list[tuple[str, dict[str, Any]]]:
        """The trace's records after a cursor, each with its own; waits a second for some.

        Raises RunLost where the broker does not hold the run any more.
        """
        ...

    async def note(self, claim: Claim, status: str, message: str) -> None:
        """Tell the run's watchers how a step fares."""
        ...

    async def commit(
        self,
        claim: Claim,
        state: RegionState,
        posted: Sequence[Message],
        warnings: Sequence[str] = (),
    ) -> Verdict:
        """All effects of a step, or none, once."""
        ...

    async def fail(self, claim: Claim, code: str, message: str, *, go_on: bool) -> Verdict:
        """Record that a step failed, and give its lease back; ``go_on`` lets its chain go on."""
        ...


ResourceKind = Literal["llm", "embedding", "rag"]
"""A model, an embedder, a RAG store."""


@dataclass(frozen=True, slots=True)
class Asker:
    """A step that asks a resource: its ``key``, ``run/step``, and the ``call``'s name in the step.

    What is asked under the same key and name is asked once, however often the step runs. The name
    is ``kind:number:…``. ``say`` tells the run's watchers of a wait.
    """

    key: str
    call: str
    say: Callable[[str], Awaitable[None]]

    @property
    def lesson(self) -> str:
        """What a store records the lesson under: the key, and the lesson's number from #2 on."""
        number = int(self.call.split(":")[1])
        return f"{self.key}#{number + 1}" if number else self.key


@dataclass(frozen=True, slots=True)
class Offer:
    """A resource that a worker serves to all.

    ``endpoint`` names what its ``slots`` belong to, "" for what has none; ``rate`` is in tokens a
    second, of its last answer. ``health`` is "ok", "loading" or "error", "" while not known.
    """

    kind: ResourceKind
    name: str
    model: str = ""
    slots: int = 0
    endpoint: str = ""
    health: str = ""
    rate: float | None = None


@dataclass(frozen=True, slots=True)
class ServedResource:
    """A resource as it stands: who serves it, how busy it is.

    ``worker`` and ``host`` are "" for one that calls wait for, and nobody serves. ``in_use``
    counts calls that are being answered, ``queue`` those that wait. The rest is as in Offer.
    """

    kind: ResourceKind
    name: str
    worker: str
    host: str
    model: str
    slots: int
    in_use: int
    queue: int
    health: str
    tokens_per_second: float | None


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker process as the registry knows it.

    ``pools`` and ``labels`` are what plans can place regions by, besides the name. Seconds:
    ``age`` since its last heartbeat, ``reading`` since it last looked for work then. A process
    that takes a dead one's place has its name, but another ``incarnation``.
    """

    name: str
    host: str
    pid: int
    regions: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    age: float = 0.0
    reading: float = 0.0
    incarnation: str = ""
    resources: tuple[Offer, ...] = ()
    pools: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def duties(self) -> list[str]:
        """What it is there for, in words."""
        served = [f"{offer.kind} {offer.name}" for offer in self.resources]
        pools = [f"pool {pool}" for pool in self.pools]
        labels = [f"{label}={value}" for label, value in self.labels.items()]
        return [*self.regions, *pools, *labels, *self.roles, *served]


class Outboxes(Protocol):
    """The Postmaster's side of the broker: posted mail that waits to be routed."""

    def filled(self) -> AsyncIterator[str]:
        """The runs in whose outbox mail has come, as it comes."""
        ...

    async def route(self, run: str) -> float | None:
        """Move what waits, and the retries that are due; seconds until some are, if any wait."""
        ...


class Heart(Protocol):
    """What keeps leases alive while steps run, whatever the event loop does."""

    def hold(self, run: str, region: str, token: str) -> None:
        """Beat for this lease from now on."""
        ...

    def drop(self, run: str, region: str, token: str) -> None:
        """Beat for this lease no more; a later lease of the same region is left alone."""
        ...


class Workers(Protocol):
    """The registry of worker processes."""

    async def list(self) -> list[WorkerInfo]:
        """The workers that have beaten lately."""
        ...


class WatchedRuns(Protocol):
    """What whoever watches and steers a run asks of where it is kept."""

    async def view(self, run: str) -> RunView:
        """The run as it stands. Raises NoSuchRun."""
        ...

    def events(self, run: str, after: str = "0-0") -> AsyncIterator[Event | None]:
        """The run's events after ``after``, as they come; None after each quiet second.

        Raises RunLost where the broker does not hold the run, or not any more.
        """
        ...

    async def steer(
        self, run: str, action: Literal["pause", "cancel", "time_out", "close"]
    ) -> RunStatus:
        """Pause or end a run; the status it has then. Raises NoSuchRun.

        To close it lets an open-ended run that stands at its end succeed, and cancels any other
        that has not ended.
        """
        ...

    async def resume(
        self,
        run: str,
        *,
        seconds: float | None = None,
        inbox_limit: int | None = None,
        inbox_bytes: int | None = None,
        before: int | None = None,
    ) -> RunStatus:
        """Let a run go on, for at most ``seconds`` if given, with larger inboxes if given.

        With ``before`` only a run goes on that has stopped before this place.
        """
        ...

    async def route(self, run: str) -> float | None:
        """Move what waits in the outbox; harmless at any time. Seconds until it is due again."""
        ...


class ProgramRuns(WatchedRuns, Protocol):
    """What a program asks that opens a run and says layer by layer how it goes on."""

    async def open(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        messages: Sequence[OutsideMessage],
        opening: Opening,
    ) -> None:
        """Create the run and release its first layer, in one script; once per run."""
        ...

    async def extend(
        self,
        run: str,
        plan: Plan,
        places: Sequence[Place],
        first: int,
        messages: Sequence[OutsideMessage],
    ) -> None:
        """Let an open-ended run that stands at its end go on; ``places`` from ``first`` on are new.

        The plan may have other layers than before, not other regions. Raises BadInput where the
        run does not stand there.
        """
        ...

    async def inject(
        self, run: str, message: OutsideMessage, key: str, *, by_rules: bool = False
    ) -> Injected:
        """Hold mail from outside for the next layer; once for each idempotency ``key``.

        A destination that the plan does not hold is refused, unless its rules are to decide.
        """
        ...

    async def trace(self, run: str) -> list[dict[str, Any]]:
        """The trace's records in routing order, in CONTRACT's form."""
        ...

    async def dead_letters(self, run: str) -> list[DeadLetter]:
        """The run's dead letters, oldest first. Raises NoSuchRun."""
        ...

    async def states(self, run: str) -> dict[str, RegionState]:
        """What each region knows that has done a step. Raises NoSuchRun."""
        ...

    async def inbox(self, run: str, region: str) -> list[Message]:
        """The mail that a region has not yet read, by position."""
        ...


class RunStore(ProgramRuns, Protocol):
    """A coordinator's side of the broker."""

    async def redeliver(self, run: str, letter: str, destination: str = "") -> Redelivered:
        """Send a dead letter once more, to ``destination`` if given."""
        ...

    async def waits(self, run: str) -> list[Wait]:
        """The steps that are under way, and since when."""
        ...

    async def branch(self, run: str, place: int) -> Branch:
        """What the run held when ``place`` began. Raises BadInput where it has not begun."""
        ...

    async def runs(self) -> list[str]:
        """Names of the runs in the broker, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class AnnouncedRun:
    """A run that was announced to workers; ``status`` is None where the broker does not hold it.

    ``finished`` is in seconds since 1970, 0 for a run that never was; ``age`` is the seconds since
    it was last announced, by ``announcements``.
    """

    run: str
    status: RunStatus | None
    finished: float
    age: float
    announcements: tuple[str, ...] = ()


class Archive(Protocol):
    """Where finished runs go that the broker need not keep."""

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else is archiving; while it is open, and for at most half a minute."""
        ...

    async def announced(self) -> list[AnnouncedRun]:
        """All runs that were announced, by their first announcement."""
        ...

    async def put_away(self, run: AnnouncedRun) -> bool:
        """Archive a final run, and remove it from the broker; False where it changed meanwhile.

        Raises ArchiveProblem, having removed nothing.
        """
        ...

    async def withdraw(self, runs: Sequence[AnnouncedRun]) -> None:
        """Delete the announcements of these runs."""
        ...
