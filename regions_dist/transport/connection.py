"""Clients of the broker, and its errors in our terms.

No client repeats anything by itself: that is for ``patience``, which says so.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.retry import Retry as BlockingRetry

from regions_dist.errors import BadInput, BrokerRefused, BrokerUnavailable, RegionsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "ANSWER_WITHIN",
    "BLOCK_MS",
    "CONNECT_WITHIN",
    "TAKES_NOTHING",
    "connect",
    "connect_blocking",
    "safe_url",
    "translated",
]

BLOCK_MS = 1_000
"""How long a blocking read waits before it looks around."""
ANSWER_WITHIN = BLOCK_MS / 1000 + 2
"""Seconds within which a broker that is well answers anything."""
TAKES_NOTHING = "broker-takes-nothing"
"""Code of a BrokerUnavailable where reads are answered and writes are not."""

CONNECT_WITHIN = 2.0

_REFUSED = (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError)
_LOST = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, TimeoutError)
_CODES: dict[type[Exception], str] = {
    redis.exceptions.BusyLoadingError: "LOADING",
    redis.exceptions.OutOfMemoryError: "OOM",
    redis.exceptions.ReadOnlyError: "READONLY",
}
"""Errors from which the client library has cut the code that the broker gave."""
_TROUBLES = {
    "LOADING": "is still loading its data from disk",
    "BUSY": "is busy with a script that does not end; its owner can end it (SCRIPT KILL)",
    "OOM": "has no memory left; its owner can give it more (maxmemory) or remove data",
    "MISCONF": "cannot save to its disk and so takes nothing; its owner can look whether the disk"
    " is full",
    "READONLY": "is a copy that takes nothing; its owner can make it the master, or name the"
    " master's address",
    "NOREPLICAS": "has lost the copies that it must have; its owner can start them again",
    "MASTERDOWN": "is a copy that has lost its master; its owner can start the master again",
    "CLUSTERDOWN": "is a cluster of which a part is down; its owner can start that part again",
}
"""Answers that say: not now. All pass without our doing, so whoever can wait asks again."""
_ONLY_WRITES = {"OOM", "MISCONF", "READONLY", "NOREPLICAS"}


def connect(url: str) -> Any:
    """A client for ``url``, untyped: redis-py says of each reply that it may have to be awaited.

    It waits for ever for a reply, so whoever asks bounds the wait, as ``patience`` does. A bound
    of redis-py's own would now and then swallow a cancellation: it sends by ``asyncio.wait_for``,
    which does so before Python 3.12. Raises BadInput for an address that is none.
    """
    with _addressed(url):
        return Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",  # what others put there need not be text
            socket_connect_timeout=CONNECT_WITHIN,
            retry=Retry(NoBackoff(), 0),
        )


def connect_blocking(url: str, *, answer_within: float) -> Any:
    """As ``connect``, for a thread that waits ``answer_within`` seconds for each answer."""
    with _addressed(url):
        return redis.Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",  # what others put there need not be text
            socket_connect_timeout=min(CONNECT_WITHIN, answer_within),
            socket_timeout=answer_within,
            retry=BlockingRetry(NoBackoff(), 0),
        )


@contextmanager
def _addressed(url: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise BadInput(f"broker address {safe_url(url)!r}: {error}", where="redis") from None


def safe_url(url: str) -> str:
    """``url`` without its user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{urlunsplit(parts._replace(scheme='', netloc=''))}"


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the client library's errors into ours: BrokerRefused, BrokerUnavailable."""
    try:
        yield
    except (*_LOST, redis.exceptions.ResponseError) as error:
        known = _refusal(url, error) or _trouble(url, error) or _silence(url, error)
        if known is None:
            raise
        raise known from None


def _refusal(url: str, error: Exception) -> RegionsError | None:
    # On connecting, redis-py wraps a refused password in a lost connection.
    cause = error.__cause__ if isinstance(error.__cause__, _REFUSED) else error
    if not isinstance(cause, _REFUSED) and not str(cause).startswith("invalid"):
        return None
    return BrokerRefused(
        f"the broker at {safe_url(url)} refuses the password or user: {cause}; correct the URL",
        where="redis",
    )


def _trouble(url: str, error: Exception) -> RegionsError | None:
    code = _CODES.get(type(error), str(error).partition(" ")[0])
    if code not in _TROUBLES:
        return None
    return BrokerUnavailable(
        f"the broker at {safe_url(url)} {_TROUBLES[code]}",
        where="redis",
        code=TAKES_NOTHING if code in _ONLY_WRITES else "",
    )


def _silence(url: str, error: Exception) -> RegionsError | None:
    if not isinstance(error, _LOST):
        return None
    shown = f"the broker at {safe_url(url)} does not answer ({_reason(error)})"
    return BrokerUnavailable(shown, where="redis")


def _reason(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(error, (redis.exceptions.TimeoutError, TimeoutError)):
        return "it is silent"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return str(error).rstrip(".").lower() or "the connection broke"
