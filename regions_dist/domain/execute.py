"""A step: one region method, as a function of state and mail to new state and new mail."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regions_dist.domain.quick import is_quick
from regions_dist.domain.registry import region_type
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.message import Message, StepId
    from regions_dist.domain.plan import RegionEntry
    from regions_dist.domain.region import BaseRegion, RegionState

__all__ = ["Effects", "build", "execute"]


@dataclass(frozen=True, slots=True)
class Effects:
    """What a step did: the region's new state, the mail it posted (numbered), its warnings."""

    state: RegionState
    posted: tuple[Message, ...] = ()
    warnings: tuple[str, ...] = ()


def build(entry: RegionEntry, resources: Mapping[str, object]) -> BaseRegion:
    """The region that ``entry`` describes. ``resources`` maps ``llm`` and ``rag`` onto objects.

    Raises BadInput for an unknown type or a missing resource.
    """
    return region_type(entry.type).from_entry(entry, resources)


async def execute(
    region: BaseRegion,
    state: RegionState | None,
    mail: Sequence[Message],
    method: str,
    step: StepId,
) -> Effects:
    """Run ``method`` on the region as ``state`` left it, with new ``mail`` sorted by position.

    State None is the region's first step. ``region`` must not be in use by another step. Raises
    BadInput for a method that the region's type doesn't declare, and whatever the method raises;
    then the region is as it was.
    """
    _refuse_undeclared(region, method)
    before = region.state() if state is None else state
    region.restore(before)
    region.receive(mail)
    region.outbox.clear()
    region.warnings = []
    try:
        await _call(region, method)
    except BaseException:
        region.restore(before)
        region.outbox.clear()
        raise
    return Effects(region.state(), _numbered(region.posted, step), tuple(region.warnings))


async def _call(region: BaseRegion, method: str) -> None:
    """Await an async method here, and run a sync one in a thread: it may block."""
    bound = getattr(region, method)
    here = inspect.iscoroutinefunction(bound) or is_quick(bound)
    outcome = bound() if here else await asyncio.to_thread(bound)
    if inspect.isawaitable(outcome):
        await outcome


def _numbered(posted: Sequence[Message], step: StepId) -> tuple[Message, ...]:
    return tuple(
        replace(message, id=step.message_id(ordinal)) for ordinal, message in enumerate(posted)
    )


def _refuse_undeclared(region: BaseRegion, method: str) -> None:
    if method in region.methods:
        return
    raise BadInput(
        f"region {region.name!r}: a {type(region).__name__} has no method {method!r} that a plan "
        f"may call; it has {', '.join(region.methods)}",
        where=f"{region.name}.{method}",
        code="unknown-method",
    )
