"""Large contents, which the broker keeps once and entries refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regions_dist.transport import keys

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["whole"]


async def whole(redis: Any, run: str, fields: Mapping[str, str]) -> dict[str, str]:
    """A stream entry's fields with its content in its place."""
    if not fields.get("body"):
        return dict(fields)
    content = await redis.hget(keys.of_run(run, "bodies"), fields["body"])
    return {**fields, "content": content or ""}
