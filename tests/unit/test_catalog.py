"""What the editor is told of region types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import pytest

from regions_dist.domain.catalog import catalog
from regions_dist.domain.files import load_plan
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.registry import BUILT_IN, register_region_type
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.catalog import TypeInCatalog

BUNDLED = Path(__file__).parents[2] / "gui" / "src" / "model" / "catalog.json"


class Scribe(BaseRegion):
    """Notes what it hears.

    At length.
    """

    methods: ClassVar[tuple[str, ...]] = ("note",)
    parameters: ClassVar[Mapping[str, str]] = {"lines": "How many.", "heading": "What is on top."}
    bounds: ClassVar[Mapping[str, tuple[float, float]]] = {"lines": (1, 9)}

    def __init__(
        self,
        name: str,
        task: str = "",
        connections: Mapping[str, str] | None = None,
        lines: int = 3,
        heading: str = "Notes",
    ) -> None:
        super().__init__(name, task, connections)
        self.lines, self.heading = lines, heading

    def note(self) -> None:
        """Write it down."""


@pytest.fixture
def scribe(monkeypatch: pytest.MonkeyPatch) -> TypeInCatalog:
    """The entry of a type of one's own."""
    monkeypatch.setattr("regions_dist.domain.registry._registered", {})
    register_region_type(Scribe)
    return next(it for it in catalog() if it.name == "Scribe")


def test_the_editor_brings_the_catalog_of_the_built_in_types() -> None:
    built_in = {cls.__name__ for cls in BUILT_IN}
    told = [it.as_dict() for it in catalog() if it.name in built_in]

    assert json.loads(BUNDLED.read_text()) == told, "scripts/catalog writes it anew"


def test_every_built_in_type_method_and_parameter_says_what_it_is_for() -> None:
    built_in = {cls.__name__ for cls in BUILT_IN}
    for it in (it for it in catalog() if it.name in built_in):
        summaries = [it.summary, *(its.summary for its in it.methods)]
        summaries += [its.summary for its in it.parameters]
        assert all(summaries), it.name


def test_a_type_of_ones_own_tells_its_methods_and_parameters(scribe: TypeInCatalog) -> None:
    told = scribe.as_dict()

    assert (told["kind"], told["summary"]) == ("own", "Notes what it hears.")
    assert told["methods"] == [{"name": "note", "summary": "Write it down."}]
    assert told["parameters"] == [
        {"name": "lines", "summary": "How many.", "kind": "number", "default": 3}
        | {"least": 1, "most": 9},
        {"name": "heading", "summary": "What is on top.", "kind": "text", "default": "Notes"},
    ]


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        ({"lines": 12}, "a number from 1 to 9"),
        ({"lines": 2.5}, "a whole number"),
        ({"lines": "many"}, "a number from 1 to 9"),
        ({"heading": 7}, "text"),
    ],
)
@pytest.mark.usefixtures("scribe")
def test_a_parameter_of_ones_own_type_is_checked(
    parameter: dict[str, object], expected: str
) -> None:
    region = {"name": "A", "type": "Scribe", "task": "", "connections": {}, **parameter}
    with pytest.raises(FileProblem, match=expected):
        load_plan({"regions": [region], "layer_config": [], "execution_config": []}, origin="p")
