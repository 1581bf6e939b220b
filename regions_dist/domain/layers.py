"""Reading the layers of a file: their chains, what their regions do, and their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regions_dist.domain.repair import Reading

__all__ = ["LayerKeys", "Layers", "read_layers"]


@dataclass(frozen=True, slots=True)
class LayerKeys:
    """What a file form calls its layers, their methods and their order."""

    layers: str
    methods: str
    order: str
    order_may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a plan, as Plan holds them."""

    layer_config: tuple[dict[str, tuple[str, ...]], ...]
    execution_config: tuple[tuple[tuple[str, str], ...], ...]
    execution_order: tuple[int, ...]


def read_layers(reading: Reading, fields: dict[str, Any], keys: LayerKeys) -> Layers:
    """The layers that ``fields`` hold under ``keys``, padded to equal length."""
    layers = [
        _chains(reading, layer, f"{keys.layers}[{number}]")
        for number, layer in enumerate(reading.items(fields[keys.layers], keys.layers))
    ]
    methods = [
        _entries(reading, layer, f"{keys.methods}[{number}]")
        for number, layer in enumerate(reading.items(fields[keys.methods], keys.methods))
    ]
    _pad(reading, layers, methods, keys)
    order = _order(reading, fields.get(keys.order), keys, len(layers))
    return Layers(tuple(layers), tuple(methods), order)


def _chains(reading: Reading, layer: object, place: str) -> dict[str, tuple[str, ...]]:
    chains = reading.mapping(layer, place, "an object {chain: [region, …]}")
    return {name: _names(reading, names, f"{place}.{name}") for name, names in chains.items()}


def _names(reading: Reading, names: object, place: str) -> tuple[str, ...]:
    found = reading.items(names, place, "a list of region names")
    return tuple(
        reading.text(name, f"{place}[{number}]", "a region's name")
        for number, name in enumerate(found)
    )


def _entries(reading: Reading, layer: object, place: str) -> tuple[tuple[str, str], ...]:
    found = reading.items(layer, place, "a list of [region, method]")
    return tuple(_entry(reading, entry, f"{place}[{number}]") for number, entry in enumerate(found))


def _entry(reading: Reading, entry: object, place: str) -> tuple[str, str]:
    match entry:
        case [str(region), str(method)]:
            return region, method
    raise reading.refusal(place, entry, "a pair [region, method]")


def _pad(
    reading: Reading,
    layers: list[dict[str, tuple[str, ...]]],
    methods: list[tuple[tuple[str, str], ...]],
    keys: LayerKeys,
) -> None:
    missing = len(layers) - len(methods)
    if missing:
        short, other = (keys.methods, keys.layers) if missing > 0 else (keys.layers, keys.methods)
        what = f"is {abs(missing)} shorter than {other}; filled up with empty layers"
        reading.repaired(short, "padded-layers", what)
    methods.extend(() for _ in range(missing))
    layers.extend({} for _ in range(-missing))


def _order(reading: Reading, value: object, keys: LayerKeys, count: int) -> tuple[int, ...]:
    if value is None:
        if not keys.order_may_miss:
            reading.repaired(keys.order, "missing-key", "is missing; layers run as they are listed")
        return tuple(range(count))
    found = reading.items(value, keys.order, "a list of layer indexes")
    return tuple(
        _index(reading, index, f"{keys.order}[{number}]", count)
        for number, index in enumerate(found)
    )


def _index(reading: Reading, value: object, place: str, count: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < count:
        return value
    expected = f"a layer's index from 0 to {count - 1}" if count else "nothing: there are no layers"
    raise reading.refusal(place, value, expected)
