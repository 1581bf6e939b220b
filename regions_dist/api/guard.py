"""Who may ask, and how much: host, origin, token, size and type of a body; headers of answers."""

from __future__ import annotations

import hmac
import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse

from regions_dist.api.refusals import refusal

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["COOKIE", "LARGEST", "Guard", "is_loopback"]

COOKIE: Final = "regions-token"
LARGEST: Final = 16 * 2**20
"""Bytes that a body may have: a plan, with messages of up to 8 MiB."""

_FREE: Final = "/api/health"
_SECURE: Final = {
    "content-security-policy": "default-src 'self'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Guard:
    """Lets through to ``app`` what may pass.

    With a ``token`` whoever asks has to send it. On a ``loopback`` address the Host has to be a
    loopback name, so that no page of elsewhere can reach the server by a name of its own.
    """

    app: ASGIApp
    token: str | None = None
    loopback: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        secured = _secured(send)
        if answer := self._refused(scope) or self._entered(scope):
            await answer(scope, receive, secured)
            return
        await self._bounded(scope, receive, secured)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.loopback and not is_loopback(_name_of(host)):
            return refusal(
                400, "bad-host", f"this server is not called {host!r}; it has a loopback name"
            )
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return refusal(403, "bad-origin", f"a page of {origin!r} may not use this server")
        return _strange_body(scope["method"], headers)

    def _entered(self, scope: Scope) -> Response | None:
        """What is answered to who comes without the token, or with it in the address.

        Who asks without it whether the server is there passes as ``anonymous``.
        """
        if self.token is None:
            return None
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if given and scope["method"] == "GET" and self._is_token(given):
            return self._with_cookie(scope["path"])
        if any(self._is_token(sent) for sent in _tokens(Headers(scope=scope))):
            return None
        if scope["path"] == _FREE:
            scope["anonymous"] = True
            return None
        message = "send the server's token: Authorization: Bearer TOKEN; a browser opens /?token=…"
        answer = refusal(401, "no-token", message)
        answer.headers["www-authenticate"] = "Bearer"
        return answer

    def _is_token(self, sent: str) -> bool:
        return hmac.compare_digest(sent.encode(), (self.token or "").encode())

    def _with_cookie(self, path: str) -> Response:
        answer = RedirectResponse("/" + path.lstrip("/"), 303)
        answer.set_cookie(COOKIE, self.token or "", httponly=True, samesite="strict")
        return answer

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; one whose body proves too large is answered here."""
        body = _Body(receive, send)
        with suppress(_TooLarge):
            await self.app(scope, body.receive, body.send)
        if body.too_large and not body.answered:
            await _too_large()(scope, receive, send)


class _TooLarge(Exception):
    """More came than a body may have, and than was announced."""


class _Body:
    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._size = 0
        self.answered = False

    @property
    def too_large(self) -> bool:
        return self._size > LARGEST

    async def receive(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self.too_large:
            raise _TooLarge
        return message

    async def send(self, message: Message) -> None:
        if self.answered or not self.too_large:
            self.answered = True
            await self._send(message)


def _too_large() -> Response:
    return refusal(413, "too-large", f"the body has more than {LARGEST >> 20} MiB")


def _strange_body(method: str, headers: Headers) -> Response | None:
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > LARGEST:
        return _too_large()
    bodiless = length == "0" and "transfer-encoding" not in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and not bodiless and kind != "application/json":
        return refusal(415, "not-json", "send JSON, with Content-Type: application/json")
    return None


def _name_of(host: str) -> str:
    """A Host without its port."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _tokens(headers: Headers) -> list[str]:
    kind, _, sent = headers.get("authorization", "").partition(" ")
    tokens = [sent.strip()] if kind.lower() == "bearer" else []
    cookie: SimpleCookie = SimpleCookie()
    try:
        cookie.load(headers.get("cookie", ""))
    except CookieError:
        return tokens
    return [*tokens, *(cookie[COOKIE].value for _ in range(COOKIE in cookie))]


def _secured(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=_headers_of(message))
            for name, value in _SECURE.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return with_headers


def _headers_of(message: Message) -> dict[str, Any]:
    message.setdefault("headers", [])
    return message  # type: ignore[return-value]
