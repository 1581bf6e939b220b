"""Sinks of listeners for tests with real processes, which meet the test at the broker.

A worker knows them by ``--import tests.staged_sinks``. The ids that they took are in ``heard``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from redis import Redis

from regions_dist.domain.sinks import register_sink

if TYPE_CHECKING:
    from regions_dist.domain.message import Message

__all__ = ["breaks", "gated", "takes"]


def takes(message: Message) -> None:
    """Take each message."""
    with _broker() as broker:
        broker.rpush("heard", message.id)


def breaks(message: Message) -> None:
    """Take what says "first", and nothing else: the sink has died meanwhile."""
    if message.content != "first":
        raise ConnectionError("nobody reads this any more")
    takes(message)


def gated(message: Message) -> None:
    """Take a message when the test lets it."""
    with _broker() as broker:
        broker.rpush("waiting", message.id)
        broker.blpop(["gate"], 0)
    takes(message)


def _broker() -> Any:
    return Redis.from_url(os.environ["REGIONS_REDIS_URL"], decode_responses=True)


register_sink("notebook", takes)
