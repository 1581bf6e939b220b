"""Calls to an OpenAI-compatible server: retries, time limits, and errors that say what to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import unquote

import httpx

from regions_dist.errors import BadAnswer, BadInput, ModelUnavailable
from regions_dist.resources.address import base_url, is_loopback, root_url
from regions_dist.resources.refusals import (
    LONGEST_RETRY_AFTER,
    Refused,
    advice,
    is_busy,
    is_loading,
    retry_after,
    said,
)
from regions_dist.resources.time_limits import Limits, Timer
from regions_dist.resources.tries import Failure, Tries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from pydantic import SecretStr

    from regions_dist.config import ServerSettings

__all__ = ["Broken", "Endpoint"]

LOOK: Final = 5.0
"""Seconds that an answer may take which is only good to have."""

_BROKEN: Final = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)

T = TypeVar("T")


class Broken(Exception):
    """Raised by a reader: the answer ended before its end, or is an error; worth another try."""


class Endpoint:
    """One server: a client that keeps its connections, made in the loop that first uses it.

    ``noun`` names it in errors ("the model 'default'"); ``wait`` is how it pauses between tries.
    A server that says it is loading its model is waited for as for the start of an answer.
    Raises BadInput for settings without a usable URL, and FileProblem for a key that is missing.
    """

    def __init__(
        self,
        settings: ServerSettings,
        noun: str,
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if settings.url is None:
            raise BadInput(f"{noun} has no url", where="url")
        key = settings.key()
        self.url = base_url(settings.url)
        self._noun = noun
        self._auth = _login(settings.login)
        self._headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
        self._key = key.get_secret_value() if key else ""
        self._limits = Limits(settings.timeout)
        self._connect_timeout = settings.connect_timeout
        self._retries = settings.retries
        self._wait = wait
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._busy = 0

    async def get(self, path: str) -> Any:
        """The JSON that ``path`` answers. Raises as ``post`` does."""
        return await self._ask("GET", path, None, self._whole, self._limits)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to ``body``.

        Raises Refused for an HTTP error, ModelUnavailable when there is no answer, both after
        retries where these make sense, and BadAnswer for what is not JSON.
        """
        return await self._ask("POST", path, body, self._whole, self._limits)

    async def read(
        self,
        path: str,
        body: Mapping[str, Any],
        reader: Callable[[httpx.Response, Timer], Awaitable[T]],
        limits: Limits,
    ) -> T:
        """What ``reader`` makes of the answer to ``body``; each try has its own time and reader.

        The reader may raise Broken for an answer that is worth another try. Raises as ``post``.
        """
        return await self._ask("POST", path, body, reader, limits)

    async def look(
        self, path: str, body: Mapping[str, Any] | None = None, *, base: str = ""
    ) -> tuple[int, Any]:
        """The HTTP status (0: no answer) and JSON (or None) of ``path``; never raises.

        ``path`` is below ``base``: the server's root, beside ``/v1``, where none is given. Tried
        once, for five seconds.
        """
        method = "GET" if body is None else "POST"
        try:
            with self._at_work():
                async with asyncio.timeout(LOOK):
                    url = f"{base or root_url(self.url)}/{path}"
                    response = await self._open().request(method, url, json=body)
        except (TimeoutError, httpx.HTTPError):
            return 0, None
        try:
            return response.status_code, response.json()
        except ValueError:
            return response.status_code, None

    async def aclose(self) -> None:
        """Close the connections; the next call opens new ones."""
        client, self._client = self._client, None
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()

    async def rest(self) -> None:
        """Close the connections if no call is under way; the next call opens new ones."""
        if not self._busy:
            await self.aclose()

    def bad_answer(self, reason: str, answer: object) -> BadAnswer:
        """The error for an answer that cannot be used."""
        found = self._excerpt(str(answer))
        return BadAnswer(
            f"{self._noun} at {self.url} gave an answer that cannot be used: {reason}; found "
            f"{found!r}. Check that the URL is that of an OpenAI-compatible server",
            where=self.url,
        )

    def _open(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            bearer = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            self._client = httpx.AsyncClient(
                headers=bearer | self._headers,
                auth=self._auth,
                timeout=httpx.Timeout(None, connect=self._connect_timeout),
                trust_env=not is_loopback(self.url),
                verify=self.url.startswith("https:"),  # without TLS, spare loading certificates
            )
            self._loop = loop
        return self._client

    async def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        reader: Callable[[httpx.Response, Timer], Awaitable[T]],
        limits: Limits,
    ) -> T:
        tries = Tries(self._retries, limits.first_token or limits.total)
        while True:
            request = self._open().build_request(method, f"{self.url}/{path}", json=body)
            outcome = await self._try(request, reader, Timer(limits))
            if not isinstance(outcome, Failure):
                return outcome
            await self._wait(tries.pause_after(outcome))

    async def _try(
        self,
        request: httpx.Request,
        reader: Callable[[httpx.Response, Timer], Awaitable[T]],
        timer: Timer,
    ) -> T | Failure:
        try:
            async with timer.running(), self._sent(request) as response:
                if response.is_success:
                    return await reader(response, timer)
                await response.aread()
                return self._refusal(response)
        except TimeoutError:
            return Failure(self._unavailable(timer.reason))
        except httpx.HTTPError as error:
            return Failure(self._unavailable(_reason(error)), again=True)
        except Broken as broken:
            return Failure(self._unavailable(self._excerpt(str(broken))), again=True)

    @asynccontextmanager
    async def _sent(self, request: httpx.Request) -> AsyncIterator[httpx.Response]:
        """Send once; again at once where the server had closed a kept connection meanwhile."""
        client = self._open()
        with self._at_work():
            try:
                response = await client.send(request, stream=True)
            except _BROKEN:
                response = await client.send(request, stream=True)
            try:
                yield response
            finally:
                await response.aclose()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def _whole(self, response: httpx.Response, _: Timer) -> Any:
        await response.aread()
        try:
            return response.json()
        except ValueError:
            raise self.bad_answer("it is not JSON", response.text) from None

    def _refusal(self, response: httpx.Response) -> Failure:
        status, reason = response.status_code, self._excerpt(said(response))
        problem = Refused(
            f"{self._noun} at {self.url} answered HTTP {status}: {reason}. "
            f"{advice(status, reason)}",
            where=self.url,
            status=status,
            said=reason,
        )
        wanted = retry_after(response)
        again = is_busy(status) and (wanted or 0) <= LONGEST_RETRY_AFTER
        return Failure(problem, again, wanted, is_loading(status, reason))

    def _unavailable(self, reason: str) -> ModelUnavailable:
        return ModelUnavailable(
            f"{self._noun} at {self.url} {reason}. Check the URL and that the server runs",
            where=self.url,
        )

    def _excerpt(self, text: str, most: int = 200) -> str:
        """The start of ``text`` in one line, without secrets should the server repeat them."""
        line = " ".join(text.split())
        for secret in (self._key, *self._headers.values(), *(self._auth or ())[1:]):
            line = line.replace(secret, "***") if secret else line
        return line if len(line) <= most else line[: most - 1] + "…"


def _login(login: SecretStr | None) -> tuple[str, str] | None:
    if login is None:
        return None
    user, _, password = login.get_secret_value().partition(":")
    return unquote(user), unquote(password)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"cannot be reached: {str(error) or 'no connection in time'}"
    return f"broke the connection: {str(error) or type(error).__name__}"
