"""Whether a broker is set up to keep what it is given."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import redis

from regions_dist.domain.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["findings", "look"]

_OLDEST: Final = 7


async def look(broker: Any) -> list[Finding]:
    """What the owner of ``broker`` (a client) should know: errors lose runs, warnings may."""
    info = await broker.info()
    with suppress(redis.exceptions.ResponseError):  # not every server lets its settings be read
        info |= await broker.config_get("appendfsync")
    return list(findings(info))


def findings(info: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings on the fields of INFO, and ``appendfsync`` where it is known."""
    version = str(info.get("redis_version", "0"))
    if int(version.partition(".")[0]) < _OLDEST:
        yield _error(
            "old-broker", f"it is Redis {version}; Redis 7 or Valkey 8, or newer, is needed"
        )
    if not info.get("aof_enabled"):
        yield _warning(
            "not-durable",
            "it keeps no append-only file, so its runs are lost when it ends; "
            "set 'appendonly yes' in its configuration",
        )
    elif info.get("appendfsync", "always") != "always":
        yield _warning(
            "second-at-risk",
            "it writes to disk once a second: if its machine loses power, up to a second of work "
            "is undone; 'appendfsync always' prevents that, and is slower",
        )
    if info.get("maxmemory") and info.get("maxmemory_policy") != "noeviction":
        yield _error(
            "evicts",
            f"when its memory is full it throws keys away ({info['maxmemory_policy']}), runs among "
            "them; set 'maxmemory-policy noeviction'",
        )
    if info.get("role") == "slave":
        yield _error("replica", "it is a replica, which takes no writes; name its primary")


def _error(code: str, message: str) -> Finding:
    return Finding("error", code, message, "broker")


def _warning(code: str, message: str) -> Finding:
    return Finding("warning", code, message, "broker")
