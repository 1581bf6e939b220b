"""A run as the command line tells it: its progress on stderr, its answers on stdout."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from regions_dist.cli.progress import Progress
from regions_dist.cli.stepping import Lines, Stops
from regions_dist.coordinator.watch import has_ended, has_stopped
from regions_dist.resources.listener_terminal import line_of
from regions_dist.resources.terminal_relay import TerminalRelay
from regions_dist.runs.local import relay_file, run_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from regions_dist.domain.outcome import Event
    from regions_dist.domain.schedule import Place
    from regions_dist.runs.session import RunRequest
    from regions_dist.transport.run_store import RedisRunStore

__all__ = ["Screen"]


class Screen:
    """Implements runs.session.Audience. ``quiet``: no progress. ``answers``: print them.

    What listeners of the run's own workers write to a terminal is shown here, too.
    """

    def __init__(
        self, request: RunRequest, home: Path, *, quiet: bool = False, answers: bool = True
    ) -> None:
        self._request = request
        self._relay = TerminalRelay(relay_file(run_folder(home, request.run)))
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._answers = answers
        self._progress: Progress | None = None
        self._stops: Stops | None = None
        self._listens = any(
            entry.parameters.get("out_process") == "terminal" for entry in request.plan.regions
        )
        self.begun = asyncio.Event()

    def say(self, text: str) -> None:
        """See Audience."""
        self._console.print(text, markup=False)

    def notice(self, text: str) -> None:
        """See Audience."""
        if self._progress:
            self._progress.notice(text)
        else:
            self._console.print(text, style="yellow", markup=False, soft_wrap=True)

    def announce(self, text: str) -> None:
        """Say something that matters, beside the progress where there is one."""
        if self._progress:
            self._progress.say(text)
        else:
            self.say(text)

    def earlier(self, event: Event) -> None:
        """See Audience."""
        self._print_answer(event)

    def begin(self, places: Sequence[Place], store: RedisRunStore, url: str) -> None:  # noqa: ARG002
        """See Audience."""
        r = self._request
        self._progress = Progress(places, self._console, first=r.first)
        lines = Lines() if r.stepping and r.how == "open" else None
        self._stops = Stops(r.run, places, store, self._progress.say, lines)
        self.begun.set()

    def handle(self, event: Event) -> None:
        """See Audience."""
        if self._progress and self._stops:
            self._progress.handle(event)
            self._stops.handle(event)
            if _is_answer(event):
                with self._progress.aside():
                    self._print_answer(event)
            if self._listens:
                self._show_heard(self._progress)

    def waiting(self, region: str, seconds: float, hint: str) -> None:
        """See Audience."""
        if self._progress:
            self._progress.waiting(region, seconds, hint)

    def ends(self, event: Event) -> bool:
        """See Audience. A run that is resumed is watched to its next stop."""
        return has_ended(event) or (self._request.how == "resume" and has_stopped(event))

    def close(self) -> None:
        """See Audience."""
        if self._stops:
            self._stops.close()
        if self._progress:
            self._progress.close()

    def _show_heard(self, progress: Progress) -> None:
        lines = [line_of(*heard) for heard in self._relay.news() if heard[0] == self._request.run]
        if lines:
            with progress.aside():
                for line in lines:
                    self._console.print(line, soft_wrap=True)

    def _print_answer(self, event: Event) -> None:
        if self._answers and _is_answer(event):
            sys.stdout.write(f"{event.fields['source']}: {event.fields['content']}\n")
            sys.stdout.flush()


def _is_answer(event: Event) -> bool:
    return event.type == "message" and event.fields["outcome"] == "printed"
