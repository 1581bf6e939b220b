"""How the editor draws a plan: nothing of what the plan means, but kept where its form changes."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DRAWING", "UNDRAWN", "Drawing", "read_plan_drawing", "read_state_drawing"]

DRAWING: Final = "drawing"
"""The section of a plan file that holds its drawing."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Where regions stand, by name, as (x, y) in pixels; and each layer's chains' colours, by name.

    Colours are numbers from 0. What is drawn nowhere is missing.
    """

    positions: Mapping[str, Point] = field(default_factory=dict)
    chain_colors: tuple[Mapping[str, int], ...] = ()

    def color(self, layer: int, chain: str) -> int | None:
        """The colour of a layer's chain; None where it has none."""
        colors = self.chain_colors[layer] if layer < len(self.chain_colors) else {}
        return colors.get(chain)


UNDRAWN: Final = Drawing()


def read_plan_drawing(section: object) -> Drawing:
    """What a plan file's section says. What makes no sense is as good as missing."""
    fields = _mapping(section)
    found = {name: _point(pair) for name, pair in _mapping(fields.get("positions")).items()}
    return Drawing(_drawn(found), _colors(fields.get("chain_colors")))


def read_state_drawing(document: Mapping[str, Any]) -> Drawing:
    """What the nodes of an editor's full state say, once they have been read as regions."""
    nodes = [(node["data"]["params"]["name"], node) for node in document["flowNodes"]]
    found = {name: _place(_mapping(node.get("position"))) for name, node in nodes}
    return Drawing(_drawn(found), _colors(document.get("chainColors")))


def _drawn(found: Mapping[str, Point | None]) -> dict[str, Point]:
    return {name: point for name, point in found.items() if point is not None}


def _place(position: Mapping[str, Any]) -> Point | None:
    return _point([position.get("x"), position.get("y")])


def _point(value: object) -> Point | None:
    match value:
        case [int() | float() as x, int() | float() as y] if _is_number(x) and _is_number(y):
            return x, y
    return None


def _is_number(value: float) -> bool:
    return not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _colors(value: object) -> tuple[dict[str, int], ...]:
    layers = value if isinstance(value, list) else []
    return tuple(
        {chain: color for chain, color in _mapping(layer).items() if _is_color(color)}
        for layer in layers
    )


def _is_color(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
