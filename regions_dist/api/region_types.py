"""Region types as the editor reads them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

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

__all__ = ["described_types"]

_KINDS: Final[dict[str, type[BaseRegion]]] = {
    "feed": FeedForwardRegion,
    "llm": Region,
    "rag": RAGRegion,
    "broadcast": BroadcastRegion,
    "listener": ListenerRegion,
}
_FORMS: Final = ((bool, "flag"), (int, "number"), (float, "number"), (str, "text"))


def described_types() -> list[dict[str, Any]]:
    """Each type that a plan may name: what it is for, and which methods it has."""
    return [_described(name, cls) for name, cls in sorted(region_types().items())]


def _described(name: str, cls: type[BaseRegion]) -> dict[str, Any]:
    arguments = inspect.signature(cls).parameters
    return {
        "name": name,
        "summary": _summary(cls),
        "kind": next((kind for kind, base in _KINDS.items() if issubclass(cls, base)), "own"),
        "methods": [
            {"name": method, "summary": _summary(getattr(cls, method))} for method in cls.methods
        ],
        "parameters": [_parameter(key, arguments.get(key)) for key in cls.parameters],
        "resources": sorted(cls.resources),
        "connects": not issubclass(cls, ListenerRegion),
    }


def _parameter(name: str, argument: inspect.Parameter | None) -> dict[str, Any]:
    default = argument.default if argument else None
    if default is inspect.Parameter.empty or not _is_plain(default):
        default = None
    form = next((form for kind, form in _FORMS if isinstance(default, kind)), "json")
    return {"name": name, "summary": "", "kind": form, "default": default}


def _is_plain(default: object) -> bool:
    return default is None or isinstance(default, (bool, int, float, str))


def _summary(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
