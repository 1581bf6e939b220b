"""Server-sent events: the form in which answers are streamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

__all__ = ["events", "is_event_stream"]


def is_event_stream(response: httpx.Response) -> bool:
    """Whether the answer comes in events; a server that cannot stream sends it whole."""
    kind: str = response.headers.get("content-type", "")
    return kind.startswith("text/event-stream")


async def events(response: httpx.Response) -> AsyncIterator[str]:
    """The data of each event, as it comes; an error of llama.cpp, which names it so, too."""
    data: list[str] = []
    async for line in _lines(response):
        name, _, value = line.partition(":")
        if name in {"data", "error"} and value.strip():
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data.clear()
    if data:
        yield "\n".join(data)


async def _lines(response: httpx.Response) -> AsyncIterator[str]:
    # httpx's own lines end at U+2028 and its like too, which may stand in the JSON of an event.
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
