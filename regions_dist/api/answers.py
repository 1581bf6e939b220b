"""What the API answers when all is well; ``docs/http-api.md`` says what each field means.

These are forms of plain dicts, not models: pydantic checks a dict as fast as it writes one, and so
a trace of thousands of messages costs nothing more.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from regions_dist.domain.catalog import Form, Kind
from regions_dist.domain.finding import Severity
from regions_dist.domain.message import Role
from regions_dist.domain.outcome import Fate, RunStatus

Seconds = Annotated[float, Field(description="Seconds.")]
Time = Annotated[float, Field(description="Seconds since 1970.")]


class Health(TypedDict):
    """Whether the server can do its work; who has no token is told the status alone."""

    status: Literal["ok", "unavailable"]
    version: NotRequired[str]
    mode: NotRequired[Literal["cluster", "embedded"]]
    broker: NotRequired[str | None]
    message: NotRequired[str]
    folder: NotRequired[str]


class Finding(TypedDict):
    """What is wrong or odd in a plan."""

    severity: Severity
    code: str
    message: str
    where: str


class Examined(TypedDict):
    """What ``doctor`` found in one place."""

    severity: Severity | Literal["ok"]
    code: str
    message: str
    where: str


class Resource(TypedDict):
    """A model, embedder or store that a worker serves to all, or that is missed."""

    kind: Annotated[str, Field(description='"llm", "embedding" or "rag".')]
    name: str
    worker: Annotated[str, Field(description='"" where nobody serves it.')]
    host: str
    model: str
    slots: int
    in_use: int
    queue: int
    health: Annotated[str, Field(description='"ok", "loading", "error" or "".')]
    tokens_per_second: float | None


class Worker(TypedDict):
    """A worker that is up."""

    name: str
    host: str
    pid: int
    regions: list[str]
    roles: list[str]
    pools: list[str]
    labels: dict[str, str]
    age: Seconds
    reading: Seconds
    incarnation: str
    run: str | None
    resources: list[Resource]


class Method(TypedDict):
    """What a plan may call."""

    name: str
    summary: str


class Parameter(TypedDict):
    """A further key of a region's entry."""

    name: str
    summary: str
    kind: Form
    default: bool | int | float | str | None
    least: NotRequired[float | None]
    most: NotRequired[float | None]


class RegionType(TypedDict):
    """What a region can be."""

    name: str
    summary: str
    kind: Kind
    methods: list[Method]
    parameters: list[Parameter]
    resources: list[str]
    connects: bool
    offered: bool


class TemplateInList(TypedDict):
    """A plan to begin with, in short."""

    name: str
    title: str
    summary: str
    regions: int
    layers: int


class Template(TemplateInList):
    """A plan to begin with."""

    plan: dict[str, Any]


class Verified(TypedDict):
    """Whether a plan can run."""

    ok: bool
    findings: list[Finding]


class Begun(TypedDict):
    """A new run, and the warnings of its plan."""

    run: str
    findings: list[Finding]


AnyStatus = RunStatus | Literal["starting"]


class RunInList(TypedDict):
    """A run in short. What is not known of it is null."""

    run: str
    live: bool
    status: AnyStatus | None
    started: Time | None
    seconds: Seconds | None
    layers_done: int | None
    layers: int | None
    archived: bool
    parent: str | None


class Answer(TypedDict):
    """What a run has printed."""

    source: str
    content: str


class LayerTurn(TypedDict):
    """One place of the execution order."""

    index: int
    status: str
    seconds: Seconds


class Problem(TypedDict):
    """Why a run failed."""

    code: str
    message: str
    where: str


class Fates(TypedDict):
    """How many messages met which fate."""

    delivered: int
    printed: int
    dropped: int
    returned: int
    rerouted: int
    dead: int


class Waiting(TypedDict):
    """What waits, for what, and since how many seconds."""

    kind: Literal["step", "mail", "resume"]
    what: str
    waits_for: str
    since: Seconds | None
    todo: str
    step: str | None
    worker: str | None


class Run(TypedDict):
    """How a run stands."""

    run: str
    status: AnyStatus
    answers: list[Answer]
    layers: list[LayerTurn]
    messages: Fates
    seconds: Seconds
    error: Problem | None
    parent: str | None
    live: bool
    archived: bool
    stepping: bool
    stopped_before: int | None
    waits: list[Waiting]


class Step(TypedDict):
    """One region method at one place of a run."""

    id: str
    region: str
    method: str


class Chain(TypedDict):
    """Steps that run one after another."""

    name: str
    steps: list[Step]


class Place(TypedDict):
    """One turn of a layer: chains that run at the same time."""

    layer: int
    chains: list[Chain]


class RunPlan(TypedDict):
    """A run's plan, and what it comes to."""

    plan: dict[str, Any]
    places: list[Place]
    first: Annotated[int, Field(description="Places before this one were run by the parent.")]


class Recording(RunPlan):
    """All of a run."""

    version: Literal[1]
    run: Run
    events: list[dict[str, Any]]


class TraceRecord(TypedDict):
    """What became of a message."""

    seq: int
    at: Time
    id: str
    parent: str | None
    source: str
    destination: str
    role: Role
    content: str
    outcome: Fate
    copies: list[str]


class Mail(TypedDict):
    """A message that a region has."""

    source: str
    content: str
    id: str


class RegionState(TypedDict):
    """What a region knows, has yet to answer and has yet to read."""

    knowledge: list[Mail]
    requests: list[Mail]
    unread: list[Mail]
    connections: dict[str, str]


class DeadLetter(TypedDict):
    """A message that nobody could be given, and why."""

    id: str
    at: Time
    reason: str
    source: str
    destination: str
    role: Role
    content: str
    redelivered: Annotated[str, Field(description='Whom it was sent to once more, or "".')]


class Steered(TypedDict):
    """A run, and the status that it has now."""

    run: str
    status: RunStatus


class Sent(TypedDict):
    """What became of mail from outside."""

    run: str
    destination: str
    outcome: Literal["held", "duplicate", "run-ended"]


class SentAgain(TypedDict):
    """What became of a dead letter that was sent once more."""

    run: str
    id: str
    destination: str
    outcome: Literal["held", "duplicate"]
