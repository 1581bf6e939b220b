"""Region types as the editor reads them."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from regions_dist.domain.registry import region_types

if TYPE_CHECKING:
    from regions_dist.domain.region import BaseRegion

__all__ = ["described_types"]


def described_types() -> list[dict[str, Any]]:
    """Each type that a plan may name: what it is for, and which methods it has."""
    return [_described(name, cls) for name, cls in sorted(region_types().items())]


def _described(name: str, cls: type[BaseRegion]) -> dict[str, Any]:
    methods = [
        {"name": method, "summary": _summary(getattr(cls, method))} for method in cls.methods
    ]
    return {
        "name": name,
        "summary": _summary(cls),
        "methods": methods,
        "resources": sorted(cls.resources),
    }


def _summary(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]
