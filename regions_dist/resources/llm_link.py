"""A language model behind an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit, urlunsplit

from regions_dist.domain.thinking import strip_thinking
from regions_dist.resources.http import Endpoint, Refused, first_model

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from regions_dist.config import LLMSettings

__all__ = ["LLMLink"]

REFUSES_SCHEMA: Final = frozenset({400, 404, 415, 422, 501})
"""HTTP answers by which a server may say that it knows no structured output."""

_UNNAMED: Final = "default"
_OK: Final = 200
_MISSING: Final = 404
_LOADING: Final = 503


class LLMLink:
    """The LLM port over HTTP. ``settings`` say where the model is and how it is asked.

    ``name`` is the resource's name in errors; ``wait`` is how it pauses between tries.
    ``settings.timeout`` bounds a whole answer, since answers are not streamed.
    """

    def __init__(
        self,
        settings: LLMSettings,
        name: str = "default",
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self._settings = settings
        self._model = settings.model
        self._endpoint = Endpoint(
            settings.url,
            noun=f"the model {name!r}",
            api_key=settings.api_key,
            connect_timeout=settings.connect_timeout,
            timeout=settings.timeout,
            retries=settings.retries,
            wait=wait,
        )

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """The model's answer, thoughts stripped.

        With ``schema`` it is asked for in that form; a server that refuses is asked again without.
        Raises ModelUnavailable, and BadAnswer for an answer without text.
        """
        body = await self._body(messages, max_tokens, plain=schema is None)
        if schema is None:
            return self._text(await self._endpoint.post("chat/completions", body))
        try:
            shaped = body | {"response_format": _response_format(schema)}
            return self._text(await self._endpoint.post("chat/completions", shaped))
        except Refused as refused:
            if refused.status not in REFUSES_SCHEMA:
                raise
        return self._text(await self._endpoint.post("chat/completions", body))

    async def model(self) -> str:
        """The model's name: the configured one, else the first that the server lists."""
        if self._model is None:
            self._model = await self._listed() or _UNNAMED
        return self._model

    async def health(self) -> tuple[int, str]:
        """The HTTP status (0: no answer), and ``ok``, ``loading`` or ``error``; never raises."""
        status = await self._endpoint.status(f"{_root(self._endpoint.url)}/health")
        if status == _MISSING:
            status = await self._endpoint.status(f"{self._endpoint.url}/models")
        return status, {_OK: "ok", _LOADING: "loading"}.get(status, "error")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def _body(
        self, messages: Sequence[Mapping[str, str]], max_tokens: int | None, *, plain: bool
    ) -> dict[str, Any]:
        settings = self._settings
        turns = _with_examples(messages, settings.examples if plain else settings.question_examples)
        body = {"model": await self.model(), "messages": turns, **self._settings.params}
        return body if max_tokens is None else body | {"max_tokens": max_tokens}

    def _text(self, answer: Any) -> str:
        try:
            content = answer["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            raise self._endpoint.bad_answer("it is no chat completion", answer) from None
        if not isinstance(content, str):
            raise self._endpoint.bad_answer("its message holds no text", answer)
        text = strip_thinking(content)
        if not text.strip():
            raise self._endpoint.bad_answer("it says nothing besides thoughts", answer)
        return text

    async def _listed(self) -> str | None:
        try:
            return first_model(await self._endpoint.get("models"))
        except Refused as refused:
            if refused.status in REFUSES_SCHEMA:
                return None
            raise


def _response_format(schema: Mapping[str, Any]) -> dict[str, Any]:
    form = {"name": "answer", "strict": True, "schema": dict(schema)}
    return {"type": "json_schema", "json_schema": form}


def _root(base: str) -> str:
    """The server's address without its ``/v1``."""
    parts = urlsplit(base)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix("/v1"), "", ""))


def _with_examples(
    messages: Sequence[Mapping[str, str]], examples: Sequence[tuple[str, str]]
) -> list[dict[str, str]]:
    """``messages`` with the worked examples between system message and question."""
    worked = [
        {"role": role, "content": content}
        for pair in examples
        for role, content in zip(("user", "assistant"), pair, strict=True)
    ]
    turns = [dict(turn) for turn in messages]
    head = 1 if turns and turns[0]["role"] == "system" else 0
    return [*turns[:head], *worked, *turns[head:]]
