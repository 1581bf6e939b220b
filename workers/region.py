"""A worker process: hosts regions, and routes where it is a Postmaster."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from regions_dist.bootstrap import work
from regions_dist.domain.registry import import_modules
from regions_dist.logs import set_up_logging
from regions_dist.runtime.departure import Departure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.logs import LogForm
    from regions_dist.ports import WorkerInfo

__all__ = ["WorkerSpec", "new_incarnation", "serve", "spawned"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WorkerSpec:
    """What a worker process is told: who it is, what it runs with, and how it logs.

    ``imports`` are modules of region types, ``grace`` the seconds that it has to end when told,
    ``relay`` the file for what listeners write to a terminal, if it has none.
    """

    settings: Settings
    info: WorkerInfo
    imports: tuple[str, ...] = ()
    concurrency: int = 16
    grace: float = 30.0
    verbose: int = 1
    quiet: bool = False
    log_form: LogForm = "text"
    relay: Path | None = None

    def reborn(self) -> WorkerSpec:
        """The same worker under a new incarnation."""
        return replace(self, info=replace(self.info, incarnation=new_incarnation()))


def new_incarnation() -> str:
    """A name for one process among all that were ever called the same."""
    return secrets.token_hex(8)


def spawned(spec: WorkerSpec, *, ready: Callable[[Mapping[str, Any]], None]) -> None:
    """Be a worker in a process that another has started for it."""
    set_up_logging(spec.verbose, quiet=spec.quiet, form=spec.log_form)
    import_modules(spec.imports)
    serve(spec, ready=ready)


def serve(spec: WorkerSpec, *, ready: Callable[[Mapping[str, Any]], None] = lambda _: None) -> None:
    """Be a worker, in this process, until SIGTERM or SIGINT."""
    departure = Departure(spec.grace)
    info = replace(spec.info, pid=os.getpid())

    def up(report: Mapping[str, Any]) -> None:
        log.info("worker %s is up, for %s", info.name, ", ".join(info.duties))
        ready(report)

    duty = work(
        spec.settings, info, departure, concurrency=spec.concurrency, relay=spec.relay, ready=up
    )
    asyncio.run(duty)
