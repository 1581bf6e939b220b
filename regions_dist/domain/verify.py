"""Check a plan before it runs: its errors here, what is merely odd in ``advice``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from regions_dist.domain.advice import advice
from regions_dist.domain.finding import Finding
from regions_dist.domain.names import name_problem
from regions_dist.domain.survey import Survey, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regions_dist.domain.plan import Plan

__all__ = ["Finding", "verify"]


def verify(plan: Plan) -> list[Finding]:
    """What is wrong or odd in ``plan``, errors first. A plan with an error cannot run."""
    view = survey(plan)
    return [*(finding for check in _CHECKS for finding in check(view)), *advice(view)]


def _error(code: str, message: str, where: str = "") -> Finding:
    return Finding("error", code, message, where)


def _emptiness(view: Survey) -> Iterator[Finding]:
    if not view.plan.regions:
        yield _error("empty-plan", "the plan has no regions: add one", "regions")
    elif not view.steps:
        message = "nothing in the plan runs: give a layer a chain, its regions methods, and a turn"
        yield _error("empty-plan", message, "execution_order")


def _names(view: Survey) -> Iterator[Finding]:
    for number, entry in enumerate(view.plan.regions):
        problem = name_problem(entry.name)
        if problem:
            code = "bad-name" if entry.name.strip() else "empty-name"
            message = f"the name of region {number + 1}, {entry.name!r}, {problem}: rename it"
            yield _error(code, message, f"regions[{number}].name")


def _duplicates(view: Survey) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, entry in enumerate(view.plan.regions):
        if entry.name in seen:
            message = f"two regions are called {entry.name!r}: rename one"
            yield _error("duplicate-name", message, f"regions[{number}].name")
        seen.add(entry.name)


def _types(view: Survey) -> Iterator[Finding]:
    known = ", ".join(sorted(view.types))
    for number, entry in enumerate(view.plan.regions):
        if entry.type not in view.types:
            message = (
                f"region {entry.name!r} has the unknown type {entry.type!r}: expected one of "
                f"{known}; a type of your own is made known with --import MODULE"
            )
            yield _error("unknown-type", message, f"regions[{number}].type")


def _methods(view: Survey) -> Iterator[Finding]:
    for layer, entries in enumerate(view.plan.execution_config):
        for number, (region, method) in enumerate(entries):
            cls = view.type_of(region)
            if cls is not None and method not in cls.methods:
                message = (
                    f"region {region!r} ({view.entries[region].type}) has no method {method!r}: "
                    f"expected one of {', '.join(cls.methods)}"
                )
                yield _error("unknown-method", message, f"execution_config[{layer}][{number}]")


def _chains(view: Survey) -> Iterator[Finding]:
    for layer, chains in enumerate(view.plan.layer_config):
        for chain, regions in chains.items():
            for number, region in enumerate(regions):
                if region not in view.entries:
                    message = (
                        f"chain {chain!r} of layer {layer} names {region!r}, which is no region"
                    )
                    where = f"layer_config[{layer}].{chain}[{number}]"
                    yield _error("unknown-region", message, where)


def _shared(view: Survey) -> Iterator[Finding]:
    for layer, chains in enumerate(view.plan.layer_config):
        counts = Counter(region for regions in chains.values() for region in dict.fromkeys(regions))
        for region, count in counts.items():
            if count > 1:
                message = (
                    f"region {region!r} stands in {count} chains of layer {layer}: chains run at "
                    "the same time, so keep it in one"
                )
                yield _error("region-in-two-chains", message, f"layer_config[{layer}]")


def _order(view: Survey) -> Iterator[Finding]:
    count = min(len(view.plan.layer_config), len(view.plan.execution_config))
    for number, layer in enumerate(view.plan.execution_order):
        if not 0 <= layer < count:
            message = f"execution_order names layer {layer}, but the plan has {count}, from 0"
            yield _error("bad-order", message, f"execution_order[{number}]")


def _reroute(view: Survey) -> Iterator[Finding]:
    policy = view.plan.postmaster
    where = "postmaster.reroute_destination"
    if policy.undeliverable != "reroute":
        return
    if not policy.reroute_destination:
        message = "undeliverable mail is to be rerouted, but reroute_destination is missing"
        yield _error("reroute-missing", message, where)
    elif not view.receives(policy.reroute_destination):
        message = f"reroute_destination {policy.reroute_destination!r} names no region"
        yield _error("reroute-unknown", message, where)


def _copies(view: Survey) -> Iterator[Finding]:
    for name in view.plan.postmaster.cc or ():
        if not view.is_listener(name):
            found = "is no ListenerRegion" if name in view.entries else "names no region"
            message = f"cc {name!r} {found}: name a ListenerRegion of the plan"
            yield _error("cc-unknown", message, "postmaster.cc")


_CHECKS: Final[tuple[Callable[[Survey], Iterator[Finding]], ...]] = (
    _emptiness,
    _names,
    _duplicates,
    _types,
    _methods,
    _chains,
    _shared,
    _order,
    _reroute,
    _copies,
)
