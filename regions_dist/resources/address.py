"""The address of an OpenAI-compatible server, from any usual way to write it."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

from regions_dist.errors import BadInput

__all__ = ["base_url", "is_loopback", "root_url"]

_VERSION: Final = re.compile(r"v\d+(alpha|beta)?\d*")
_ENDPOINTS: Final = re.compile(r"/(chat/completions|completions|embeddings|models)$")


def base_url(url: str) -> str:
    """The address that ``chat/completions`` is appended to.

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


def root_url(base: str) -> str:
    """A server's address without its ``/v1``, where what OpenAI does not know is found."""
    return base.removesuffix("/v1")


def is_loopback(base: str) -> bool:
    """Whether the server is on this machine."""
    host = urlsplit(base).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(url: str) -> str:
    """``url`` without a user name and password."""
    return re.sub(r"(^|//)[^/@]*@", r"\1", url)


def _has_address(parts: SplitResult) -> bool:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and not re.search(r"\s", host) and port != 0
