"""Addresses that show the machines: health, doctor, workers, resources, region types."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from regions_dist.api.answers import Examined, Health, RegionType, Resource, Worker
from regions_dist.api.at import AtDesk  # noqa: TC001 FastAPI reads it as it runs
from regions_dist.domain.catalog import catalog
from regions_dist.errors import BrokerUnavailable, RegionsError
from regions_dist.runs.doctor import examine
from regions_dist.runs.documents import worker_document
from regions_dist.runs.run_list import embedded_brokers
from regions_dist.runs.stored_runs import live_workers, resources_on, workers_on
from regions_dist.transport.connection import safe_url
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from regions_dist.api.desk import Desk
    from regions_dist.ports import ServedResource, WorkerInfo

__all__ = ["machines"]

machines = APIRouter(prefix="/api", tags=["machines"])


@machines.get("/health", response_model=Health)
async def health(desk: AtDesk, request: Request) -> dict[str, Any]:
    """Whether the server can do its work; who has no token is told no more than that."""
    message = await _trouble(desk.settings.redis_url)
    status = "unavailable" if message else "ok"
    if "anonymous" in request.scope:
        return {"status": status}
    return {
        "status": status,
        "version": version("regions-dist"),
        "mode": "embedded" if desk.embedded else "cluster",
        "broker": safe_url(desk.settings.redis_url) if desk.settings.redis_url else None,
        "message": message,
        "folder": str(desk.folder),
    }


async def _trouble(url: str | None) -> str:
    if url is None:
        return ""
    store = RedisRunStore(url)
    try:
        await store.check()
    except RegionsError as error:
        return error.message
    finally:
        await store.close()
    return ""


@machines.get("/doctor", response_model=list[Examined])
async def doctor(desk: AtDesk) -> list[dict[str, str]]:
    """Whether this machine and what it uses are fit for runs."""
    return [
        {"severity": "ok", "code": "", "message": found, "where": ""}
        if isinstance(found, str)
        else found.as_dict()
        async for found in examine(desk.settings)
    ]


@machines.get("/workers", response_model=list[Worker])
async def workers(desk: AtDesk) -> list[dict[str, Any]]:
    """The workers that are up."""
    found = await _workers(desk)
    served = await _resources(desk, found)
    return [worker_document(worker, served) | {"run": run} for run, worker in found]


@machines.get("/resources", response_model=list[Resource])
async def resources(desk: AtDesk) -> list[dict[str, Any]]:
    """The models, embedders and stores that workers serve to all, and those that are missing."""
    return [asdict(resource) for resource in await _resources(desk, await _workers(desk))]


@machines.get("/region-types", response_model=list[RegionType])
async def region_types() -> list[dict[str, Any]]:
    """The types that a plan's regions may have."""
    return [it.as_dict() for it in catalog()]


async def _workers(desk: Desk) -> list[tuple[str | None, WorkerInfo]]:
    """The workers of the broker, or of each embedded run that is under way."""
    if not desk.embedded:
        return [(None, worker) for worker in await live_workers(desk.settings)]
    found: list[tuple[str | None, WorkerInfo]] = []
    for run, url in embedded_brokers(desk.settings).items():
        with suppress(BrokerUnavailable):  # the run has just ended
            found += [(run, worker) for worker in await workers_on(url, desk.settings)]
    return found


async def _resources(
    desk: Desk, found: list[tuple[str | None, WorkerInfo]]
) -> list[ServedResource]:
    url = desk.settings.redis_url
    return await resources_on(url, [worker for _, worker in found]) if url else []
