"""Who is reading events just now, so that a server need not end in the middle of a story."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Views"]


class Views:
    """Counts the streams that are open."""

    def __init__(self) -> None:
        self._open = 0
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """While somebody reads."""
        self._open += 1
        self._none.clear()
        try:
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._none.set()

    async def gone(self, within: float) -> None:
        """Return once nobody reads any more, or after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), within)
