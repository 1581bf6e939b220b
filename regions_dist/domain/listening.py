"""Which regions of a plan listen, and which of them hear what is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.registry import region_types

if TYPE_CHECKING:
    from regions_dist.domain.plan import Plan

__all__ = ["copied", "listeners"]


def listeners(plan: Plan) -> list[str]:
    """The plan's regions of type ListenerRegion, or of a type made from it; they get no mail."""
    types = region_types()
    return [
        entry.name
        for entry in plan.regions
        if (cls := types.get(entry.type)) and issubclass(cls, ListenerRegion)
    ]


def copied(plan: Plan) -> list[str]:
    """The listeners that get a copy of each delivered message: those of ``cc``, or all."""
    cc = plan.postmaster.cc
    return listeners(plan) if cc is None else list(cc)
