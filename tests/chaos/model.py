"""What the stub of a model server says in a chaos run. There is no model: the prompt decides.

A fact's words come out of a hash of the prompt, so that a message lost, doubled or changed
anywhere changes whatever is said after it.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections import Counter, defaultdict
from typing import Any

__all__ = ["Speaker"]

_THINGS = ("harbour", "tower", "bridge")
_PLACES = ("Aldin", "Brack", "Corrow")
_LOOKS = ("grey", "tall", "old", "new")
_LONGEST = 0.12
"""Seconds that an answer is held at most, so that steps have a duration: load, not timing."""


class Speaker:
    """A script for a StubModel; ``asked`` counts each model name's prompts, by their hash."""

    def __init__(self, seed: int) -> None:
        self.asked: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._random = random.Random(seed)  # noqa: S311

    def __call__(self, request: dict[str, Any]) -> str:
        """The answer to a chat request, after a while."""
        digest = hashlib.sha256(json.dumps(request["messages"]).encode()).hexdigest()
        self.asked[request["model"]][digest[:16]] += 1
        time.sleep(self._random.uniform(0, _LONGEST))
        form = request.get("response_format")
        if form is None:
            return _fact(digest)
        names = form["json_schema"]["schema"]["items"]["properties"]["source"]["enum"]
        return json.dumps([{"source": name, "question": _question(name, digest)} for name in names])


def _words(digest: str) -> tuple[str, str, str]:
    number = int(digest[:8], 16)
    number, thing = divmod(number, len(_THINGS))
    number, place = divmod(number, len(_PLACES))
    return _THINGS[thing], _PLACES[place], _LOOKS[number % len(_LOOKS)]


def _fact(digest: str) -> str:
    thing, place, look = _words(digest)
    return f"The {thing} of {place} is {look}, note {digest[:6]}."


def _question(name: str, digest: str) -> str:
    thing, place, _ = _words(digest)
    return f"What is the {thing} of {place} like, {name}? Ask {digest[:6]}."
