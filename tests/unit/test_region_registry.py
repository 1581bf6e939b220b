"""A program's regions by name: registered, changed, loaded, saved, built."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

import pytest

from regions_dist import (
    BadInput,
    BaseRegion,
    FileProblem,
    ListenerRegion,
    RAGRegion,
    Region,
    RegionEntry,
    RegionRegistry,
)
from regions_dist.testing import ScriptedLLM, ScriptedRAG

if TYPE_CHECKING:
    from pathlib import Path

MODEL, STORE = ScriptedLLM(), ScriptedRAG()


class Own(BaseRegion):
    """A type of the test's own."""

    methods: ClassVar[tuple[str, ...]] = ("work",)

    def work(self) -> None:
        """Do nothing."""


def test_a_registry_maps_names_onto_entries_in_their_order() -> None:
    registry = RegionRegistry([RegionEntry("B"), {"name": "A", "type": "BroadcastRegion"}])
    registry.register(Own("C", "task", {"A": "hub"}))
    registry.register(name="D", type="BaseRegion")

    assert list(registry) == ["B", "A", "C", "D"]
    assert len(registry) == 4
    assert "A" in registry
    assert registry["A"].type == "BroadcastRegion"
    assert dict(registry.items())["C"].connections == {"A": "hub"}


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (RegionEntry("A"), "already"),
        (RegionEntry(""), "is empty"),
        (RegionEntry("{x}"), "brace"),
        (RegionEntry("B", "NoSuch"), "unknown region type"),
        (RegionEntry("B", "RAGRegion", threshold="abc"), "threshold"),
        (RegionEntry("B", connections="A"), "connections"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(entry: RegionEntry, problem: str) -> None:
    registry = RegionRegistry([RegionEntry("A")])

    with pytest.raises(BadInput, match=problem):
        registry.register(entry)

    assert list(registry) == ["A"]


def test_update_changes_fields_and_parameters_and_keeps_the_place() -> None:
    registry = RegionRegistry([RegionEntry("A", "RAGRegion", "t", threshold=0.2), RegionEntry("B")])

    registry.update("A", task="u", reply_with_actors=True)
    registry.update("A", name="C")

    assert list(registry) == ["C", "B"]
    assert registry["C"].task == "u"
    assert registry["C"].parameters == {"threshold": 0.2, "reply_with_actors": True}
    registry.update(RegionEntry("B", "BaseRegion", "new"))
    assert (registry["B"].type, registry["B"].task) == ("BaseRegion", "new")
    for change in ({"name": "B"}, {"type": "NoSuch"}, {"name": ""}):
        with pytest.raises(BadInput):
            registry.update("C", **change)
    assert list(registry) == ["C", "B"]


def test_deregister_takes_a_region_out() -> None:
    registry = RegionRegistry([RegionEntry("A")])

    assert registry.deregister("A").name == "A"
    assert list(registry) == []
    with pytest.raises(BadInput, match="no region called 'A'"):
        registry.deregister("A")


def test_regions_are_built_with_the_models_and_stores_they_name_or_the_defaults() -> None:
    special = ScriptedLLM()
    registry = RegionRegistry(default_llm=MODEL, default_rag=STORE)
    registry.register("A", "Region", "t", ["M"])
    registry.register("B", Region, "t", llm=special)
    registry.register("M", "RAGRegion", "memories", threshold="0.25")
    registry.register("L", "ListenerRegion", delay=0.1)
    registry.register("O", Own)

    regions = registry.build_regions()

    a, b, m = regions["A"], regions["B"], regions["M"]
    assert isinstance(a, Region)
    assert isinstance(b, Region)
    assert isinstance(m, RAGRegion)
    assert (a.llm, b.llm, m.rag, m.threshold) == (MODEL, special, STORE, 0.25)
    assert a.connections == {"M": "memories"}
    assert isinstance(regions["L"], ListenerRegion)
    assert isinstance(regions["O"], Own)


def test_build_regions_overwrites_only_where_it_is_told_to() -> None:
    registry = RegionRegistry([RegionEntry("A", Own), RegionEntry("B", Own)])
    first = registry.build_regions()
    registry.update("B", task="new")

    second = registry.build_regions(overwrite=False)
    third = registry.build_regions()

    assert second["A"] is first["A"]
    assert second["B"].task == "new"
    assert third["A"] is not first["A"]


def test_a_region_made_by_hand_stays_the_registrys_until_it_is_changed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    own, ear = Region("A", "task", MODEL), ListenerRegion("Ear")
    registry = RegionRegistry([own, ear])

    assert registry.build_regions() == {"A": own, "Ear": ear}
    assert caplog.text == ""
    registry.update("A", task="another")
    assert registry.build_regions()["A"] is not own


def test_fault_a_threshold_on_a_plain_region_breaks_the_build() -> None:
    registry = RegionRegistry(default_llm=MODEL)
    registry.register("A", "Region", "t", threshold=0.5, reply_with_actors=False)

    assert registry.verify()
    assert isinstance(registry.build_regions()["A"], Region)


def test_a_type_that_cannot_be_built_is_named_by_verify(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Own):
        def __init__(self, *arguments: object, **named: object) -> None:
            raise RuntimeError("no")

    registry = RegionRegistry([RegionEntry("A", Broken)])

    assert not registry.verify()
    assert "region 'A' cannot be built: RuntimeError: no" in caplog.text
    with pytest.raises(BadInput, match="RuntimeError: no"):
        registry.build_regions()


def test_a_registry_is_saved_and_loaded(tmp_path: Path) -> None:
    file = tmp_path / "regions.json"
    registry = RegionRegistry(default_llm=MODEL)
    registry.register("A", "Region", "t", {"M": "m"}, llm="large")
    registry.register("M", "RAGRegion", "m", reply_with_actors=True, rag=STORE)
    registry.register("L", "ListenerRegion", out_process=lambda _: None)

    registry.save(file)
    loaded = RegionRegistry().load(file)

    assert list(loaded) == ["A", "M", "L"]
    assert (loaded["A"].llm, loaded["A"].connections) == ("large", {"M": "m"})
    assert (loaded["M"].rag, loaded["M"].parameters) == (None, {"reply_with_actors": True})
    assert "out_process" not in file.read_text()


def test_what_had_to_be_repaired_on_loading_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "regions.json"
    entry = {"name": "M", "type": "RAGRegion", "connections": [], "threshold": "0.65"}
    file.write_text(json.dumps([entry]))

    registry = RegionRegistry().load(file)

    assert registry["M"].parameters["threshold"] == 0.65
    assert "threshold" in caplog.text
    assert "connections" in caplog.text


def test_a_file_that_cannot_be_read_leaves_the_registry_as_it_was(tmp_path: Path) -> None:
    registry = RegionRegistry([RegionEntry("A")])
    (tmp_path / "bad.json").write_text("{")

    for file in ("none.json", "bad.json"):
        with pytest.raises(FileProblem, match=file):
            registry.load(tmp_path / file)

    assert list(registry) == ["A"]
