"""What runs when: layers of chains, the methods of their regions, and the layers' order."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from regions_dist.domain.files import load_layers
from regions_dist.domain.layers import Layers
from regions_dist.errors import BadInput
from regions_dist.library.files import read_json, write_json
from regions_dist.library.findings import tell, tell_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from regions_dist.library.registry import RegionRegistry

__all__ = ["Orchestrator"]


class Orchestrator:
    """Layers, each a mapping of chains onto their regions, and what those do in each layer.

    ``layer_config[l]`` is ``{chain: [region, …]}``, ``execution_config[l]`` a list of
    ``(region, method)``; ``execution_order`` lists layers in running order, which is as they are
    listed where it is not given. All three may be edited. Layers count from 0.
    """

    def __init__(
        self,
        layer_config: Sequence[Mapping[str, Sequence[str]]] = (),
        execution_config: Sequence[Sequence[Sequence[str]]] = (),
        execution_order: Sequence[int] | None = None,
    ) -> None:
        self.layer_config = [
            {c: list(names) for c, names in layer.items()} for layer in layer_config
        ]
        self.execution_config = [[_pair(entry) for entry in layer] for layer in execution_config]
        self._count = max(len(self.layer_config), len(self.execution_config))
        listed = range(self._count) if execution_order is None else execution_order
        self.execution_order = list(listed)
        self.pad()

    def pad(self, layers: int = 0) -> None:
        """Fill up with empty layers, to at least so many, so that each has chains and methods.

        New layers run after the others, where those run as they are listed.
        """
        count = max(len(self.layer_config), len(self.execution_config), layers)
        self.layer_config += [{} for _ in range(count - len(self.layer_config))]
        self.execution_config += [[] for _ in range(count - len(self.execution_config))]
        if self.execution_order == list(range(self._count)):
            self.execution_order += range(self._count, count)
        self._count = count

    def regions(self) -> list[str]:
        """The regions that stand in any chain, each once, in order."""
        chains = (names for layer in self.layer_config for names in layer.values())
        return list(dict.fromkeys(name for names in chains for name in names))

    def region_layers(self, region: str) -> list[int]:
        """The layers in which a chain holds ``region``."""
        return [
            number
            for number, layer in enumerate(self.layer_config)
            if any(region in names for names in layer.values())
        ]

    def methods_in_layer(self, layer: int, region: str | None = None) -> list[Any]:
        """What ``region`` does in a layer, as names in order; without one, all as pairs."""
        entries = self.execution_config[self._layer(layer)]
        if region is None:
            return list(entries)
        return [method for name, method in entries if name == region]

    def region_profile(self, region: str) -> dict[int, dict[str, Any]]:
        """Where ``region`` stands and what it does: ``{layer: {"chain", "methods"}}``."""
        return {
            layer: {
                "chain": self._chain_of(layer, region),
                "methods": self.methods_in_layer(layer, region),
            }
            for layer in self.region_layers(region)
        }

    def append_method(self, layer: int, region: str, method: str) -> None:
        """Let ``region`` do one thing more in a layer, after the others."""
        self.execution_config[self._layer(layer)].append((region, method))

    def remove_method(self, layer: int, region: str, method: str) -> None:
        """Take the first such entry out of a layer. Raises BadInput where there is none."""
        entries = self.execution_config[self._layer(layer)]
        del entries[self._index(layer, region, method)]

    def remove_methods(self, layer: int, region: str) -> None:
        """Let ``region`` do nothing in a layer."""
        entries = self.execution_config[self._layer(layer)]
        entries[:] = [entry for entry in entries if entry[0] != region]

    def replace_method(self, layer: int, region: str, old: str, new: str) -> None:
        """Let ``region`` do ``new`` in place of ``old``. Raises BadInput where it does not."""
        entries = self.execution_config[self._layer(layer)]
        entries[self._index(layer, region, old)] = (region, new)

    def append_to_layer(self, layer: int, chain: str, regions: str | Sequence[str]) -> None:
        """Put regions at the end of a chain, which is made where there is none.

        The layer after the last one is made, too. Raises BadInput for a region that stands in
        another chain of the layer: chains run at the same time.
        """
        names = [regions] if isinstance(regions, str) else list(regions)
        if layer == len(self.layer_config):
            self.pad(layer + 1)
        chains = self.layer_config[self._layer(layer)]
        for name in names:
            if (found := self._chain_of(layer, name)) not in {None, chain}:
                raise BadInput(
                    f"region {name!r} stands in chain {found!r} of layer {layer}; chains run at "
                    "the same time, so it can't stand in another one, too",
                    where=name,
                )
        held = chains.setdefault(chain, [])
        held += [name for name in dict.fromkeys(names) if name not in held]

    add_to_layer = append_to_layer

    def remove_from_layer(self, layer: int, regions: str | Sequence[str]) -> None:
        """Take regions out of a layer, with what they do there; empty chains go, too."""
        names = [regions] if isinstance(regions, str) else list(regions)
        chains = self.layer_config[self._layer(layer)]
        for chain, held in list(chains.items()):
            held[:] = [name for name in held if name not in names]
            if not held:
                del chains[chain]
        for name in names:
            self.remove_methods(layer, name)

    def load(self, file: str | Path) -> Orchestrator:
        """Take the layers of an executions file, a plan or a full state; this orchestrator.

        Raises FileProblem. What had to be repaired is logged.
        """
        loaded = load_layers(read_json(file), str(file))
        tell(loaded.repairs)
        layers = loaded.layers
        self.layer_config = [
            {chain: list(names) for chain, names in layer.items()} for layer in layers.layer_config
        ]
        self.execution_config = [list(layer) for layer in layers.execution_config]
        self.execution_order = list(layers.execution_order)
        self._count = len(self.layer_config)
        return self

    def save(self, file: str | Path) -> None:
        """Write an executions file."""
        document = {
            "layer_config": self.layer_config,
            "execution_config": self.execution_config,
            "execution_order": self.execution_order,
        }
        write_json(file, document)

    def layers(self) -> Layers:
        """The layers as a plan has them."""
        self.pad()
        return Layers(
            tuple({c: tuple(names) for c, names in layer.items()} for layer in self.layer_config),
            tuple(tuple(_pair(entry) for entry in layer) for layer in self.execution_config),
            tuple(self.execution_order),
        )

    def verify(self, registry: RegionRegistry | None = None) -> bool:
        """Whether the layers can run, with these regions where given.

        What is wrong is logged, and so are entries that never run.
        """
        self.pad()
        tell_problems(self._idle(), logging.WARNING)
        return not tell_problems([*self._shared(), *self._disorder(), *self._unknown(registry)])

    def _idle(self) -> Iterator[str]:
        for layer, chains in enumerate(self.layer_config):
            held = {name for names in chains.values() for name in names}
            for name, method in self.execution_config[layer]:
                if name not in held:
                    yield f"{name}.{method} never runs: no chain of layer {layer} holds {name!r}"

    def _shared(self) -> Iterator[str]:
        for layer, chains in enumerate(self.layer_config):
            counts = Counter(name for names in chains.values() for name in dict.fromkeys(names))
            for name, count in counts.items():
                if count > 1:
                    yield f"region {name!r} stands in {count} chains of layer {layer}"

    def _disorder(self) -> Iterator[str]:
        for layer in self.execution_order:
            if not 0 <= layer < len(self.layer_config):
                yield f"execution_order names layer {layer}, and there are {len(self.layer_config)}"

    def _unknown(self, registry: RegionRegistry | None) -> Iterator[str]:
        for name in self.regions():
            if registry is not None and name not in registry:
                yield f"{name!r} stands in a chain, and is not registered"

    def _layer(self, layer: int) -> int:
        if 0 <= layer < len(self.layer_config):
            return layer
        raise BadInput(
            f"there is no layer {layer}: there are {len(self.layer_config)}, and they count from 0",
            where="layer",
        )

    def _chain_of(self, layer: int, region: str) -> str | None:
        chains = self.layer_config[self._layer(layer)]
        return next((chain for chain, names in chains.items() if region in names), None)

    def _index(self, layer: int, region: str, method: str) -> int:
        entries = self.execution_config[self._layer(layer)]
        if (region, method) in entries:
            return entries.index((region, method))
        raise BadInput(f"{region!r} does no {method!r} in layer {layer}", where=region)


def _pair(entry: Sequence[str]) -> tuple[str, str]:
    match entry:
        case [str(region), str(method)]:
            return region, method
    raise BadInput(f"found {entry!r}, expected (region, method)", where="execution_config")
