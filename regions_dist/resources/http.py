"""Calls to an OpenAI-compatible server: its address, retries, and errors that say what to do."""

from __future__ import annotations

import asyncio
import ipaddress
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from regions_dist.errors import BadAnswer, BadInput, ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from pydantic import SecretStr

__all__ = ["Endpoint", "Refused", "base_url", "first_model"]

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
LONGEST_RETRY_AFTER: Final = 30.0
"""Seconds. A server that asks for a longer pause is given up at once."""

_BROKEN: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_VERSION = re.compile(r"v\d+(alpha|beta)?\d*")
_ENDPOINTS = re.compile(r"/(chat/completions|completions|embeddings|models)$")


class Refused(ModelUnavailable):
    """The server answered with an HTTP error: ``status``."""

    def __init__(self, message: str, *, where: str, status: int) -> None:
        super().__init__(message, where=where)
        self.status = status


def base_url(url: str) -> str:
    """The address that ``chat/completions`` is appended to, from any usual way to write it.

    Scheme, ``/v1`` and a slash at the end may be left out; a path in front of ``/v1`` is kept.
    Raises BadInput for what is no HTTP address.
    """
    text = url.strip()
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme not in {"http", "https"} or not _has_address(parts):
        raise BadInput(
            f"{_shown(text)!r} is not the address of a server: expected host:port or "
            "http(s)://host:port, with or without /v1",
            where="url",
        )
    path = _ENDPOINTS.sub("", parts.path.rstrip("/"))
    if not any(_VERSION.fullmatch(segment) for segment in path.split("/")):
        path += "/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _has_address(parts: SplitResult) -> bool:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and not re.search(r"\s", host) and port != 0


def _shown(url: str) -> str:
    """``url`` without a user name and password."""
    return re.sub(r"(^|//)[^/@]*@", r"\1", url)


@dataclass(frozen=True, slots=True)
class _Try:
    """How one try ended: with the problem, and whether and when to try again."""

    problem: ModelUnavailable
    again: bool = False
    pause: float | None = None


class Endpoint:
    """One server: a client that keeps its connections, made in the loop that first uses it.

    ``noun`` names it in errors ("the model 'default'"). ``timeout`` bounds one answer, in seconds.
    ``wait`` is how it pauses between tries.
    """

    def __init__(
        self,
        url: str,
        *,
        noun: str,
        api_key: SecretStr | None = None,
        connect_timeout: float = 5.0,
        timeout: float = 60.0,
        retries: int = 3,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.url = base_url(url)
        self._shown = _shown(self.url)
        self._noun = noun
        self._key = api_key.get_secret_value() if api_key else ""
        self._timeout = timeout
        self._limits = httpx.Timeout(timeout, connect=connect_timeout)
        self._retries = retries
        self._wait = wait
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def get(self, path: str) -> Any:
        """The JSON that ``path`` answers. Raises as ``post`` does."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to ``body``.

        Raises Refused for an HTTP error, ModelUnavailable when there is no answer, both after
        retries where these make sense, and BadAnswer for what is not JSON.
        """
        return await self._ask("POST", path, body)

    async def status(self, url: str) -> int:
        """The HTTP status that a plain GET of ``url`` answers now; 0 where nothing answers."""
        try:
            return (await self._open().get(url)).status_code
        except httpx.HTTPError:
            return 0

    async def aclose(self) -> None:
        """Close the connections; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    def bad_answer(self, reason: str, answer: object) -> BadAnswer:
        """The error for an answer that cannot be used."""
        found = self._excerpt(str(answer))
        return BadAnswer(
            f"{self._noun} at {self._shown} gave an answer that cannot be used: {reason}; found "
            f"{found!r}. Check that the URL is that of an OpenAI-compatible server",
            where=self._shown,
        )

    def _open(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            address = urlsplit(self.url)
            self._client = httpx.AsyncClient(
                headers=headers,
                timeout=self._limits,
                trust_env=not _is_loopback(address.hostname or ""),
                verify=address.scheme == "https",  # without TLS, spare loading the certificates
            )
            self._loop = loop
        return self._client

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        number = 0
        while True:
            outcome = await self._try(method, f"{self.url}/{path}", body)
            if isinstance(outcome, httpx.Response):
                return self._json(outcome)
            if not outcome.again or number == self._retries:
                raise outcome.problem
            await self._wait(_pause(number) if outcome.pause is None else outcome.pause)
            number += 1

    async def _try(
        self, method: str, url: str, body: Mapping[str, Any] | None
    ) -> httpx.Response | _Try:
        client = self._open()
        try:
            async with asyncio.timeout(self._timeout):
                response = await _send(client, method, url, body)
        except (TimeoutError, httpx.ReadTimeout):
            return _Try(self._unavailable(f"did not answer within {self._timeout:g} s"))
        except httpx.HTTPError as error:
            return _Try(self._unavailable(_reason(error)), again=True)
        return response if response.is_success else self._refusal(response)

    def _refusal(self, response: httpx.Response) -> _Try:
        status = response.status_code
        said = self._excerpt(_said(response))
        problem = Refused(
            f"{self._noun} at {self._shown} answered HTTP {status}: {said}. {_advice(status)}",
            where=self._shown,
            status=status,
        )
        pause = _retry_after(response)
        busy = status == _TOO_MANY or (status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED)
        return _Try(problem, busy and (pause or 0) <= LONGEST_RETRY_AFTER, pause)

    def _unavailable(self, reason: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self._noun} at {self._shown} {reason}. Check the URL and that the server runs",
            where=self._shown,
        )

    def _json(self, response: httpx.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise self.bad_answer("it is not JSON", response.text) from None

    def _excerpt(self, text: str, most: int = 200) -> str:
        """The start of ``text`` in one line, without the key should the server repeat it."""
        line = " ".join(text.split())
        line = line.replace(self._key, "***") if self._key else line
        return line if len(line) <= most else line[: most - 1] + "…"


async def _send(
    client: httpx.AsyncClient, method: str, url: str, body: Mapping[str, Any] | None
) -> httpx.Response:
    """Send once; again at once where the server had closed a kept connection meanwhile."""
    try:
        return await client.request(method, url, json=body)
    except _BROKEN:
        return await client.request(method, url, json=body)


def first_model(listing: Any) -> str | None:
    """The first model of a ``/v1/models`` answer in either usual form, or None."""
    models = listing.get("data") or listing.get("models") if isinstance(listing, dict) else listing
    first = models[0] if isinstance(models, list) and models else None
    if not isinstance(first, dict):
        return first if isinstance(first, str) else None
    names = (first.get(key) for key in ("id", "name", "model"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _pause(number: int) -> float:
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**number)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    return float(value) if re.fullmatch(r"\d+(\.\d+)?", value) else None


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"cannot be reached: {str(error) or 'no connection in time'}"
    return f"broke the connection: {str(error) or type(error).__name__}"


def _said(response: httpx.Response) -> str:
    """What the server says went wrong, as plainly as it says it."""
    try:
        body = response.json()
    except ValueError:
        return response.text or response.headers.get("location", response.reason_phrase)
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message") if isinstance(error, dict) else error
    return str(message or response.headers.get("location") or response.reason_phrase)


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "Check the API key"
    if status in {301, 302, 307, 308, 404, 405}:
        return "Check the URL and the model's name"
    if status == _TOO_MANY:
        return "Wait a little, or lower the number of slots"
    if status >= _SERVER_ERROR:
        return "See the server's own log, and try again when it works"
    return "Check the model's settings"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
