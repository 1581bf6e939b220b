"""Reading what a plan may hold besides regions and layers: mail, rules, places, resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel

from regions_dist.domain.plan import (
    EmbeddingSpec,
    LLMSpec,
    OutsideMessage,
    Placement,
    PostmasterPolicy,
    RagSpec,
    Resources,
    StepPolicy,
)

if TYPE_CHECKING:
    from regions_dist.domain.repair import Reading

__all__ = ["SECTIONS", "read_messages", "read_sections"]

SECTIONS: Final = ("messages", "postmaster", "steps", "placement", "resources")

_Model = TypeVar("_Model", bound=BaseModel)


def read_sections(reading: Reading, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Plan for those SECTIONS that the file holds; null is as good as none."""
    readers = {
        "messages": read_messages,
        "postmaster": _postmaster,
        "steps": _steps,
        "placement": _placement,
        "resources": _resources,
    }
    return {
        key: read(reading, fields[key], key)
        for key, read in readers.items()
        if fields.get(key) is not None
    }


def read_messages(reading: Reading, value: object, place: str) -> tuple[OutsideMessage, ...]:
    """Mail from outside: a list of ``{source, destination, role, content}``."""
    found = reading.items(value, place, "a list of {source, destination, role, content}")
    return tuple(
        reading.model(OutsideMessage, message, f"{place}[{number}]")
        for number, message in enumerate(found)
    )


def _postmaster(reading: Reading, value: object, place: str) -> PostmasterPolicy:
    fields = dict(reading.mapping(value, place))
    if isinstance(fields.get("cc"), str):
        fields["cc"] = [fields["cc"]]
    return reading.model(PostmasterPolicy, fields, place)


def _steps(reading: Reading, value: object, place: str) -> dict[str, StepPolicy]:
    return _named(reading, StepPolicy, value, place)


def _placement(reading: Reading, value: object, place: str) -> dict[str, Placement]:
    return _named(reading, Placement, value, place)


def _resources(reading: Reading, value: object, place: str) -> Resources:
    kinds = {"llm": LLMSpec, "embedding": EmbeddingSpec, "rag": RagSpec}
    fields = reading.known(reading.mapping(value, place), place, kinds)
    return Resources.model_validate(
        {key: _named(reading, kinds[key], fields[key], f"{place}.{key}") for key in fields}
    )


def _named(reading: Reading, cls: type[_Model], value: object, place: str) -> dict[str, _Model]:
    return {
        name: reading.model(cls, fields, f"{place}.{name}")
        for name, fields in reading.mapping(value, place).items()
    }
