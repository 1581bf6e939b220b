"""The application: addresses, their errors, and what runs beside them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from regions_dist.api.editor import editor
from regions_dist.api.events import events
from regions_dist.api.machines import machines
from regions_dist.api.plans import plans
from regions_dist.api.refusals import REFUSALS, add_refusals
from regions_dist.api.run_steps import run_steps
from regions_dist.api.run_views import run_views
from regions_dist.api.tending import tending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.api.desk import Desk

__all__ = ["application"]


def application(desk: Desk, *, tends: bool = True) -> FastAPI:
    """The API and the editor over ``desk``, which it closes. ``tends``: look after all runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            if not tends:
                yield
                return
            async with tending(desk.settings):
                yield
        finally:
            await desk.close()

    app = FastAPI(
        title="Regions",
        summary="Run, watch and steer plans. docs/http-api.md says more.",
        version=version("regions-dist"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=REFUSALS,
    )
    app.state.desk = desk
    add_refusals(app)
    for router in (machines, plans, run_views, run_steps, events, editor):
        app.include_router(router)
    return app
