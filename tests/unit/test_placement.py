"""Which worker hosts a region of a plan, and what is said and started where none does."""

from __future__ import annotations

import pytest

from regions_dist.domain.placement import Crew, absence, crews, hosts, start_command
from regions_dist.domain.plan import Placement
from regions_dist.ports import WorkerInfo

NAS = WorkerInfo("nas", "host", 1, ("Facts",), pools=("disk",), labels={"ssd": "yes", "gb": "64"})
CPU = WorkerInfo("cpu", "host", 2, ("Facts", "Guide"))


def placed(**place: object) -> dict[str, Placement]:
    """A plan's placement of Facts."""
    return {"Facts": Placement.model_validate(place)}


@pytest.mark.parametrize("placement", [{}, placed()], ids=["none", "empty"])
def test_a_region_without_placement_is_hosted_by_the_workers_that_name_it(
    placement: dict[str, Placement],
) -> None:
    assert hosts(NAS, "Facts", placement)
    assert hosts(CPU, "Facts", placement)
    assert not hosts(NAS, "Guide", placement)


@pytest.mark.parametrize(
    "place",
    [
        {"worker": "nas"},
        {"pool": "disk"},
        {"labels": {"ssd": "yes"}},
        {"worker": "nas", "pool": "disk", "labels": {"ssd": "yes", "gb": "64"}},
    ],
    ids=["worker", "pool", "labels", "all"],
)
def test_a_placed_region_is_hosted_by_the_placements_workers_whatever_regions_those_name(
    place: dict[str, object],
) -> None:
    placement = {"Historian": Placement.model_validate(place)} | placed(**place)

    assert hosts(NAS, "Historian", placement)
    assert not hosts(CPU, "Facts", placement)


@pytest.mark.parametrize(
    "place",
    [
        {"worker": "na"},
        {"pool": "gpu"},
        {"labels": {"ssd": "no"}},
        {"labels": {"ssd": "yes", "gpu": "yes"}},
        {"worker": "nas", "pool": "gpu"},
    ],
    ids=["worker", "pool", "another-value", "one-label-missing", "one-of-two"],
)
def test_a_worker_that_is_not_all_the_placement_says_does_not_host_the_region(
    place: dict[str, object],
) -> None:
    assert not hosts(NAS, "Facts", placed(**place))


@pytest.mark.parametrize(
    ("place", "lacking", "command"),
    [
        ({}, "a worker, but no worker hosts it", "regions-worker --region 'Facts'"),
        ({"worker": "nas"}, "worker nas, which is not up", "regions-worker --name nas"),
        ({"pool": "big disk"}, "a worker of pool big disk, and none is up",
         "regions-worker --pool 'big disk'"),
        ({"labels": {"ssd": "yes", "gb": "64"}}, "a worker with ssd=yes, gb=64, and none is up",
         "regions-worker --label ssd=yes --label gb=64"),
    ],
    ids=["unplaced", "worker", "pool", "labels"],
)  # fmt: skip
def test_what_nobody_fulfils_is_named_with_the_command_that_helps(
    place: dict[str, object], lacking: str, command: str
) -> None:
    assert absence("Facts", placed(**place)) == lacking
    assert start_command("Facts", placed(**place)) == command


def test_regions_share_processes_as_many_as_are_wanted() -> None:
    assert crews(["A", "B", "C"], {}, None) == [Crew(("A",)), Crew(("B",)), Crew(("C",))]
    assert crews(["A", "B", "C"], {}, 2) == [Crew(("A", "C")), Crew(("B",))]
    assert crews([], {}, 2) == []


def test_processes_are_what_the_placement_of_their_regions_says() -> None:
    placement = {
        "A": Placement(worker="nas"),
        "B": Placement(worker="nas", labels={"ssd": "yes"}),
        "C": Placement(pool="gpu"),
        "D": Placement(labels={"ssd": "no"}),
    }

    started = crews(["A", "B", "C", "D", "E"], placement, 1)

    assert started == [
        Crew(("A", "B"), "nas", (), {"ssd": "yes"}),
        Crew(("C",), None, ("gpu",)),
        Crew(("D",), None, (), {"ssd": "no"}),
        Crew(("E",)),
    ]
    for crew in started:
        worker = WorkerInfo(crew.name or "any", "host", 1, crew.regions, pools=crew.pools,
                            labels=crew.labels)  # fmt: skip
        assert all(hosts(worker, region, placement) for region in crew.regions)
