"""A language model behind an OpenAI-compatible server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self

from pydantic import ValidationError

from regions_dist.config import LLMSettings, problem_of
from regions_dist.domain.resources import Room
from regions_dist.domain.thinking import strip_thinking
from regions_dist.errors import BadInput
from regions_dist.resources.answer import NoCompletion, read_answer
from regions_dist.resources.conversation import conversation, response_format, with_examples
from regions_dist.resources.http import Endpoint
from regions_dist.resources.link_file import read_link, write_link
from regions_dist.resources.model_facts import (
    TokenCount,
    context_size,
    count_tokens,
    first_model,
)
from regions_dist.resources.refusals import Refused, is_busy
from regions_dist.resources.time_limits import Limits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    import httpx
    from pydantic import SecretStr

    from regions_dist.resources.answer import Answer, Progress
    from regions_dist.resources.conversation import Messages
    from regions_dist.resources.time_limits import Timer

__all__ = ["LLMLink"]

KNOWS_NOT: Final = frozenset({400, 404, 415, 422, 501})
"""HTTP answers by which a server may say that it does not know what it was asked for."""

TEMPLATE_TOKENS: Final = 16
"""Tokens that a chat template puts around a message, at most."""

_ANSWER_SHARE: Final = 4
_UNNAMED: Final = "default"
_OK: Final = 200
_MISSING: Final = frozenset({404, 405, 501})
_LOADING: Final = 503


class LLMLink:
    """A model at ``url`` (``host:port``, with or without scheme and ``/v1``); the LLM port.

    ``params`` go into each request, ``headers`` with it; ``ssl`` means https where the URL names
    no scheme; ``timeout`` bounds an answer, in seconds. ``name`` is the resource's name in errors.
    What else config.LLMSettings knows can be given by its name. ``wait`` is how the link pauses
    between tries. Raises BadInput for what is no URL or setting, FileProblem for a missing key.
    """

    def __init__(
        self,
        url: str | None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str | SecretStr] | None = None,
        name: str = "default",
        ssl: bool = False,  # noqa: FBT001, FBT002 - as users of the reference give it
        timeout: float = 1800.0,
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        **further: Any,
    ) -> None:
        place = f"https://{url}" if ssl and url and "://" not in url else url
        given = {"params": params or {}, "headers": headers or {}, "timeout": timeout}
        self.name = name
        self._settings = settings = _checked({"url": place, **given, **further}, name)
        self._model = settings.model
        self._context = settings.context
        self._context_is_known = settings.context is not None
        self._params = {key: val for key, val in settings.params.items() if key != "stream"}
        self._streams = settings.params.get("stream") is not False
        self._tokenizes = True
        self._endpoint = Endpoint(settings, f"the model {name!r}", wait=wait)

    @classmethod
    def of(
        cls,
        settings: LLMSettings,
        name: str = "default",
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> Self:
        """The link to a configured model."""
        return cls(**dict(settings), name=name, wait=wait)

    async def chat(
        self,
        messages: Messages,
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
        progress: Progress | None = None,
    ) -> str:
        """The model's answer, thoughts stripped.

        ``messages``: a text, one message ``{"role", "content"}``, or a list of these. With
        ``schema`` the answer is asked for in that form; a server that refuses is asked without.
        ``progress`` is called with each token. Raises ModelUnavailable, and BadAnswer for an
        answer without text.
        """
        body = {"messages": self._turns(messages, plain=schema is None)}
        if schema is not None:
            shaped = body | response_format(schema)
            try:
                return await self._text("chat/completions", shaped, max_tokens, progress)
            except Refused as refused:
                if refused.status not in KNOWS_NOT:
                    raise
        return await self._text("chat/completions", body, max_tokens, progress)

    async def text(
        self, prompt: str, max_tokens: int | None = None, *, progress: Progress | None = None
    ) -> str:
        """How the model continues ``prompt``, thoughts stripped. Raises as ``chat``."""
        return await self._text("completions", {"prompt": prompt}, max_tokens, progress)

    async def room(
        self,
        messages: Messages,
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM. Worked examples count; a quarter of the context, or what the
        answer may have at most, is kept free for the answer, though never more than half of it.
        """
        context = await self.context()
        if context is None:
            return None
        turns = self._turns(messages, plain=schema is None)
        text = "\n".join(turn["content"] for turn in turns)
        around = TEMPLATE_TOKENS * len(turns)
        given = context - self._reserve(context, max_tokens)
        if len(text.encode()) + around <= given:  # no token is less than a byte
            return Room(len(text.encode()) + around, given)
        return Room(await self.n_tokens(text) + around, given)

    async def context(self) -> int | None:
        """Tokens that fit into the model, prompt and answer together; None where nobody says."""
        if not self._context_is_known:
            model, listing = await self.model(), await self._listing()
            look = self._endpoint.look
            self._context, self._context_is_known = await context_size(look, model, listing)
        return self._context

    async def n_tokens(self, text: str) -> TokenCount:
        """How many tokens ``text`` is; an estimate, marked as such, where the server can't say."""
        if self._tokenizes:
            status, count = await count_tokens(self._endpoint.look, await self.model(), text)
            if count is not None:
                return TokenCount(count)
            self._tokenizes = not status or is_busy(status)
        return TokenCount.estimate(text)

    async def model(self) -> str:
        """The model's name: the configured one, else the first that the server lists."""
        if self._model is None:
            self._model = first_model(await self._listing()) or _UNNAMED
        return self._model

    async def health(self) -> tuple[int, str]:
        """The HTTP status (0: no answer), and ``ok``, ``loading`` or ``error``; never raises."""
        status, _ = await self._endpoint.look("health")
        if status in _MISSING:
            status, _ = await self._endpoint.look("models", base=self._endpoint.url)
        return status, {_OK: "ok", _LOADING: "loading"}.get(status, "error")

    def save(self, path: Path | str) -> None:
        """Write the link to a JSON file, without its secrets: key, login and headers.

        The names ``api_key_env`` and ``api_key_file`` are kept, so that it finds its key again.
        """
        write_link(path, self.name, self._settings)

    @classmethod
    def load(cls, path: Path | str) -> Self:
        """The link that ``save`` wrote. Raises FileProblem."""
        return cls(**read_link(path))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def rest(self) -> None:
        """Close the connections if no call is under way; the next call opens new ones."""
        await self._endpoint.rest()

    async def _text(
        self,
        path: str,
        body: Mapping[str, Any],
        max_tokens: int | None,
        progress: Progress | None,
    ) -> str:
        most = {} if max_tokens is None else {"max_tokens": max_tokens}
        full = {"model": await self.model(), **body, **self._params, **most}
        answer = await self._answer(path, full, progress)
        text = strip_thinking(answer.text)
        if not text:
            thought = answer.text or answer.thoughts
            reason = "it says nothing besides thoughts" if thought else "it holds no text"
            raise self._endpoint.bad_answer(reason, thought)
        return text

    async def _answer(self, path: str, body: dict[str, Any], progress: Progress | None) -> Answer:
        async def reader(response: httpx.Response, timer: Timer) -> Answer:
            try:
                return await read_answer(response, timer, progress)
            except NoCompletion as odd:
                raise self._endpoint.bad_answer(odd.reason, odd.found) from None

        total = self._settings.timeout
        if self._streams:
            limits = Limits(total, self._settings.first_token_timeout, self._settings.stall_timeout)
            try:
                answer = await self._endpoint.read(path, body | {"stream": True}, reader, limits)
            except Refused as refused:
                if refused.status not in KNOWS_NOT or "stream" not in refused.said.lower():
                    raise
                self._streams = False
            else:
                self._streams = answer.streamed
                return answer
        return await self._endpoint.read(path, body, reader, Limits(total))

    async def _listing(self) -> Any:
        try:
            return await self._endpoint.get("models")
        except Refused as refused:
            if refused.status in KNOWS_NOT:
                return None
            raise

    def _turns(self, messages: Messages, *, plain: bool) -> list[dict[str, str]]:
        examples = self._settings.examples if plain else self._settings.question_examples
        return with_examples(conversation(messages), examples)

    def _reserve(self, context: int, max_tokens: int | None) -> int:
        most = max_tokens or self._params.get("max_tokens")
        wanted = most if isinstance(most, int) and most > 0 else context // _ANSWER_SHARE
        return min(wanted, context // 2)


def _checked(given: Mapping[str, Any], name: str) -> LLMSettings:
    try:
        return LLMSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        problem = problem_of(first["type"], first["msg"], LLMSettings.model_fields)
        what = f"{place}: {problem}" if place else problem
        raise BadInput(f"the model {name!r}: {what}", where=place) from None
