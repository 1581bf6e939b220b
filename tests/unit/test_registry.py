"""Which region types a plan may name."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from regions_dist.domain import registry
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.registry import region_type, region_types, register_region_type
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator

BUILT_IN = {
    "BaseRegion",
    "Region",
    "FeedForwardRegion",
    "RAGRegion",
    "ListenerRegion",
    "BroadcastRegion",
}


class Oracle(BaseRegion):
    """A type of our own."""

    methods: ClassVar[tuple[str, ...]] = ("foresee", *BaseRegion.methods)

    def foresee(self) -> None:
        """See nothing."""


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_registered", {})
    registry._installed.cache_clear()
    yield
    registry._installed.cache_clear()


def install(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    point = metadata.EntryPoint(name, value, registry.ENTRY_POINTS)

    def entry_points(**chosen: Any) -> list[metadata.EntryPoint]:
        return [point] if chosen == {"group": "regions_dist.regions"} else []

    monkeypatch.setattr(metadata, "entry_points", entry_points)


def test_the_six_built_in_types_are_known_by_name() -> None:
    assert set(region_types()) >= BUILT_IN
    assert all(region_type(name).__name__ == name for name in BUILT_IN)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_built_in_type_has_the_methods_it_declares(name: str) -> None:
    cls = region_type(name)

    assert all(callable(getattr(cls, method)) for method in cls.methods)


def test_an_unknown_type_is_bad_input_that_lists_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"unknown region type 'Oracle'.*RAGRegion") as caught:
        region_type("Oracle")

    assert caught.value.code == "unknown-type"


def test_a_custom_region_class_can_be_registered() -> None:
    assert register_region_type(Oracle) is Oracle
    assert region_type("Oracle") is Oracle


def test_a_type_can_be_registered_again_after_a_reload() -> None:
    register_region_type(Oracle)
    reloaded = type("Oracle", (Oracle,), {})

    assert region_type(register_region_type(reloaded).__name__) is reloaded


def test_a_built_in_type_cannot_be_replaced() -> None:
    impostor = type("Region", (BaseRegion,), {})

    with pytest.raises(BadInput, match="built-in"):
        register_region_type(impostor)


def test_only_regions_can_be_registered() -> None:
    with pytest.raises(BadInput, match="not a subclass"):
        register_region_type(dict)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["_post", "__init__", "missing"])
def test_a_type_may_declare_only_public_methods_that_it_has(method: str) -> None:
    odd = type("Odd", (BaseRegion,), {"methods": (method,)})

    with pytest.raises(BadInput, match="no public method"):
        register_region_type(odd)


def test_types_of_installed_packages_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "Oracle", f"{__name__}:Oracle")

    assert region_type("Oracle").__name__ == "Oracle"


def test_an_installed_type_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "Broken", "no_such_module:Broken")

    with pytest.raises(BadInput, match="'Broken' cannot be loaded from no_such_module"):
        region_types()
