"""A plan unrolled: for each place in its execution order, the chains and their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions_dist.domain.message import StepId

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from regions_dist.domain.plan import Plan

__all__ = ["Chain", "Place", "Step", "schedule"]


@dataclass(frozen=True, slots=True)
class Step:
    """One region method at one place of a run."""

    id: StepId
    region: str
    method: str


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps that run one after another."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One turn of a layer: chains that run at the same time. ``layer`` is the layer's index."""

    layer: int
    chains: tuple[Chain, ...]


def schedule(plan: Plan, layers: Collection[int] | None = None) -> tuple[Place, ...]:
    """The places of ``plan`` in running order; with ``layers``, only the turns of those layers.

    All methods a region has in a layer run when its turn in its chain comes, in the listed order.
    Entries for regions that no chain of the layer holds never run.
    """
    turns = [layer for layer in plan.execution_order if layers is None or layer in layers]
    return tuple(_place(plan, place, layer) for place, layer in enumerate(turns))


def _place(plan: Plan, place: int, layer: int) -> Place:
    chains = enumerate(plan.layer_config[layer].items(), start=1)
    return Place(
        layer,
        tuple(
            Chain(name, tuple(_steps(plan, place, number, layer, regions)))
            for number, (name, regions) in chains
        ),
    )


def _steps(
    plan: Plan, place: int, chain: int, layer: int, regions: tuple[str, ...]
) -> Iterator[Step]:
    methods = [
        entry
        for region in dict.fromkeys(regions)
        for entry in plan.execution_config[layer]
        if entry[0] == region
    ]
    for number, (region, method) in enumerate(methods):
        yield Step(StepId(place, chain, number), region, method)
