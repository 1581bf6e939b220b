"""The catalog: what each region type is and can do, as data that the editor's forms are made of."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from regions_dist.domain.regions import (
    BroadcastRegion,
    FeedForwardRegion,
    ListenerRegion,
    RAGRegion,
    Region,
)
from regions_dist.domain.registry import region_types

if TYPE_CHECKING:
    from regions_dist.domain.region import BaseRegion

__all__ = ["TypeInCatalog", "catalog"]

Kind = Literal["llm", "feed", "rag", "broadcast", "listener", "own"]
Form = Literal["flag", "number", "text", "json"]

_KINDS: Final[dict[Kind, type[BaseRegion]]] = {
    "feed": FeedForwardRegion,
    "llm": Region,
    "rag": RAGRegion,
    "broadcast": BroadcastRegion,
    "listener": ListenerRegion,
}
_FORMS: Final[tuple[tuple[type, Form], ...]] = (
    (bool, "flag"), (int, "number"), (float, "number"), (str, "text"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MethodInCatalog:
    """What a plan may call, and the first line of its docstring."""

    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class ParameterInCatalog:
    """A further key of a region's entry; ``form`` and ``default`` are its constructor's.

    ``least`` and ``most`` are None where it is unbounded, or no number.
    """

    name: str
    summary: str
    form: Form
    default: bool | float | str | None
    least: float | None
    most: float | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON: a bound that is not there is left out."""
        told = {"name": self.name, "summary": self.summary, "kind": self.form}
        bounds = {"least": self.least, "most": self.most} if self.least is not None else {}
        return {**told, "default": self.default, **bounds}


@dataclass(frozen=True, slots=True)
class TypeInCatalog:
    """A region type. ``kind`` is the built-in type that it is, or is made from; "own" for none.

    ``connects`` says whether it writes to others, and so has a task and connections.
    """

    name: str
    summary: str
    kind: Kind
    methods: tuple[MethodInCatalog, ...]
    parameters: tuple[ParameterInCatalog, ...]
    resources: tuple[str, ...]
    connects: bool
    offered: bool

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "summary": self.summary,
            "kind": self.kind,
            "methods": [{"name": it.name, "summary": it.summary} for it in self.methods],
            "parameters": [parameter.as_dict() for parameter in self.parameters],
            "resources": list(self.resources),
            "connects": self.connects,
            "offered": self.offered,
        }


def catalog() -> list[TypeInCatalog]:
    """Every type that a plan may name, the built-in ones first. Raises as ``region_types``."""
    return [_described(name, cls) for name, cls in region_types().items()]


def _described(name: str, cls: type[BaseRegion]) -> TypeInCatalog:
    return TypeInCatalog(
        name=name,
        summary=_summary(cls),
        kind=next((kind for kind, base in _KINDS.items() if issubclass(cls, base)), "own"),
        methods=tuple(MethodInCatalog(it, _summary(getattr(cls, it))) for it in cls.methods),
        parameters=tuple(_parameter(cls, key) for key in cls.parameters),
        resources=tuple(sorted(cls.resources)),
        connects=not issubclass(cls, ListenerRegion),
        offered=cls.offered,
    )


def _parameter(cls: type[BaseRegion], key: str) -> ParameterInCatalog:
    argument = inspect.signature(cls).parameters.get(key)
    default = argument.default if argument else None
    if not isinstance(default, (bool, int, float, str)):
        default = None
    form: Form = next((form for of, form in _FORMS if isinstance(default, of)), "json")
    least, most = cls.bounds.get(key, (None, None))
    return ParameterInCatalog(key, cls.parameters[key], form, default, least, most)


def _summary(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
