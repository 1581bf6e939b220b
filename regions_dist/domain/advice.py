"""What is odd in a plan that can run: warnings, which leave it to the author."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from regions_dist.domain.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from regions_dist.domain.schedule import Step
    from regions_dist.domain.survey import Survey

__all__ = ["advice"]

_SILENT: Final = (
    "clear_replies",
    "keep_last_reply_per_source",
    "make_updates",
    "summarize_replies",
    "start",
    "stop",
)
"""Methods that write to nobody."""


def advice(view: Survey) -> list[Finding]:
    """The warnings for the plan that ``view`` looked over."""
    return [finding for check in _CHECKS for finding in check(view)]


def _warning(code: str, message: str, where: str) -> Finding:
    return Finding("warning", code, message, where)


def _lost_entries(view: Survey) -> Iterator[Finding]:
    layers = zip(view.plan.layer_config, view.plan.execution_config, strict=False)
    for layer, (chains, entries) in enumerate(layers):
        present = {region for regions in chains.values() for region in regions}
        for number, (region, method) in enumerate(entries):
            where = f"execution_config[{layer}][{number}]"
            if region in present:
                continue
            if region in view.entries:
                message = (
                    f"{region}.{method} never runs: no chain of layer {layer} holds {region!r}"
                )
                yield _warning("entry-outside-chains", message, where)
            else:
                message = f"{region}.{method} never runs: {region!r} is no region"
                yield _warning("entry-unknown-region", message, where)


def _unused_layers(view: Survey) -> Iterator[Finding]:
    for layer in range(len(view.plan.layer_config)):
        if layer not in view.plan.execution_order:
            message = f"layer {layer} never runs: execution_order does not name it"
            yield _warning("layer-never-runs", message, f"layer_config[{layer}]")


def _idle_regions(view: Survey) -> Iterator[Finding]:
    for number, entry in enumerate(view.plan.regions):
        if not view.runs(entry.name) and not view.is_listener(entry.name):
            message = f"region {entry.name!r} never runs: no layer calls a method of it"
            yield _warning("region-never-runs", message, f"regions[{number}]")


def _connections(view: Survey) -> Iterator[Finding]:
    for number, entry in enumerate(view.plan.regions):
        for target in entry.connections:
            if not view.receives(target):
                message = f"region {entry.name!r} is connected to {target!r}, which is no region"
                yield _warning("connection-unknown", message, f"regions[{number}].connections")


def _listeners(view: Survey) -> Iterator[Finding]:
    cc = view.plan.postmaster.cc
    for number, entry in enumerate(view.plan.regions):
        where = f"regions[{number}]"
        if not view.is_listener(entry.name):
            continue
        for method in ("start", "stop"):
            if not view.runs(entry.name, method):
                message = f"listener {entry.name!r} is never told to {method}"
                yield _warning(f"listener-without-{method}", message, where)
        if cc is not None and entry.name not in cc:
            message = f"listener {entry.name!r} hears nothing: postmaster.cc does not name it"
            yield _warning("listener-hears-nothing", message, where)


def _keys(view: Survey) -> Iterator[Finding]:
    methods = {
        f"{name}.{method}"
        for name in view.entries
        for method in getattr(view.type_of(name), "methods", ())
    }
    for key in view.plan.steps:
        if key not in {"*", *view.entries, *methods}:
            message = f"steps names {key!r}, which is neither a region, a region.method, nor *"
            yield _warning("steps-unknown", message, f"steps.{key}")
    for key in view.plan.placement:
        if key not in view.entries:
            message = f"placement names {key!r}, which is no region"
            yield _warning("placement-unknown", message, f"placement.{key}")
    for number, entry in enumerate(view.plan.regions):
        place = view.plan.placement.get(entry.name)
        if place and "" in {place.worker, place.pool}:
            message = f"{entry.name!r} waits for ever: its placement does not say on which worker"
            yield _warning("placement-nameless", message, f"regions[{number}]")


def _print_address(view: Survey) -> Iterator[Finding]:
    for number, entry in enumerate(view.plan.regions):
        if entry.name == view.plan.postmaster.print_address:
            message = f"region {entry.name!r} gets no mail: its name is the print address"
            yield _warning("name-is-print-address", message, f"regions[{number}].name")


def _early_replies(view: Survey) -> Iterator[Finding]:
    """Regions that others may ask, but that answer before any of them has written.

    A region that nobody is connected to is asked from outside, so nothing is said about it.
    """
    for number, entry in enumerate(view.plan.regions):
        answer = next((step for step in view.steps if _answers(step, entry.name)), None)
        askers = {other.name for other in view.plan.regions if entry.name in other.connections}
        if answer is None or not askers or _gets_mail_otherwise(view, entry.name):
            continue
        if not any(_before(step, answer) for step in view.steps if _writes(step, askers)):
            names = ", ".join(sorted(askers))
            message = (
                f"region {entry.name!r} makes replies before {names} could have asked it: there is "
                "something to answer only if a message comes from outside"
            )
            yield _warning("replies-before-questions", message, f"regions[{number}]")


def _answers(step: Step, region: str) -> bool:
    return step.region == region and step.method == "make_replies"


def _writes(step: Step, regions: set[str]) -> bool:
    return step.region in regions and step.method not in _SILENT


def _before(one: Step, other: Step) -> bool:
    """Whether ``other`` sees the mail of ``one``: earlier in the order, or in its own chain."""
    same_chain = one.id[:2] == other.id[:2] and one.id.step < other.id.step
    return one.id.place < other.id.place or same_chain


def _gets_mail_otherwise(view: Survey, region: str) -> bool:
    addressed = any(message.destination == region for message in view.plan.messages)
    return addressed or view.plan.postmaster.reroute_destination == region


_CHECKS: Final[tuple[Callable[[Survey], Iterator[Finding]], ...]] = (
    _lost_entries,
    _unused_layers,
    _idle_regions,
    _connections,
    _listeners,
    _keys,
    _print_address,
    _early_replies,
)
