"""A plan written as each of the file forms; every one loads back to the same plan."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.drawing import DRAWING, UNDRAWN
from regions_dist.domain.sections import SECTIONS

if TYPE_CHECKING:
    from regions_dist.domain.drawing import Drawing
    from regions_dist.domain.plan import Plan, RegionEntry

__all__ = ["to_executions", "to_full_state", "to_plan", "to_region", "to_regions"]

_COLUMN_WIDTH: Final = 320
_ROW_HEIGHT: Final = 220


def to_plan(plan: Plan, drawing: Drawing = UNDRAWN) -> dict[str, Any]:
    """The form of a plan file, with everything the plan holds, and its drawing if it has one."""
    drawn = {} if drawing == UNDRAWN else {DRAWING: _drawing(drawing)}
    return {"version": 1, "regions": to_regions(plan), **to_executions(plan), **drawn}


def to_regions(plan: Plan) -> list[dict[str, Any]]:
    """The form of a regions file; goes with ``to_executions``."""
    return [to_region(entry) for entry in plan.regions]


def to_executions(plan: Plan) -> dict[str, Any]:
    """The form of an executions file: layers, order, and the plan's other sections if any."""
    layers = plan.model_dump(
        mode="json", include={"layer_config", "execution_config", "execution_order"}
    )
    return {**layers, **_sections(plan)}


def to_full_state(plan: Plan, drawing: Drawing = UNDRAWN) -> dict[str, Any]:
    """The form of the editor's save; of those without a place, who acts first stands left."""
    layers = to_executions(plan)
    ids = {entry.name: _node_id(number, entry) for number, entry in enumerate(plan.regions)}
    places = [
        drawing.positions.get(entry.name, place)
        for entry, place in zip(plan.regions, _places(plan), strict=True)
    ]
    return {
        "flowNodes": [_node(entry, n, places[n]) for n, entry in enumerate(plan.regions)],
        "flowEdges": [
            edge for n, entry in enumerate(plan.regions) for edge in _edges(entry, n, ids)
        ],
        "layerConfig": layers.pop("layer_config"),
        "executionConfig": layers.pop("execution_config"),
        "executionOrder": layers.pop("execution_order"),
        "chainColors": [_chain_colors(plan, drawing, n) for n in range(len(plan.layer_config))],
        **layers,
    }


def to_region(entry: RegionEntry) -> dict[str, Any]:
    """One region as a regions file has it."""
    fields = entry.model_dump(mode="json", include={"name", "type", "task", "connections"})
    resources = entry.model_dump(mode="json", include={"llm", "rag"}, exclude_defaults=True)
    return {**fields, **resources, **entry.parameters}


def _sections(plan: Plan) -> dict[str, Any]:
    """The sections in which the plan says more than the defaults."""
    written = plan.model_dump(mode="json", include=set(SECTIONS), exclude_defaults=True)
    if plan.messages:
        written["messages"] = [message.model_dump(mode="json") for message in plan.messages]
    return written


def _drawing(drawing: Drawing) -> dict[str, Any]:
    return {
        "positions": {name: list(place) for name, place in drawing.positions.items()},
        "chain_colors": [dict(colors) for colors in drawing.chain_colors],
    }


def _chain_colors(plan: Plan, drawing: Drawing, layer: int) -> dict[str, int]:
    chosen = [(chain, drawing.color(layer, chain)) for chain in plan.layer_config[layer]]
    return {chain: n if color is None else color for n, (chain, color) in enumerate(chosen)}


def _places(plan: Plan) -> list[tuple[float, float]]:
    """A place for each region that has none: a column for each time at which some act first.

    Regions that never act stand with the first.
    """
    first: dict[str, int] = {}
    for place, layer in enumerate(plan.execution_order):
        for name in (name for chain in plan.layer_config[layer].values() for name in chain):
            first.setdefault(name, place)
    columns = {place: column for column, place in enumerate(sorted({0, *first.values()}))}
    rows = {column: count() for column in columns.values()}
    standing = (columns[first.get(entry.name, 0)] for entry in plan.regions)
    return [(column * _COLUMN_WIDTH, next(rows[column]) * _ROW_HEIGHT) for column in standing]


def _node(entry: RegionEntry, number: int, place: tuple[float, float]) -> dict[str, Any]:
    x, y = place
    node = _node_id(number, entry)
    return {
        "id": node,
        "type": "regionNode",
        "position": {"x": x, "y": y},
        "data": {"typeName": entry.type, "params": to_region(entry), "nodeId": node},
    }


def _node_id(number: int, entry: RegionEntry) -> str:
    return f"{entry.type}_{number + 1}"


def _edges(entry: RegionEntry, number: int, ids: dict[str, str]) -> list[dict[str, Any]]:
    source = _node_id(number, entry)
    return [
        {"id": f"e_{source}_{ids[name]}", "source": source, "target": ids[name], "type": "default"}
        for name in entry.connections
        if name in ids
    ]
