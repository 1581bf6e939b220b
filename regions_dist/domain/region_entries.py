"""Reading a region's entry in a file, and repairing what is seen in the wild."""

from __future__ import annotations

import inspect
import math
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.plan import RegionEntry
from regions_dist.domain.regions import ListenerRegion
from regions_dist.domain.registry import region_types
from regions_dist.domain.repair import MISSING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.region import BaseRegion
    from regions_dist.domain.repair import Reading

__all__ = ["read_entry", "with_tasks"]

_COMMON: Final = ("name", "type", "task", "connections", "llm", "rag")
_WRITTEN_FOR_ALL: Final = ("reply_with_actors", "threshold")
"""Parameters of RAGRegion that the reference writes, as false and null, for every region."""

_ANY: Final = (-math.inf, math.inf)


def read_entry(
    reading: Reading, fields: dict[str, Any], place: str, tasks: Mapping[str, str]
) -> RegionEntry:
    """The region that ``fields`` describe; ``tasks`` are the tasks of all regions of the file."""
    name = reading.text(fields.get("name", MISSING), f"{place}.name", "the region's name")
    type_name = _type_name(reading, fields, place)
    cls = region_types().get(type_name)
    return RegionEntry(
        name=name,
        type=type_name,
        task=_task(reading, fields, place, cls),
        connections=_connections(reading, fields.get("connections", {}), place, tasks),
        llm=_resource(reading, fields, place, "llm"),
        rag=_resource(reading, fields, place, "rag"),
        parameters=_parameters(reading, fields, place, cls),
    )


def with_tasks(entries: list[dict[str, Any]]) -> dict[str, str]:
    """The task of each entry that has a name; "" where it has no task."""
    return {
        entry["name"]: task if isinstance(task := entry.get("task"), str) else ""
        for entry in entries
        if isinstance(entry.get("name"), str)
    }


def _type_name(reading: Reading, fields: dict[str, Any], place: str) -> str:
    if fields.get("type") is None:
        reading.repaired(f"{place}.type", "missing-key", "no type is given; taken as Region")
        return "Region"
    return reading.text(fields["type"], f"{place}.type", "the name of a region type")


def _task(
    reading: Reading, fields: dict[str, Any], place: str, cls: type[BaseRegion] | None
) -> str:
    if fields.get("task") is not None:
        return reading.text(fields["task"], f"{place}.task")
    if cls is None or not issubclass(cls, ListenerRegion):
        reading.repaired(f"{place}.task", "missing-key", "no task is given; taken as empty")
    return ""


def _resource(reading: Reading, fields: dict[str, Any], place: str, kind: str) -> str:
    if fields.get(kind) is None:
        return "default"
    return reading.text(fields[kind], f"{place}.{kind}", "the name of a resource")


def _connections(
    reading: Reading, value: object, place: str, tasks: Mapping[str, str]
) -> dict[str, str]:
    there = f"{place}.connections"
    if value is None or value == []:
        written = "null" if value is None else "[]"
        reading.repaired(there, "repaired-connections", f"{written} is read as {{}}")
        return {}
    if isinstance(value, list):
        return _from_names(reading, value, there, tasks)
    expected = "an object {region: its task} or a list of names"
    return {
        target: _connection_task(reading, target, task, f"{there}.{target}", tasks)
        for target, task in reading.mapping(value, there, expected).items()
    }


def _from_names(
    reading: Reading, names: list[Any], place: str, tasks: Mapping[str, str]
) -> dict[str, str]:
    for number, name in enumerate(names):
        reading.text(name, f"{place}[{number}]", "a region's name")
    reading.repaired(place, "repaired-connections", "a list of names is read as {name: its task}")
    return {name: tasks.get(name, "") for name in names}


def _connection_task(
    reading: Reading, target: str, task: object, place: str, tasks: Mapping[str, str]
) -> str:
    if task is None:
        reading.repaired(place, "repaired-connections", "null is read as that region's task")
        return tasks.get(target, "")
    return reading.text(task, place, f"the task of {target!r}")


def _parameters(
    reading: Reading, fields: dict[str, Any], place: str, cls: type[BaseRegion] | None
) -> dict[str, Any]:
    """The entry's own parameters; an unknown type's are kept as they are, for ``verify`` to see."""
    own = {key: value for key, value in fields.items() if key not in _COMMON}
    if cls is None:
        return own
    _drop_foreign(reading, own, place, cls)
    own = reading.known(own, place, cls.parameters)
    return {key: _parameter(reading, cls, key, own[key], f"{place}.{key}") for key in own}


def _drop_foreign(reading: Reading, own: dict[str, Any], place: str, cls: type[BaseRegion]) -> None:
    for key in _WRITTEN_FOR_ALL:
        if key in own and key not in cls.parameters:
            value = own.pop(key)
            if value is not None and value is not False:
                what = f"{cls.__name__} takes no {key}; it is ignored"
                reading.repaired(f"{place}.{key}", "dropped-parameter", what)


def _parameter(
    reading: Reading, cls: type[BaseRegion], key: str, value: object, place: str
) -> object:
    """A parameter's value; what its type is, its default tells."""
    declared = inspect.signature(cls).parameters.get(key)
    default = declared.default if declared else None
    if value is None and default not in (None, inspect.Parameter.empty):
        reading.repaired(place, f"repaired-{key}", f"null is read as the default, {default}")
        return default
    if isinstance(default, bool):
        return _flag(reading, key, value, place)
    if isinstance(default, str):
        return reading.text(value, place)
    if isinstance(default, int):
        return _whole(reading, key, value, place, cls)
    if isinstance(default, float):
        return _within(reading, key, value, place, cls.bounds.get(key, _ANY))
    return value


def _whole(reading: Reading, key: str, value: object, place: str, cls: type[BaseRegion]) -> int:
    number = _within(reading, key, value, place, cls.bounds.get(key, _ANY))
    if not number.is_integer():
        raise reading.refusal(place, value, "a whole number")
    return int(number)


def _within(
    reading: Reading, key: str, value: object, place: str, bounds: tuple[float, float]
) -> float:
    number = _number(value)
    least, most = bounds
    if number is None or not least <= number <= most:
        bounded = "" if most == math.inf else f" from {least:g} to {most:g}"
        raise reading.refusal(place, value, f"a number{bounded}")
    if isinstance(value, str):
        reading.repaired(place, f"repaired-{key}", f"the text {value!r} is read as {number}")
    return number


def _number(value: object) -> float | None:
    """``value``, a number or the text of one; None for anything else, nan and infinity too."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _flag(reading: Reading, key: str, value: object, place: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        flag = value.lower() == "true"
        reading.repaired(place, f"repaired-{key}", f"the text {value!r} is read as {flag}")
        return flag
    raise reading.refusal(place, value, "true or false")
