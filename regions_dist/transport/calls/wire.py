"""What arq keeps of a call and of its answer: msgpack of a fixed shape, and never a pickle."""

from __future__ import annotations

from typing import Any, Final

import msgpack
from arq.connections import ArqRedis
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from regions_dist import errors
from regions_dist.errors import RegionsError
from regions_dist.transport.connection import CONNECT_WITHIN

__all__ = ["FUNCTION", "connect_arq", "error_document", "error_of", "pack", "unpack"]

FUNCTION: Final = "call"
"""The one function that hosts have, in arq's terms; its arguments: method and arguments."""

_JOB: Final[dict[str, Any]] = {"f": str, "a": list, "k": dict, "t": (int, type(None)), "et": int}
_RESULT: Final[dict[str, Any]] = {"f": str, "s": bool, "st": int, "ft": int, "et": int, "t": int}
_CLASSES: Final[dict[str, type[RegionsError]]] = {
    name: getattr(errors, name) for name in errors.__all__
}


def connect_arq(url: str) -> Any:
    """arq's client for ``url``, untyped. As ``connect``, it repeats nothing and bounds no wait."""
    pool = ConnectionPool.from_url(
        url, socket_connect_timeout=CONNECT_WITHIN, retry=Retry(NoBackoff(), 0)
    )
    return ArqRedis(pool, job_serializer=pack, job_deserializer=unpack)


def pack(document: dict[str, Any]) -> bytes:
    """A job or a result, as it is kept; what is neither text, number nor list becomes its text."""
    packed: bytes = msgpack.packb(document, default=str, unicode_errors="replace")
    return packed


def unpack(data: bytes) -> dict[str, Any]:
    """A job or a result. Raises ValueError for anything else; nothing of it is run."""
    document = msgpack.unpackb(data)
    shape = _RESULT if isinstance(document, dict) and "s" in document else _JOB
    if not isinstance(document, dict) or not all(
        isinstance(document.get(name), kind) for name, kind in shape.items()
    ):
        raise ValueError("refused: it is neither a call nor an answer")
    return document


def error_document(error: RegionsError) -> dict[str, str]:
    """An error, to be raised again where it was asked from."""
    return {
        "type": type(error).__name__,
        "message": error.message,
        "where": error.where,
        "code": error.code,
    }


def error_of(document: dict[str, Any]) -> RegionsError:
    """The error that ``error_document`` told."""
    kind = _CLASSES.get(str(document.get("type")), RegionsError)
    where, code = str(document.get("where", "")), str(document.get("code", ""))
    return kind(str(document.get("message", "")), where=where, code=code)
