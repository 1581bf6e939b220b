"""A worker process: hosts regions, and routes where it is a Postmaster."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from regions_dist.bootstrap import work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regions_dist.config import Settings
    from regions_dist.ports import WorkerInfo

__all__ = ["spawned"]


def spawned(
    settings: Settings, worker: WorkerInfo, *, ready: Callable[[Mapping[str, Any]], None]
) -> None:
    """Be a worker that a coordinator started on its own machine."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    asyncio.run(work(settings, worker, ready=ready))
