"""Which region types there are: built in, from installed packages, and registered by a program."""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Final

from regions_dist.domain.region import BaseRegion
from regions_dist.domain.regions import (
    BroadcastRegion,
    FeedForwardRegion,
    ListenerRegion,
    RAGRegion,
    Region,
)
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

__all__ = [
    "BUILT_IN",
    "ENTRY_POINTS",
    "import_modules",
    "imported_modules",
    "region_type",
    "region_types",
    "register_region_type",
]

ENTRY_POINTS: Final = "regions_dist.regions"
"""The entry point group in which a package offers region types, each under its type's name."""

BUILT_IN: Final[tuple[type[BaseRegion], ...]] = (
    Region,
    FeedForwardRegion,
    RAGRegion,
    BroadcastRegion,
    ListenerRegion,
    BaseRegion,
)
_BUILT_IN: Final = {cls.__name__: cls for cls in BUILT_IN}
_registered: dict[str, type[BaseRegion]] = {}
_imported: set[str] = set()


def region_types() -> dict[str, type[BaseRegion]]:
    """All types a plan may name, the built-in ones first, and never replaced by others.

    Raises BadInput for an installed one that cannot be loaded.
    """
    return {**_BUILT_IN, **_installed(), **_registered, **_BUILT_IN}


def region_type(name: str) -> type[BaseRegion]:
    """The type called ``name``. Raises BadInput, which lists the known ones, for any other."""
    types = region_types()
    if name not in types:
        known = ", ".join(sorted(types))
        raise BadInput(
            f"unknown region type {name!r}: expected one of {known}; "
            "a type of your own is made known with --import MODULE",
            where=name,
            code="unknown-type",
        )
    return types[name]


def register_region_type(cls: type[BaseRegion]) -> type[BaseRegion]:
    """Make ``cls`` known in this process under its class name; usable as a decorator.

    Raises BadInput for a class that is no region, takes a built-in type's name, or declares a
    method it lacks.
    """
    _check(cls, getattr(cls, "__name__", repr(cls)))
    if _BUILT_IN.get(cls.__name__, cls) is not cls:
        raise BadInput(f"{cls.__name__} is a built-in region type: give yours another name")
    _registered[cls.__name__] = cls
    return cls


def import_modules(names: Iterable[str]) -> None:
    """Import the user's own modules, which register their types. Raises BadInput."""
    for name in names:
        try:
            import_module(name)
        except Exception as error:
            raise BadInput(f"--import {name}: {type(error).__name__}: {error}") from error
        _imported.add(name)


def imported_modules() -> frozenset[str]:
    """The modules that the user of this process had imported by name."""
    return frozenset(_imported)


@cache
def _installed() -> dict[str, type[BaseRegion]]:
    return {point.name: _load(point) for point in metadata.entry_points(group=ENTRY_POINTS)}


def _load(point: EntryPoint) -> type[BaseRegion]:
    try:
        cls = point.load()
    except Exception as error:
        raise BadInput(
            f"region type {point.name!r} cannot be loaded from {point.value}: {error}; "
            "repair or uninstall the package that offers it"
        ) from error
    return _check(cls, point.name)


def _check(cls: object, name: str) -> type[BaseRegion]:
    if not (isinstance(cls, type) and issubclass(cls, BaseRegion)):
        raise BadInput(f"region type {name!r} is not a subclass of BaseRegion")
    for method in cls.methods:
        if method.startswith("_") or not callable(getattr(cls, method, None)):
            raise BadInput(f"region type {name!r} declares {method!r}, which is no public method")
    return cls
