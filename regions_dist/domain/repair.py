"""Reading what people wrote: forgiving where the meaning is plain, exact where it is not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from regions_dist.domain.finding import Finding
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["MISSING", "Reading"]

_Model = TypeVar("_Model", bound=BaseModel)
_SHOWN_CHARS = 60


@dataclass(slots=True)
class Reading:
    """A file being read: its name, for messages, and the repairs made so far.

    Each method takes a value and its place in the file, and gives back what it means; what has no
    plain meaning raises FileProblem, which names file, place, what was found and expected.
    """

    origin: str
    repairs: list[Finding] = field(default_factory=list)

    def repaired(self, place: str, code: str, what: str) -> None:
        """Note that the file was understood in another way than it was written."""
        self.repairs.append(Finding("warning", code, f"{self.origin}: {place}: {what}", place))

    def refusal(self, place: str, found: object, expected: str) -> FileProblem:
        """The error for a value that has no plain meaning."""
        named = f"{self.origin}: {place}" if place else self.origin
        return FileProblem(f"{named}: found {shown(found)}, expected {expected}", where=place)

    def mapping(self, value: object, place: str, expected: str = "an object") -> dict[str, Any]:
        """``value``, an object."""
        if not isinstance(value, dict):
            raise self.refusal(place, value, expected)
        return value

    def items(self, value: object, place: str, expected: str = "a list") -> list[Any]:
        """``value``, a list."""
        if not isinstance(value, list):
            raise self.refusal(place, value, expected)
        return value

    def text(self, value: object, place: str, expected: str = "a text") -> str:
        """``value``, a text."""
        if not isinstance(value, str):
            raise self.refusal(place, value, expected)
        return value

    def known(self, fields: dict[str, Any], place: str, keys: Collection[str]) -> dict[str, Any]:
        """``fields`` without those that are not in ``keys``; a warning for each left out."""
        for key in fields:
            if key not in keys:
                there = f"{place}.{key}" if place else key
                self.repaired(there, "unknown-key", f"unknown key {key!r} is ignored")
        return {key: value for key, value in fields.items() if key in keys}

    def model(self, cls: type[_Model], value: object, place: str) -> _Model:
        """``value`` as a ``cls``, with no type bent; unknown keys are ignored with a warning."""
        fields = self.known(self.mapping(value, place), place, cls.model_fields)
        try:
            return cls.model_validate_json(json.dumps(fields), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            there = place + "".join(_step(part) for part in first["loc"])
            if first["type"] == "missing":
                raise self.refusal(there, MISSING, "a value: it is required") from None
            raise self.refusal(there, first["input"], _expectation(first["msg"])) from None


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()
"""Stands for a value that a file lacks, where null would say that it is there."""


def shown(value: object) -> str:
    """``value`` as its file writes it, shortened where it is long."""
    if isinstance(value, _Missing):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _step(part: str | int) -> str:
    return f"[{part}]" if isinstance(part, int) else f".{part}"


def _expectation(message: str) -> str:
    """Pydantic's message as the end of a sentence: "Input should be greater than 0"."""
    return message.removeprefix("Input should be ")
