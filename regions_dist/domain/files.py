"""The file forms of a plan, recognised by their keys: a plan, an editor's full state, a pair."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from regions_dist.domain.drawing import DRAWING, UNDRAWN, read_plan_drawing, read_state_drawing
from regions_dist.domain.full_state import EDITOR_KEYS, read_layer_fields, read_nodes
from regions_dist.domain.layers import LayerKeys, Layers, read_layers
from regions_dist.domain.plan import OutsideMessage, Plan, RegionEntry
from regions_dist.domain.region_entries import read_entry, with_tasks
from regions_dist.domain.repair import Reading
from regions_dist.domain.sections import SECTIONS, read_messages, read_sections
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from regions_dist.domain.drawing import Drawing
    from regions_dist.domain.finding import Finding

__all__ = [
    "Loaded",
    "LoadedLayers",
    "LoadedMessages",
    "LoadedRegions",
    "load_layers",
    "load_messages",
    "load_pair",
    "load_plan",
    "load_regions",
    "parse_json",
]

VERSION: Final = 1
_PLAN_KEYS: Final = LayerKeys(
    "layer_config", "execution_config", "execution_order", order_may_miss=True
)
_EXECUTION_KEYS: Final = replace(_PLAN_KEYS, order_may_miss=False)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan, a warning for everything in its files that had to be repaired, and its drawing."""

    plan: Plan
    repairs: tuple[Finding, ...]
    drawing: Drawing = UNDRAWN


class LoadedRegions(NamedTuple):
    """The regions of a file, and a warning for everything that had to be repaired."""

    regions: tuple[RegionEntry, ...]
    repairs: tuple[Finding, ...]


class LoadedLayers(NamedTuple):
    """The layers of a file, and a warning for everything that had to be repaired."""

    layers: Layers
    repairs: tuple[Finding, ...]


class LoadedMessages(NamedTuple):
    """Mail from outside, and a warning for everything that had to be repaired."""

    messages: tuple[OutsideMessage, ...]
    repairs: tuple[Finding, ...]


def parse_json(text: str, origin: str) -> object:
    """The document in ``text``. Raises FileProblem with file, line and column."""
    try:
        document: object = json.loads(text.removeprefix("\ufeff"), parse_constant=_refuse_constant)
        json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FileProblem(f"{origin}: {place}: is not JSON: {error.msg}", where=place) from None
    except UnicodeEncodeError:
        raise FileProblem(f"{origin}: holds half of a surrogate pair, which is no text") from None
    except (ValueError, RecursionError) as error:
        raise FileProblem(f"{origin}: is not JSON: {error}") from None
    return document


def load_plan(document: object, *, origin: str, folder: str = "") -> Loaded:
    """The plan that one file holds: a plan or a full state. Raises FileProblem."""
    reading = Reading(origin)
    if isinstance(document, dict) and "flowNodes" in document:
        entries = read_nodes(reading, document)
        fields = read_layer_fields(reading, document)
        loaded = _loaded(reading, entries, fields, EDITOR_KEYS, folder)
        return replace(loaded, drawing=read_state_drawing(document))
    if isinstance(document, dict) and "regions" in document:
        return _from_plan(reading, document, folder)
    raise _not_a_plan(reading, document)


def load_pair(
    regions: object, executions: object, *, origins: tuple[str, str], folder: str = ""
) -> Loaded:
    """The plan of a regions file and an executions file. Raises FileProblem."""
    first, second = (Reading(origin) for origin in origins)
    if isinstance(regions, dict) and isinstance(executions, list):
        raise FileProblem(f"{origins[0]} is no regions file: are the two files swapped?")
    entries = _entries(first, first.items(regions, "", "a list of regions"), "regions")
    fields = second.mapping(executions, "", "an object with layer_config and execution_config")
    known = _known(second, fields, _EXECUTION_KEYS)
    loaded = _loaded(second, entries, known, _EXECUTION_KEYS, folder)
    return Loaded(loaded.plan, (*first.repairs, *loaded.repairs))


def load_regions(document: object, origin: str) -> LoadedRegions:
    """The regions of a regions file, a plan or a full state. Raises FileProblem."""
    reading = Reading(origin)
    if isinstance(document, dict) and "flowNodes" in document:
        return LoadedRegions(tuple(read_nodes(reading, document)), tuple(reading.repairs))
    whole = isinstance(document, dict) and "regions" in document
    given, place = (document["regions"], "regions") if whole else (document, "regions")  # type: ignore[index]
    found = reading.items(given, place if whole else "", "a list of regions")
    return LoadedRegions(tuple(_entries(reading, found, place)), tuple(reading.repairs))


def load_layers(document: object, origin: str) -> LoadedLayers:
    """The layers of an executions file, a plan or a full state. Raises FileProblem."""
    reading = Reading(origin)
    if isinstance(document, dict) and "flowNodes" in document:
        fields = read_layer_fields(reading, document)
        return LoadedLayers(read_layers(reading, fields, EDITOR_KEYS), tuple(reading.repairs))
    expected = "an object with layer_config and execution_config"
    known = _known(
        reading,
        reading.mapping(document, "", expected),
        _EXECUTION_KEYS,
        "version",
        "regions",
        DRAWING,
    )
    return LoadedLayers(read_layers(reading, known, _EXECUTION_KEYS), tuple(reading.repairs))


def load_messages(document: object, origin: str) -> LoadedMessages:
    """The mail of a messages file: a list of ``{source, destination, role, content}``."""
    reading = Reading(origin)
    messages = read_messages(reading, document, "")
    return LoadedMessages(messages, tuple(reading.repairs))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _not_a_plan(reading: Reading, document: object) -> FileProblem:
    """The error for a document that alone is no plan: it says what is missing."""
    if isinstance(document, list):
        return FileProblem(
            f"{reading.origin}: is a list of regions, and says nothing of what runs: "
            "give it with its executions, --regions FILE --executions FILE"
        )
    if isinstance(document, dict) and _PLAN_KEYS.layers in document:
        return FileProblem(
            f"{reading.origin}: holds layers but no regions: "
            "give it with its regions, --regions FILE --executions FILE"
        )
    return reading.refusal("", document, "a plan (regions, layer_config, …) or a full state")


def _from_plan(reading: Reading, document: dict[str, Any], folder: str) -> Loaded:
    version = document.get("version", VERSION)
    if version != VERSION or isinstance(version, bool):
        raise reading.refusal("version", version, f"{VERSION}, the version this program reads")
    entries = _entries(reading, reading.items(document["regions"], "regions"), "regions")
    known = _known(reading, document, _PLAN_KEYS, "version", "regions", DRAWING)
    loaded = _loaded(reading, entries, known, _PLAN_KEYS, folder)
    return replace(loaded, drawing=read_plan_drawing(document.get(DRAWING)))


def _entries(reading: Reading, items: list[Any], place: str) -> list[RegionEntry]:
    fields = [
        reading.mapping(item, f"{place}[{number}]", "a region") for number, item in enumerate(items)
    ]
    tasks = with_tasks(fields)
    return [
        read_entry(reading, one, f"{place}[{number}]", tasks) for number, one in enumerate(fields)
    ]


def _known(reading: Reading, fields: dict[str, Any], keys: LayerKeys, *more: str) -> dict[str, Any]:
    known = reading.known(fields, "", (*more, keys.layers, keys.methods, keys.order, *SECTIONS))
    for key in (keys.layers, keys.methods):
        if key not in known:
            raise FileProblem(f"{reading.origin}: {key}: found nothing, expected a list", where=key)
    return known


def _loaded(
    reading: Reading,
    entries: list[RegionEntry],
    fields: dict[str, Any],
    keys: LayerKeys,
    folder: str,
) -> Loaded:
    layers = read_layers(reading, fields, keys)
    plan = Plan(
        regions=tuple(entries),
        layer_config=layers.layer_config,
        execution_config=layers.execution_config,
        execution_order=layers.execution_order,
        **read_sections(reading, fields),
        folder=folder,
    )
    return Loaded(plan, tuple(reading.repairs))
