"""Where the regions of a plan may run: the one rule that workers and coordinators go by."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from regions_dist.domain.plan import Placement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Crew", "Station", "absence", "crews", "hosts", "is_placed", "start_command"]

_ANYWHERE: Final = Placement()


class Station(Protocol):
    """A worker, as far as it matters to what may run there."""

    @property
    def name(self) -> str:
        """What the worker is called."""
        ...

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions that it hosts where no plan places them."""
        ...

    @property
    def pools(self) -> tuple[str, ...]:
        """The pools that it belongs to."""
        ...

    @property
    def labels(self) -> Mapping[str, str]:
        """Facts about its machine."""
        ...


def hosts(worker: Station, region: str, placement: Mapping[str, Placement]) -> bool:
    """Whether the worker takes the region's steps, in a plan with this placement.

    A region that is placed runs on every worker that is all the placement says, and on no other,
    whatever regions those name. One that is not placed runs on the workers that name it.
    """
    if not is_placed(region, placement):
        return region in worker.regions
    place = placement[region]
    named = place.worker in {None, worker.name}
    pooled = place.pool in {None, *worker.pools}
    return named and pooled and place.labels.items() <= worker.labels.items()


def is_placed(region: str, placement: Mapping[str, Placement]) -> bool:
    """Whether the placement says anything of the region."""
    return placement.get(region, _ANYWHERE) != _ANYWHERE


def absence(region: str, placement: Mapping[str, Placement]) -> str:
    """Whom a region lacks that nobody hosts, such as "worker nas, which is not up"."""
    if not is_placed(region, placement):
        return "a worker, but no worker hosts it"
    place = placement[region]
    pool = f" of pool {place.pool}" if place.pool else ""
    labels = f" with {', '.join(_pairs(place))}" if place.labels else ""
    if place.worker:
        return f"worker {place.worker}{pool}{labels}, which is not up"
    return f"a worker{pool}{labels}, and none is up"


def start_command(region: str, placement: Mapping[str, Placement]) -> str:
    """The command that starts a worker which hosts the region."""
    if not is_placed(region, placement):
        return f"regions-worker --region {region!r}"
    place = placement[region]
    name = ["--name", place.worker] if place.worker else []
    pool = ["--pool", place.pool] if place.pool else []
    labels = [word for pair in _pairs(place) for word in ("--label", pair)]
    return shlex.join(["regions-worker", *name, *pool, *labels])


@dataclass(frozen=True)
class Crew:
    """Regions that one process is to host, and what it must be for that; ``name`` None: any."""

    regions: tuple[str, ...]
    name: str | None = None
    pools: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


def crews(
    regions: Sequence[str], placement: Mapping[str, Placement], processes: int | None
) -> list[Crew]:
    """The processes that host these regions: one a region, or ``processes`` that share them.

    Regions placed on the same worker share one; others share only with those that are placed
    alike, so that there can be more than ``processes``.
    """
    alike: dict[str, list[str]] = {}
    for region in regions:
        place = placement.get(region, _ANYWHERE)
        alike.setdefault(place.worker or repr(place), []).append(region)
    return [crew for group in alike.values() for crew in _shared(group, placement, processes)]


def _shared(
    group: Sequence[str], placement: Mapping[str, Placement], processes: int | None
) -> Iterator[Crew]:
    places = [placement.get(region, _ANYWHERE) for region in group]
    name = places[0].worker
    count = 1 if name else min(processes or len(group), len(group))
    pools = tuple(dict.fromkeys(place.pool for place in places if place.pool))
    labels = {label: value for place in places for label, value in place.labels.items()}
    for number in range(count):
        yield Crew(tuple(group[number::count]), name, pools, labels)


def _pairs(place: Placement) -> list[str]:
    return [f"{label}={value}" for label, value in place.labels.items()]
