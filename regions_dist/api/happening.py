"""An event as views get it: flat, with its place in the plan."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from regions_dist.domain.message import StepId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place, Step

__all__ = ["LONGEST", "Teller"]

LONGEST: Final = 16_384
"""Characters of a message's content that its event carries."""

_POSITION: Final = re.compile(r"(\d{4,})-(\d{3,})-(\d{3,})-(\d{5,})")


class Teller:
    """Tells the events of a run of ``places``; ``longest`` None: contents in full."""

    def __init__(self, places: Sequence[Place], *, longest: int | None = LONGEST) -> None:
        self._longest = longest
        self._layers = [place.layer for place in places]
        self._steps: dict[str, tuple[Step, str]] = {
            str(step.id): (step, chain.name)
            for place in places
            for chain in place.chains
            for step in chain.steps
        }
        self._forms: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "run": _run,
            "layer": _layer,
            "step": self._step,
            "message": self._message,
        }

    def tell(self, event: Event) -> dict[str, Any]:
        """The event's JSON object; one of an unknown type keeps its fields."""
        form = self._forms.get(event.type, dict)
        return {"type": event.type, "seq": event.number, "at": event.at, **form(event.fields)}

    def _step(self, fields: dict[str, str]) -> dict[str, Any]:
        known, chain = self._steps.get(fields.get("step", ""), (None, None))
        position = known.id if known else None
        return {
            "step": fields.get("step", ""),
            "place": position.place if position else None,
            "layer": self._layer_of(position.place) if position else None,
            "chain": position.chain if position else None,
            "chain_name": chain,
            "index": position.step if position else None,
            "region": fields.get("region", ""),
            "method": known.method if known else fields.get("method", ""),
            "status": fields.get("status", ""),
            "worker": fields.get("worker", ""),
            "epoch": _number(fields.get("epoch")),
            "code": fields.get("code", ""),
            "message": fields.get("message", ""),
        }

    def _message(self, fields: dict[str, str]) -> dict[str, Any]:
        content = fields.get("content", "")
        shown = content if self._longest is None else content[: self._longest]
        return {
            "trace": _number(fields.get("seq")),
            "id": fields.get("id", ""),
            "parent": fields.get("parent") or None,
            **{name: fields.get(name, "") for name in ("source", "destination", "role", "outcome")},
            "reason": fields.get("reason", ""),
            "copies": json.loads(fields.get("copies") or "[]"),
            "content": shown,
            "size": len(content),
            "truncated": len(shown) < len(content),
            **self._position(fields.get("id", "")),
        }

    def _position(self, id_: str) -> dict[str, int | None]:
        found = _POSITION.match(id_)
        numbers = [int(text) for text in found.groups()] if found else [None] * 4
        position = dict(zip(("place", "chain", "step", "ordinal"), numbers, strict=True))
        return position | {"layer": self._layer_of(position["place"])}

    def _layer_of(self, place: int | None) -> int | None:
        return self._layers[place] if place is not None and place < len(self._layers) else None

    def knows(self, event: Event) -> bool:
        """Whether the places are those of the run when this happened; a program can add some."""
        place = event.fields.get("place") or _place_of(event.fields.get("step", ""))
        return not str(place).isdecimal() or int(place) < len(self._layers)


def _place_of(step: str) -> str:
    try:
        return str(StepId.parse(step).place)
    except ValueError:
        return ""


def _run(fields: dict[str, str]) -> dict[str, Any]:
    texts = {name: fields.get(name, "") for name in ("status", "code", "message", "where")}
    stopped = fields.get("code") == "step"
    return texts | {"stopped_before": _number(fields.get("where")) if stopped else None}


def _layer(fields: dict[str, str]) -> dict[str, Any]:
    numbers = {name: _number(fields.get(name)) for name in ("place", "layer")}
    return numbers | {"status": fields.get("status", "")}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
