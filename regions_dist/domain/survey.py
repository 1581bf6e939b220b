"""A plan looked over once, for the checks: who is in it, of what type, and what runs when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.registry import region_types
from regions_dist.domain.schedule import Step, schedule

if TYPE_CHECKING:
    from regions_dist.domain.plan import Plan, RegionEntry
    from regions_dist.domain.region import BaseRegion

__all__ = ["Survey", "survey"]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the checks ask about a plan. ``steps`` are those that would run, in order."""

    plan: Plan
    entries: dict[str, RegionEntry]
    types: dict[str, type[BaseRegion]]
    steps: tuple[Step, ...]

    def type_of(self, region: str) -> type[BaseRegion] | None:
        """The type of the region called ``region``; None if either is unknown."""
        entry = self.entries.get(region)
        return self.types.get(entry.type) if entry else None

    def is_listener(self, region: str) -> bool:
        """Whether ``region`` is a ListenerRegion, or of a type made from it."""
        cls = self.type_of(region)
        return cls is not None and issubclass(cls, ListenerRegion)

    def runs(self, region: str, method: str | None = None) -> bool:
        """Whether ``region`` has a step; with ``method``, one of that method."""
        return any(step.region == region and method in (None, step.method) for step in self.steps)

    def receives(self, name: str) -> bool:
        """Whether mail to ``name`` arrives: at a region, or in print."""
        return name in self.entries or name == self.plan.postmaster.print_address


def survey(plan: Plan) -> Survey:
    """``plan`` looked over; indexes of layers that it lacks are left out of its steps."""
    whole = min(len(plan.layer_config), len(plan.execution_config))
    order = tuple(layer for layer in plan.execution_order if 0 <= layer < whole)
    places = schedule(plan.model_copy(update={"execution_order": order}))
    steps = tuple(step for place in places for chain in place.chains for step in chain.steps)
    entries = {entry.name: entry for entry in plan.regions}
    return Survey(plan, entries, region_types(), steps)
