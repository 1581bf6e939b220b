"""Reading the editor's own save: regions are nodes, connections are edges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.layers import LayerKeys
from regions_dist.domain.region_entries import read_entry, with_tasks
from regions_dist.domain.sections import SECTIONS

if TYPE_CHECKING:
    from regions_dist.domain.plan import RegionEntry
    from regions_dist.domain.repair import Reading

__all__ = ["EDITOR_KEYS", "read_layer_fields", "read_nodes"]

EDITOR_KEYS: Final = LayerKeys("layerConfig", "executionConfig", "executionOrder")
_DRAWING: Final = ("flowNodes", "flowEdges", "chainColors")


def read_layer_fields(reading: Reading, document: dict[str, Any]) -> dict[str, Any]:
    """Everything but the drawing; layers that were not saved are empty."""
    keys = (*_DRAWING, EDITOR_KEYS.layers, EDITOR_KEYS.methods, EDITOR_KEYS.order, *SECTIONS)
    fields = reading.known(document, "", keys)
    for key in (EDITOR_KEYS.layers, EDITOR_KEYS.methods):
        if fields.get(key) is None:
            reading.repaired(key, "missing-key", "is missing; taken as empty")
            fields[key] = []
    return fields


def read_nodes(reading: Reading, document: dict[str, Any]) -> list[RegionEntry]:
    """The regions of ``flowNodes``, their connections completed from ``flowEdges``."""
    nodes = reading.items(document["flowNodes"], "flowNodes")
    params = [_params(reading, node, f"flowNodes[{number}]") for number, node in enumerate(nodes)]
    tasks = with_tasks(params)
    entries = [
        read_entry(reading, fields, f"flowNodes[{number}].data.params", tasks)
        for number, fields in enumerate(params)
    ]
    ids = {node["id"]: number for number, node in enumerate(nodes) if _is_id(node.get("id"))}
    for number, edge in enumerate(reading.items(document.get("flowEdges") or [], "flowEdges")):
        _connect(reading, edge, f"flowEdges[{number}]", ids, entries)
    return entries


def _params(reading: Reading, node: object, place: str) -> dict[str, Any]:
    """A node's region as a regions file would hold it."""
    fields = reading.mapping(node, place, "a node")
    data = reading.mapping(fields.get("data"), f"{place}.data")
    params = reading.mapping(data.get("params"), f"{place}.data.params")
    type_name = data.get("typeName")
    return params if type_name is None else {**params, "type": type_name}


def _connect(
    reading: Reading, edge: object, place: str, ids: dict[str, int], entries: list[RegionEntry]
) -> None:
    ends = reading.mapping(edge, place, "an edge")
    source, target = (_end(ends.get(end), ids) for end in ("source", "target"))
    if source is None or target is None:
        reading.repaired(place, "dangling-edge", "joins no two regions; it is ignored")
        return
    origin, goal = entries[source], entries[target]
    if goal.name not in origin.connections:
        what = f"is read as a connection from {origin.name!r} to {goal.name!r}"
        reading.repaired(place, "repaired-connections", what)
        connections = {**origin.connections, goal.name: goal.task}
        entries[source] = origin.model_copy(update={"connections": connections})


def _end(value: object, ids: dict[str, int]) -> int | None:
    return ids.get(value) if isinstance(value, str) else None


def _is_id(value: object) -> bool:
    return isinstance(value, str)
