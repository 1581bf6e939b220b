"""Which finished runs leave the broker, and when: whoever coordinates sweeps now and then."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from regions_dist.domain.outcome import FINAL
from regions_dist.errors import ArchiveProblem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from regions_dist.ports import AnnouncedRun, Archive

__all__ = ["KEPT", "sweep"]

log = logging.getLogger(__name__)

KEPT: Final = 100
"""So many finished runs stay in the broker, the newest."""
_NEVER_OPENED: Final = 3600.0
"""Seconds after which a run that was announced and is not there will not be opened any more."""


async def sweep(archive: Archive, keep: int = KEPT, most: int | None = None) -> int:
    """Archive all finished runs but the newest ``keep``, the oldest first; how many went.

    With ``most`` no more go at a time. Can be cut off at any moment: the next one goes on. Does
    nothing while another sweeps. A run that cannot be archived stays, and keeps no other.
    """
    async with archive.alone() as alone:
        if not alone:
            return 0
        announced = await archive.announced()
        await archive.withdraw([run for run in announced if _lost(run)])
        going = _surplus(announced, keep)[:most]
        return sum([await _put_away(archive, run) for run in going])


async def _put_away(archive: Archive, run: AnnouncedRun) -> bool:
    try:
        return await archive.put_away(run)
    except ArchiveProblem as error:
        log.warning("%s", error)
        return False


def _surplus(runs: Iterable[AnnouncedRun], keep: int) -> list[AnnouncedRun]:
    """Finished is what is final; failed and timed-out runs count, though they can be resumed."""
    finished = sorted((run for run in runs if run.status in FINAL), key=lambda run: run.finished)
    return finished[: max(0, len(finished) - keep)]


def _lost(run: AnnouncedRun) -> bool:
    return run.status is None and run.age > _NEVER_OPENED
