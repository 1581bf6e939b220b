"""A plan made of a registry, an orchestrator and a postmaster, with what no plan can hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.plan import Plan
from regions_dist.domain.registry import region_type
from regions_dist.library.portable import portable

if TYPE_CHECKING:
    from regions_dist.domain.finding import Finding
    from regions_dist.domain.plan import PostmasterPolicy, RegionEntry
    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.registry import RegionRegistry

__all__ = ["Assembly", "assemble"]

_KINDS: Final = ("llm", "rag")


@dataclass
class Assembly:
    """A plan, as any process can read it; ``objects`` are models and stores of this one it names.

    ``own`` are the regions that only this process can host, with all that is known of them: they
    need one of the objects, have a parameter that is no JSON, or a type that was given as a class.
    ``repairs`` says what was understood in another way than it was written.
    """

    plan: Plan
    objects: dict[tuple[str, str], object] = field(default_factory=dict)
    own: dict[str, RegionEntry] = field(default_factory=dict)
    repairs: list[Finding] = field(default_factory=list)

    def find(self, kind: str, name: str) -> object | None:
        """The model or store that the plan calls so, if it is an object of this process."""
        return self.objects.get((kind, name))

    async def rest(self) -> None:
        """Let our own links and stores close what nobody uses now; they open it again."""
        for resource in self.objects.values():
            if hasattr(resource, "rest"):
                await resource.rest()


def assemble(
    registry: RegionRegistry, orchestrator: Orchestrator, rules: PostmasterPolicy, **more: Any
) -> Assembly:
    """The plan of all three; ``more`` are further fields of it. Raises BadInput."""
    entries, repairs = registry.read()
    layers = orchestrator.layers()
    plan = Plan(
        regions=(),
        layer_config=layers.layer_config,
        execution_config=layers.execution_config,
        execution_order=layers.execution_order,
        postmaster=rules,
        **more,
    )
    made = Assembly(plan, repairs=repairs)
    named = tuple(portable(_named(made, registry, entry)) for entry in entries)
    made.plan = plan.model_copy(update={"regions": named})
    return made


def _named(made: Assembly, registry: RegionRegistry, entry: RegionEntry) -> RegionEntry:
    """The entry, naming its objects; these and the need for them are noted in ``made``."""
    given = registry[entry.name]
    own = given.is_class or portable(entry) is not entry
    needed = region_type(entry.type).resources
    for kind in _KINDS:
        resource = registry.resource(entry.name, kind)
        if isinstance(resource, str):
            entry = entry.model_copy(update={kind: resource})
        elif resource is not None and kind in needed:
            name = f"own:{'default' if getattr(given, kind) is None else entry.name}"
            entry = entry.model_copy(update={kind: name})
            made.objects[kind, name] = resource
            own = True
    if own:
        made.own[entry.name] = entry
    return entry
