"""What a server says that refuses, when to ask it again, and what the user can do."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from regions_dist.errors import ModelUnavailable

if TYPE_CHECKING:
    import httpx

__all__ = [
    "LONGEST_RETRY_AFTER",
    "Refused",
    "advice",
    "is_busy",
    "is_loading",
    "pause",
    "retry_after",
    "said",
]

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
LONGEST_RETRY_AFTER: Final = 30.0
"""Seconds. A server that asks for a longer pause is given up at once."""

_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_UNAVAILABLE: Final = 503


class Refused(ModelUnavailable):
    """The server answered with an HTTP error ``status``, and ``said`` why."""

    def __init__(self, message: str, *, where: str, status: int, said: str) -> None:
        super().__init__(message, where=where)
        self.status = status
        self.said = said


def is_busy(status: int) -> bool:
    """Whether the same request may be answered later."""
    return status == _TOO_MANY or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED)


def is_loading(status: int, said: str) -> bool:
    """Whether the server is up and its model is not yet, as llama.cpp's server says it."""
    return status == _UNAVAILABLE and "loading" in said.lower()


def pause(number: int) -> float:
    """Seconds before the try after try ``number`` (from 0): growing, and never the same for two."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**number)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server wants to be left alone, from either form of ``Retry-After``."""
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def said(response: httpx.Response) -> str:
    """What the server says went wrong, as plainly as it says it."""
    try:
        body = response.json()
    except ValueError:
        return response.text or response.headers.get("location", response.reason_phrase)
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") if isinstance(error, dict) else error
    return str(message or response.headers.get("location") or response.reason_phrase)


def advice(status: int, said: str) -> str:
    """What the user can do about it."""
    if status in {401, 403}:
        return "Check the API key"
    if "context" in said.lower():
        return "Set the model's context (tokens) in the config, so that prompts are cut to fit it"
    if status in {301, 302, 307, 308, 404, 405}:
        return "Check the URL and the model's name"
    if status == _TOO_MANY:
        return "Wait a little, or lower the number of slots"
    if status >= _SERVER_ERROR:
        return "See the server's own log, and try again when it works"
    return "Check the model's settings"
