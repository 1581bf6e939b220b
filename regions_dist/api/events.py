"""The address of a run's events: server-sent, out of the run's own stream."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response, StreamingResponse

from regions_dist.api.at import AtDesk, RunName  # noqa: TC001 FastAPI reads it as it runs
from regions_dist.api.stream import Stream
from regions_dist.errors import BadInput
from regions_dist.transport.run_feed import START

__all__ = ["events"]

events = APIRouter(prefix="/api/runs", tags=["events"])

_ID: Final = re.compile(r"\d{1,19}-\d{1,19}")


@events.get(
    "/{run}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, 204: {"description": "No more."}},
)
async def follow(
    run: RunName,
    desk: AtDesk,
    last_event_id: Annotated[str | None, Header(description="Only what comes behind it.")] = None,
    after: Annotated[str | None, Query(alias="last_event_id", description="The same.")] = None,
) -> Response:
    """The run's events as they come, from the first one on."""
    stream = Stream(desk, run, _start(last_event_id or after))
    if await stream.at_end():
        return Response(status_code=204)
    return StreamingResponse(
        stream.text(),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no", "cache-control": "no-cache"},
    )


def _start(given: str | None) -> str:
    if not given:
        return START
    if not _ID.fullmatch(given):
        raise BadInput(f"{given[:50]!r} is no id of an event", where="last-event-id")
    return given
