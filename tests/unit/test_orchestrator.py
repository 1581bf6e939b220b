"""Layers, edited from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist import BadInput, Orchestrator, Postmaster, RegionRegistry, verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def layers() -> Orchestrator:
    """Two layers: A and B in a chain, C in another; then A alone."""
    return Orchestrator(
        [{"one": ["A", "B"], "two": ["C"]}, {"one": ["A"]}],
        [[("A", "ask"), ("A", "hear"), ("C", "ask")], [("A", "tell")]],
    )


def test_what_is_where(layers: Orchestrator) -> None:
    assert layers.regions() == ["A", "B", "C"]
    assert layers.region_layers("A") == [0, 1]
    assert layers.methods_in_layer(0, "A") == ["ask", "hear"]
    assert layers.methods_in_layer(0) == [("A", "ask"), ("A", "hear"), ("C", "ask")]
    assert layers.region_profile("A") == {
        0: {"chain": "one", "methods": ["ask", "hear"]},
        1: {"chain": "one", "methods": ["tell"]},
    }
    assert layers.execution_order == [0, 1]


def test_methods_are_appended_replaced_and_removed(layers: Orchestrator) -> None:
    layers.append_method(1, "A", "ask")
    layers.replace_method(0, "A", "hear", "tell")
    layers.remove_method(0, "A", "ask")
    layers.remove_methods(0, "C")

    assert layers.execution_config == [[("A", "tell")], [("A", "tell"), ("A", "ask")]]
    changes: tuple[Callable[[], object], ...] = (
        lambda: layers.remove_method(0, "A", "sing"),
        lambda: layers.replace_method(0, "A", "sing", "ask"),
    )
    for change in changes:
        with pytest.raises(BadInput, match="does no 'sing'"):
            change()


@pytest.mark.parametrize("add", ["append_to_layer", "add_to_layer"])
def test_regions_are_put_into_layers_new_ones_too(layers: Orchestrator, add: str) -> None:
    getattr(layers, add)(1, "two", ["B", "C"])
    getattr(layers, add)(1, "two", "D")
    getattr(layers, add)(2, "one", ["A"])

    assert layers.layer_config[1:] == [{"one": ["A"], "two": ["B", "C", "D"]}, {"one": ["A"]}]
    assert len(layers.execution_config) == 3
    assert layers.execution_order == [0, 1, 2]


def test_a_region_stands_in_one_chain_of_a_layer(layers: Orchestrator) -> None:
    layers.append_to_layer(0, "one", ["A", "D", "D"])
    with pytest.raises(BadInput, match="stands in chain 'one'"):
        layers.append_to_layer(0, "two", ["E", "A"])

    assert layers.layer_config[0] == {"one": ["A", "B", "D"], "two": ["C"]}


def test_who_leaves_a_layer_takes_its_methods_along(layers: Orchestrator) -> None:
    layers.remove_from_layer(0, ["A", "C"])

    assert layers.layer_config[0] == {"one": ["B"]}
    assert layers.execution_config[0] == []
    assert layers.region_layers("A") == [1]


@pytest.mark.parametrize("layer", [-1, 4])
def test_fault_a_layer_is_counted_from_the_end(layers: Orchestrator, layer: int) -> None:
    changes: tuple[Callable[[], object], ...] = (
        lambda: layers.append_method(layer, "A", "ask"),
        lambda: layers.append_to_layer(layer, "one", "D"),
        lambda: layers.methods_in_layer(layer),
        lambda: layers.remove_from_layer(layer, "A"),
    )
    for change in changes:
        with pytest.raises(BadInput, match="there is no layer"):
            change()


def test_pad_fills_up_what_is_shorter() -> None:
    layers = Orchestrator([{"one": ["A"]}], [])
    layers.layer_config.append({})
    layers.pad()
    assert layers.execution_config == [[], []]

    layers.pad(3)
    assert len(layers.layer_config) == len(layers.execution_config) == 3


def test_new_layers_join_the_order_where_layers_run_as_they_are_listed() -> None:
    listed, chosen = Orchestrator([{}, {}]), Orchestrator([{}, {}], (), [1, 0])
    for layers in (listed, chosen):
        layers.append_to_layer(2, "one", "A")
    listed.execution_order.append(0)
    listed.pad(4)

    assert listed.execution_order == [0, 1, 2, 0]
    assert chosen.execution_order == [1, 0]


def test_an_entry_that_is_no_pair_is_refused() -> None:
    with pytest.raises(BadInput, match=r"expected \(region, method\)"):
        Orchestrator([{}], [["A"]])


def test_layers_are_saved_and_loaded(layers: Orchestrator, tmp_path: Path) -> None:
    layers.execution_order = [1, 0, 1]
    layers.save(tmp_path / "executions.json")

    loaded = Orchestrator().load(tmp_path / "executions.json")

    assert loaded.layers() == layers.layers()
    assert isinstance(loaded.layer_config[0]["one"], list)


def test_verify_tells_errors_from_what_is_odd(
    layers: Orchestrator, caplog: pytest.LogCaptureFixture
) -> None:
    registry = RegionRegistry([{"name": name, "type": "BaseRegion"} for name in "ABC"])
    layers.append_method(1, "B", "ask")
    assert layers.verify()
    assert layers.verify(registry)
    assert "B.ask never runs" in caplog.text

    layers.layer_config[1]["two"] = ["A"]
    layers.execution_order = [0, 2]
    registry.deregister("C")

    assert not layers.verify(registry)
    for problem in ("2 chains", "names layer 2", "'C' stands in a chain"):
        assert problem in caplog.text


def test_fault_verify_without_rebuilding_passes_with_issues() -> None:
    registry = RegionRegistry([{"name": "A", "type": "BaseRegion"}])
    good = Orchestrator([{"one": ["A"]}], [[("A", "clear_replies")]])
    bad = Orchestrator([{"one": ["A"]}], [[("A", "sing")]])
    postmaster = Postmaster(registry)

    assert verify(registry, good, postmaster)
    assert set(registry.regions) == {"A"}
    assert not verify(registry, bad, postmaster, rebuild_regions=False)
    assert not verify(registry, bad, postmaster, verify_registry=False)
    assert verify(registry, bad, postmaster, verify_orchestrator=False)
    assert not verify(registry, good, Postmaster(registry, cc="Nobody"))
