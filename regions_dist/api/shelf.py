"""Stored runs that nobody works on: read once, and kept for the next who asks."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from regions_dist.errors import BrokerUnavailable
from regions_dist.runs.local import run_folder
from regions_dist.runs.stored_runs import read_run
from regions_dist.transport.archive import file_of

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.transport.run_record import RunRecord

__all__ = ["Shelf"]

_KEPT: Final = 4
_TRIES, _PAUSE = 20, 0.25
"""Another command may have the run's data open for a moment."""


class Shelf:
    """A run's own broker, or its archive, takes a while to open; a view asks for many parts of it.

    ``hold`` keeps others in this process from a run whose data somebody has open.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._records: OrderedDict[str, tuple[float, RunRecord]] = OrderedDict()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def hold(self, run: str) -> asyncio.Lock:
        """Hold this while a stored run's data is open."""
        return self._locks[run]

    async def record(self, run: str) -> RunRecord:
        """All that is known of a run. Raises NoSuchRun."""
        async with self.hold(run):
            changed = self._changed(run)
            known = self._records.get(run)
            if known is None or known[0] != changed:
                known = (changed, await self._read(run))
                self._records[run] = known
            self._records.move_to_end(run)
            while len(self._records) > _KEPT:
                self._records.popitem(last=False)
            return known[1]

    async def _read(self, run: str) -> RunRecord:
        for _ in range(_TRIES):
            with suppress(BrokerUnavailable):
                return await read_run(self._settings, run)
            await asyncio.sleep(_PAUSE)
        return await read_run(self._settings, run)

    def _changed(self, run: str) -> float:
        """When it was last written to; whoever worked on it leaves a newer summary behind."""
        home = self._settings.home
        return sum(
            _mtime(file) for file in (run_folder(home, run) / "summary.json", file_of(home, run))
        )


def _mtime(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
