"""Clients of the broker, and its errors in our terms."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import redis
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff

from regions_dist.errors import BadInput, BrokerRefused, BrokerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BLOCK_MS", "connect", "safe_url", "translated"]

BLOCK_MS = 1_000
"""How long a blocking read waits before it looks around."""

_LOST = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError)


def connect(url: str, *, patient: bool = True) -> Any:
    """A client for ``url``. A patient one repeats what a broken connection cut short.

    Everything sent through it is idempotent, so that a lost reply may be asked for again. It is
    untyped, for redis-py says of each reply that it may or may not have to be awaited.
    """
    retry = Retry(ExponentialBackoff(cap=0.5, base=0.02), 8 if patient else 0)
    try:
        client = Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="replace",  # what others put there need not be text
            socket_connect_timeout=3,
            socket_timeout=BLOCK_MS / 1000 + 4,
            retry=retry,
            retry_on_error=list(_LOST) if patient else [],
        )
    except ValueError as error:
        raise BadInput(f"broker address {safe_url(url)!r}: {error}", where="redis") from None
    return client


def safe_url(url: str) -> str:
    """``url`` without its user and password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{urlunsplit(parts._replace(scheme='', netloc=''))}"


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the client library's errors into ours."""
    shown = safe_url(url)
    try:
        yield
    except redis.exceptions.AuthenticationError as error:
        raise BrokerRefused(_refused(shown, error), where="redis") from None
    except _LOST as error:
        # On connecting, redis-py 5 wraps a refused password in a lost connection.
        if isinstance(error.__cause__, redis.exceptions.AuthenticationError):
            raise BrokerRefused(_refused(shown, error.__cause__), where="redis") from None
        raise BrokerUnavailable(
            f"the broker at {shown} does not answer ({error}); check its address and that it runs",
            where="redis",
        ) from None
    except redis.exceptions.ResponseError as error:
        if str(error).startswith(("NOAUTH", "WRONGPASS", "NOPERM", "invalid")):
            raise BrokerRefused(_refused(shown, error), where="redis") from None
        raise


def _refused(shown: str, error: Any) -> str:
    return f"the broker at {shown} refuses the password or user: {error}; correct the URL"
