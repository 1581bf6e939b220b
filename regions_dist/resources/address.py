"""The address of an OpenAI-compatible server, from any usual way to write it."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from regions_dist.errors import BadInput

__all__ = ["base_url", "credentials", "is_loopback", "root_url", "shown"]

_VERSION: Final = re.compile(r"v\d+(alpha|beta)?\d*")
_ENDPOINTS: Final = re.compile(r"/(chat/completions|completions|embeddings|models)$")


def base_url(url: str) -> str:
    """The address that ``chat/completions`` is appended to, without a user name and password.

    Scheme, ``/v1`` and a slash at the end may be left out; a path in front of ``/v1`` is kept.
    Raises BadInput for what is no HTTP address.
    """
    text = url.strip()
    parts = _split(text)
    if parts.scheme not in {"http", "https"} or not _has_address(parts):
        raise BadInput(
            f"{shown(text)!r} is not the address of a server: expected host:port or "
            "http(s)://host:port, with or without /v1",
            where="url",
        )
    path = _ENDPOINTS.sub("", parts.path.rstrip("/"))
    if not any(_VERSION.fullmatch(segment) for segment in path.split("/")):
        path += "/v1"
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, place, path, "", ""))


def credentials(url: str) -> tuple[str, str] | None:
    """The user name and password that ``url`` holds, or None."""
    parts = _split(url.strip())
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")


def root_url(base: str) -> str:
    """A server's address without its ``/v1``, where what OpenAI does not know is found."""
    return base.removesuffix("/v1")


def shown(url: str) -> str:
    """``url`` without a user name and password."""
    return re.sub(r"(^|//)[^/@]*@", r"\1", url)


def is_loopback(base: str) -> bool:
    """Whether the server is on this machine."""
    host = urlsplit(base).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _split(text: str) -> SplitResult:
    return urlsplit(text if "://" in text else f"http://{text}")


def _has_address(parts: SplitResult) -> bool:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and not re.search(r"\s", host) and port != 0
