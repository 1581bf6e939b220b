"""A region as it is registered: what a file says of it, or the Python objects themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from regions_dist.domain.region_entries import read_entry
from regions_dist.domain.registry import BUILT_IN, region_type, register_region_type
from regions_dist.domain.repair import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from regions_dist.domain import plan
    from regions_dist.domain.finding import Finding
    from regions_dist.domain.region import BaseRegion
    from regions_dist.domain.resources import LLM, Retriever

    TypeOrName = str | type[BaseRegion]

__all__ = ["RegionEntry"]


@dataclass(init=False)
class RegionEntry:
    """A region called ``name`` of a type, given by its name or as its class.

    ``connections`` maps each region it may write to onto that region's task; a list of names will
    do. ``llm`` and ``rag`` are a model and a store, or names of such; None means the registry's
    default. ``parameters`` are those of the type: ``threshold``, ``reply_with_actors``, ``delay``,
    ``out_process``, …
    """

    name: str
    type: str
    task: str
    connections: Mapping[str, str] | Sequence[str]
    llm: LLM | str | None
    rag: Retriever | str | None
    parameters: dict[str, Any]
    is_class: bool = field(repr=False)

    def __init__(
        self,
        name: str,
        type: TypeOrName = "Region",  # noqa: A002  its users' name for it
        task: str | None = "",
        connections: Mapping[str, str] | Sequence[str] | None = None,
        llm: LLM | str | None = None,
        rag: Retriever | str | None = None,
        **parameters: Any,
    ) -> None:
        self.name = name
        self.type = type if isinstance(type, str) else _name_of(type)
        self.is_class = not isinstance(type, str) and type not in BUILT_IN
        self.task = task or ""
        self.connections = {} if connections is None else connections
        self.llm = llm
        self.rag = rag
        self.parameters = parameters

    @classmethod
    def of(cls, entry: plan.RegionEntry) -> Self:
        """The entry of a plan's region, whose model and store are the registry's or the named."""
        named = {
            kind: name for kind in ("llm", "rag") if (name := getattr(entry, kind)) != "default"
        }
        parameters = {**entry.parameters, **named}
        return cls(entry.name, entry.type, entry.task, dict(entry.connections), **parameters)

    @classmethod
    def of_region(cls, region: BaseRegion) -> Self:
        """The entry of a region that was made by hand; what it knows is left out."""
        keys = (*type(region).parameters, *type(region).resources)
        found = ((key, getattr(region, key, None)) for key in keys)
        own = {key: value for key, value in found if value not in (None, "")}
        return cls(region.name, type(region), region.task, dict(region.connections), **own)

    def changed(self, **changes: Any) -> RegionEntry:
        """The same entry with other fields or parameters."""
        common = ("name", "type", "task", "connections", "llm", "rag")
        kept = {key: getattr(self, key) for key in common}
        new = RegionEntry(**{**kept, **self.parameters, **changes})
        new.is_class = new.is_class or (self.is_class and new.type == self.type)
        return new

    def read(self, tasks: Mapping[str, str]) -> tuple[plan.RegionEntry, list[Finding]]:
        """The region as a plan has it, and what had to be repaired.

        ``tasks`` are those of all regions. Raises BadInput for what no plan can hold.
        """
        region_type(self.type)
        reading = Reading("the registry")
        given = dict(self.parameters)
        callables = {key: given.pop(key) for key in [*given] if callable(given[key])}
        fields = {"name": self.name, "type": self.type, "task": self.task, **given}
        fields["connections"] = self._tasks_of_connections(tasks)
        entry = read_entry(reading, fields, f"region {self.name!r}", tasks)
        names = {
            kind: value for kind in ("llm", "rag") if isinstance(value := getattr(self, kind), str)
        }
        parameters = {**entry.parameters, **callables}
        return entry.model_copy(update={**names, "parameters": parameters}), reading.repairs

    def _tasks_of_connections(self, tasks: Mapping[str, str]) -> object:
        given = self.connections
        if isinstance(given, Mapping):
            return dict(given)
        return given if isinstance(given, str) else {name: tasks.get(name, "") for name in given}


def _name_of(cls: type[BaseRegion]) -> str:
    return cls.__name__ if cls in BUILT_IN else register_region_type(cls).__name__
