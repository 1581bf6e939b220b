"""A plan: the regions, the layers of chains, what they do, and the rules for their mail."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from regions_dist.domain.message import Role

__all__ = [
    "DEFAULT_INBOX_LIMIT",
    "OutsideMessage",
    "Placement",
    "Plan",
    "PostmasterPolicy",
    "RegionEntry",
    "Resources",
    "StepPolicy",
    "Undeliverable",
]

Undeliverable = Literal["drop", "retry", "reroute", "return", "error"]
DEFAULT_INBOX_LIMIT = 10_000
DEFAULT_INBOX_BYTES = 64 * 2**20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegionEntry(_Frozen):
    """A region as a file describes it. ``parameters`` are those of its own type."""

    name: str
    type: str
    task: str = ""
    connections: dict[str, str] = Field(default_factory=dict)
    llm: str = "default"
    rag: str = "default"
    parameters: dict[str, Any] = Field(default_factory=dict)


class OutsideMessage(_Frozen):
    """Mail from outside the plan, injected before its first layer."""

    source: str
    destination: str
    role: Role = "request"
    content: str


class PostmasterPolicy(_Frozen):
    """What happens to mail for a destination that the plan does not hold.

    ``drop`` it, ``retry`` it ``retries`` times, ``reroute`` it to ``reroute_destination``,
    ``return`` it to its sender (from ``rts_source``, behind ``rts_prepend``), or let it fail the
    run (``error``). ``cc`` names listeners that get a copy of each delivered message; None means
    that every listener of the plan does. Mail to ``print_address`` is printed. A step that would
    fill an inbox beyond ``inbox_limit`` messages or ``inbox_bytes`` fails.
    """

    undeliverable: Undeliverable = "drop"
    retries: int = Field(default=3, ge=0, le=20)
    rts_source: str | None = None
    rts_prepend: str | None = None
    reroute_destination: str | None = None
    cc: tuple[str, ...] | None = None
    print_address: str = "terminal"
    max_hops: int = Field(default=64, ge=1)
    inbox_limit: int = Field(default=DEFAULT_INBOX_LIMIT, ge=1)
    inbox_bytes: int = Field(default=DEFAULT_INBOX_BYTES, ge=1)


class StepPolicy(_Frozen):
    """How a step is tried: seconds a try may take, tries after the first, first pause in seconds.

    The pause doubles with each try. ``on_failure`` says what happens after the last one.
    """

    timeout: float | None = Field(default=None, gt=0)
    retries: int = Field(default=1, ge=0, le=100)
    backoff: float = Field(default=0.5, ge=0)
    on_failure: Literal["fail", "continue"] = "fail"


class Placement(_Frozen):
    """Where a region may run: on one worker, any of a pool, or any with these labels."""

    worker: str | None = None
    pool: str | None = None
    labels: dict[str, str] = Field(default_factory=dict)


class LLMSpec(_Frozen):
    """A model that the plan brings: without ``url`` the embedded one, with these ``params``."""

    url: str | None = None
    model: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    slots: int | None = Field(default=None, ge=1)
    timeout: float | None = Field(default=None, gt=0)


class EmbeddingSpec(_Frozen):
    """An embedder that the plan brings."""

    url: str | None = None
    model: str | None = None


class RagSpec(_Frozen):
    """A store that the plan brings; file names are relative to the plan's folder.

    Without ``path`` the store lives with the run. ``documents`` are stored before it starts.
    ``chunk_size`` and ``overlap`` count characters.
    """

    path: str | None = None
    documents: tuple[str, ...] = ()
    embedding: str = "default"
    chunk_size: int = Field(default=512, ge=16)
    overlap: int = Field(default=50, ge=0)
    max_results: int = Field(default=5, ge=1)


class Resources(_Frozen):
    """What a plan brings along; it serves only workers that the coordinator itself starts."""

    llm: dict[str, LLMSpec] = Field(default_factory=dict)
    embedding: dict[str, EmbeddingSpec] = Field(default_factory=dict)
    rag: dict[str, RagSpec] = Field(default_factory=dict)


class Plan(_Frozen):
    """What a run runs.

    ``layer_config[l]`` maps a layer's chains onto their regions; ``execution_config[l]`` lists
    what its regions do as (region, method); ``execution_order`` lists layers in running order.
    ``folder`` is where relative file names start; it is not part of the plan's file.
    """

    regions: tuple[RegionEntry, ...]
    layer_config: tuple[dict[str, tuple[str, ...]], ...]
    execution_config: tuple[tuple[tuple[str, str], ...], ...]
    execution_order: tuple[int, ...]
    messages: tuple[OutsideMessage, ...] = ()
    postmaster: PostmasterPolicy = PostmasterPolicy()
    steps: dict[str, StepPolicy] = Field(default_factory=dict)
    placement: dict[str, Placement] = Field(default_factory=dict)
    resources: Resources = Resources()
    folder: str = Field(default="", exclude=True)

    def entry(self, name: str) -> RegionEntry | None:
        """The entry of the region called ``name``, or None."""
        return next((entry for entry in self.regions if entry.name == name), None)

    def step_policy(self, region: str, method: str) -> StepPolicy:
        """The policy for a step: ``region.method`` over ``region`` over ``*`` over the default."""
        for key in (f"{region}.{method}", region, "*"):
            if key in self.steps:
                return self.steps[key]
        return StepPolicy()
