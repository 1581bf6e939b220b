"""A model's answer, put together from a stream of chunks or taken whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from regions_dist.resources.event_stream import events, is_event_stream
from regions_dist.resources.http import Broken

if TYPE_CHECKING:
    import httpx

    from regions_dist.resources.time_limits import Timer

__all__ = ["Answer", "NoCompletion", "Progress", "read_answer"]

Progress = Callable[[int, float], object]
"""Called with the tokens so far, and the seconds since the first of them; both begin anew where
an answer broke off and is asked for again. For an answer that comes whole it is called once, with
the seconds since the request."""

_DONE: Final = "[DONE]"


class NoCompletion(Exception):
    """What came is something else: ``reason`` says what is wrong with ``found``."""

    def __init__(self, reason: str, found: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.found = found


class Answer:
    """What has come of an answer. ``text`` and ``thoughts`` are kept apart as the server does.

    ``tokens`` counts both: chunks while they come, and what the server says at the end. An answer
    that was ``streamed`` and is not ``complete`` was cut off.
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self.tokens = 0
        self.complete = False
        self.streamed = False

    @property
    def text(self) -> str:
        """What was answered."""
        return "".join(self._text)

    @property
    def thoughts(self) -> str:
        """What the server says was only thought: ``reasoning_content``, or ``reasoning``."""
        return "".join(self._thoughts)

    def take(self, document: Any) -> bool:
        """Add a chunk, or a whole answer; whether it held a token. Raises NoCompletion."""
        choices = document.get("choices") if isinstance(document, dict) else None
        if not isinstance(choices, list) or not all(isinstance(each, dict) for each in choices):
            raise NoCompletion("it is no completion", document)
        came = bool(choices) and self._take_choice(choices[0])
        self.tokens = _counted(document) or self.tokens + came
        return came

    def _take_choice(self, choice: dict[str, Any]) -> bool:
        part = choice.get("delta") or choice.get("message") or choice
        text = part.get("content") or part.get("text")
        thought = part.get("reasoning_content") or part.get("reasoning")
        self._text += [text] if isinstance(text, str) else []
        self._thoughts += [thought] if isinstance(thought, str) else []
        self.complete = self.complete or choice.get("finish_reason") is not None
        return bool(text or thought)


async def read_answer(response: httpx.Response, timer: Timer, progress: Progress | None) -> Answer:
    """The answer that comes in ``response``, streamed or whole.

    Raises Broken for a stream that was cut off or holds an error, and NoCompletion.
    """
    answer = Answer()
    answer.streamed = is_event_stream(response)
    if not answer.streamed:
        await response.aread()
        answer.take(_json(response.text))
        _tell(progress, answer, response.elapsed.total_seconds())
        return answer
    async for event in events(response):
        if event.strip() == _DONE:
            answer.complete = True
        elif answer.take(_document(event)):
            timer.token()
            _tell(progress, answer, timer.seconds)
    if not answer.complete:
        raise Broken("broke off in the middle of an answer")
    return answer


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise NoCompletion("it is not JSON", text) from None


def _document(event: str) -> Any:
    document = _json(event)
    error = document.get("error") if isinstance(document, dict) else None
    if error:
        message = error.get("message") if isinstance(error, dict) else error
        raise Broken(f"gave up in the middle of an answer: {message or error}")
    return document


def _tell(progress: Progress | None, answer: Answer, seconds: float) -> None:
    if progress is not None:
        progress(answer.tokens, seconds)


def _counted(document: dict[str, Any]) -> int:
    usage = document.get("usage")
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) else 0
