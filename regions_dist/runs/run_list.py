"""The list of runs. Embedded ones have a broker each, too slow to open for a list: each keeps a
summary beside it, in a file."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from regions_dist.embedded.broker import GONE_AFTER, running
from regions_dist.errors import RegionsError
from regions_dist.transport.archive import archived_runs
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.domain.outcome import RunSummary
    from regions_dist.transport.archive import ArchivedRun

__all__ = ["ListedRun", "embedded_brokers", "keep_summary", "listed_runs"]

_FILE = "summary.json"
_PATIENCE = 3.0
"""Seconds that a broker may take to tell the summary."""


@dataclass(frozen=True)
class ListedRun:
    """A run of the list. What is not known of it, because its summary is missing, is None.

    ``live``: it runs or is paused, and whoever works on it is up.
    """

    run: str
    live: bool = False
    status: str | None = None
    started: float | None = None
    seconds: float | None = None
    layers_done: int | None = None
    layers: int | None = None
    archived: bool = False
    parent: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The form of ``runs --json``."""
        return asdict(self) | {"parent": self.parent or None}


async def listed_runs(settings: Settings) -> list[ListedRun]:
    """The runs of the configured broker, else this machine's embedded ones; newest first.

    Those that this machine has archived come last.
    """
    if settings.redis_url:
        found = [
            _listed(summary) for summary in await _summaries(RedisRunStore(settings.redis_url))
        ]
    else:
        folders = [path.parent for path in (settings.home / "runs").glob("*/broker")]
        found = [await _embedded(folder) for folder in folders]
        found.sort(key=lambda listed: (listed.started or 0, listed.run), reverse=True)
    names = {listed.run for listed in found}
    kept = (_archived(one) for one in archived_runs(settings.home) if one.run not in names)
    return [*found, *kept]


def embedded_brokers(settings: Settings) -> dict[str, str]:
    """The brokers of this machine's embedded runs that somebody works on, by run."""
    folders = [path.parent for path in (settings.home / "runs").glob("*/broker")]
    urls = {folder.name: running(folder / "broker", serving=True) for folder in folders}
    return {run: url for run, url in urls.items() if url}


async def keep_summary(store: RedisRunStore, folder: Path, run: str) -> None:
    """Write a run's summary into its folder; a run that cannot be read leaves the file as it is."""
    with suppress(RegionsError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            text = json.dumps(asdict(await store.summary(run)))
        draft = folder / f"{_FILE}.new"
        draft.write_text(text, encoding="utf-8")
        draft.replace(folder / _FILE)


async def _embedded(folder: Path) -> ListedRun:
    if url := running(folder / "broker", serving=True):
        with suppress(RegionsError, IndexError):
            store = RedisRunStore(url, Patience(url, give_up=GONE_AFTER))
            return _listed((await _summaries(store))[0])
    with suppress(OSError, ValueError, TypeError):
        return ListedRun(**json.loads((folder / _FILE).read_text(encoding="utf-8")))
    return ListedRun(folder.name)


def _archived(one: ArchivedRun) -> ListedRun:
    seconds = one.finished - one.started
    return ListedRun(
        one.run, status=one.status, started=one.started, seconds=seconds, archived=True
    )


async def _summaries(store: RedisRunStore) -> list[RunSummary]:
    try:
        await store.check()
        return await store.summaries()
    finally:
        await store.close()


def _listed(summary: RunSummary) -> ListedRun:
    return ListedRun(live=summary.status in {"running", "paused"}, **asdict(summary))
