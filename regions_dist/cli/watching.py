"""The live view of a run, while a command carries it out."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import webbrowser
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from regions_dist.api.server import Address, served

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from regions_dist.cli.screen import Screen
    from regions_dist.config import Settings

__all__ = ["show_in_browser", "watched"]

Outcome = TypeVar("Outcome")

_LAST_LOOK = 10.0
"""Seconds that a view has to read the rest."""


async def watched(
    work: Coroutine[None, None, Outcome], settings: Settings, run: str, screen: Screen
) -> Outcome:
    """Carry the run out, and serve its view meanwhile: what ``work`` comes to.

    On a terminal the view stays until Ctrl-C; elsewhere until it has been told of the end.
    """
    carrying = asyncio.ensure_future(work)
    try:
        async with served(settings, Address(port=0), tends=False) as server:
            begun = asyncio.ensure_future(screen.begun.wait())
            await asyncio.wait([carrying, begun], return_when=asyncio.FIRST_COMPLETED)
            begun.cancel()
            if screen.begun.is_set():
                page = f"{server.url}/#/runs/{quote(run, safe='')}"
                screen.announce(f"watch it at {page}")
                # On the side, for some browsers are waited for until they are closed.
                threading.Thread(target=show_in_browser, args=(page,), daemon=True).start()
            outcome = await carrying
            await server.desk.views.gone(_LAST_LOOK)
            if sys.stderr.isatty():
                screen.announce("the run has ended; its view stays until Ctrl-C")
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
            return outcome
    finally:
        carrying.cancel()
        await asyncio.wait([carrying])


def show_in_browser(page: str) -> bool:
    """Show a page; whether there is a browser for it, with windows of its own."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    window = not isinstance(browser, webbrowser.GenericBrowser) or isinstance(
        browser, webbrowser.BackgroundBrowser
    )
    if not window and "BROWSER" not in os.environ:
        return False  # it would take over the terminal
    return browser.open(page)
