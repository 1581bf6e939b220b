"""What is sent to the API."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "Injection",
    "NewRun",
    "PlanBody",
    "Redelivery",
    "Replayed",
    "Resumption",
    "StepBefore",
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, found: Any) -> Any:
        """Python reads more from JSON than can be written again: refuse it before it goes on."""
        try:
            json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            raise ValueError("holds half of a surrogate pair, which is no text") from None
        except RecursionError:
            raise ValueError("is nested too deeply") from None
        return found


class PlanBody(_Body):
    """A plan in any of its forms."""

    plan: Any


class _Timed(_Body):
    run: str | None = Field(
        default=None, description="Its name; one is made up where it is left out."
    )
    layers: list[int] | None = Field(default=None, description="Only the turns of these layers.")
    step: bool = Field(default=False, description="Stop before each layer.")
    timeout: float | None = Field(
        default=None, gt=0, le=1e9, description="Seconds for the whole run."
    )
    wait: float = Field(600.0, ge=0, le=1e9, description="Seconds to wait for a missing worker.")


class NewRun(_Timed):
    """What to run, and how."""

    plan: Any
    messages: list[Any] = Field(default_factory=list)
    template: str | None = Field(default=None, description="Whose folder file names start from.")


class Replayed(_Timed):
    """A new run that begins with what another held."""

    from_layer: int | None = Field(default=None, description="From the first turn of this layer.")
    from_place: int | None = Field(
        default=None, ge=0, le=10**6, description="From this turn on, instead of from_layer."
    )
    edits: dict[str, str] = Field(default_factory=dict)
    plan: Any = None
    template: str | None = None


class Resumption(_Body):
    """How a run goes on."""

    timeout: float | None = Field(default=None, gt=0, le=1e9)
    inbox_limit: int | None = Field(default=None, ge=1, le=10**9)
    inbox_bytes: int | None = Field(default=None, ge=1, le=10**12)


class StepBefore(_Body):
    """The place before which the run is believed to stand."""

    before: int | None = Field(default=None, ge=0, le=10**6)


class Injection(_Body):
    """Mail from outside. ``key``: the same one twice counts once."""

    to: str
    content: str
    role: Literal["request", "reply"] = "request"
    source: str | None = None
    key: str | None = Field(default=None, min_length=1, max_length=100)


class Redelivery(_Body):
    """A dead letter, and who is to get it if not the same."""

    id: str
    to: str | None = None
