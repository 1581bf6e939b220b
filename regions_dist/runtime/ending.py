"""Tasks that are told to end, and do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["end"]

_ASK_AGAIN_AFTER: Final = 0.1


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel these tasks until they have ended.

    Once may not be enough for a step of a region type that others wrote: before Python 3.12,
    asyncio.wait_for swallows a cancellation when what it waits for ends at the same moment.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=_ASK_AGAIN_AFTER)
