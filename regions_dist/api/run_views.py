"""Addresses that show runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from regions_dist.api.answers import (
    DeadLetter,
    Recording,
    RegionState,
    Run,
    RunInList,
    RunPlan,
    TraceRecord,
)
from regions_dist.api.at import AtDesk, RunName  # noqa: TC001 FastAPI reads it as it runs
from regions_dist.api.happening import Teller
from regions_dist.api.refusals import NotFound
from regions_dist.domain.convert import to_plan
from regions_dist.domain.schedule import schedule
from regions_dist.errors import BrokerUnavailable
from regions_dist.runs.documents import places_document, region_states, standing_document
from regions_dist.runs.run_list import ListedRun, listed_runs
from regions_dist.transport.patience import Patience
from regions_dist.transport.run_feed import START, RunFeed

if TYPE_CHECKING:
    from regions_dist.api.desk import Desk
    from regions_dist.api.sessions import Session
    from regions_dist.domain.schedule import Place

__all__ = ["run_views"]

run_views = APIRouter(prefix="/api/runs", tags=["runs"])

_LARGEST_PAGE = 100_000
After = Annotated[int, Query(ge=0, le=2**53, description="Only what has a larger seq.")]
Limit = Annotated[int | None, Query(ge=1, le=_LARGEST_PAGE, description="So many at most.")]


@run_views.get("", response_model=list[RunInList])
async def list_runs(
    desk: AtDesk,
    status: Annotated[str | None, Query(description="Only these, with commas between.")] = None,
    limit: Limit = None,
) -> list[dict[str, Any]]:
    """The runs, newest first; archived ones last."""
    absent = {session.request.run: _listed(session) for session in desk.sessions.starting()}
    stored = [run for run in await listed_runs(desk.settings) if run.run not in absent]
    newest = sorted(absent.values(), key=lambda run: run.started or 0, reverse=True)
    wanted = status.split(",") if status else None
    found = [run for run in (*newest, *stored) if wanted is None or run.status in wanted]
    return [run.as_dict() for run in found[:limit]]


def _listed(session: Session) -> ListedRun:
    status = "starting" if session.starting else session.view().status
    return ListedRun(session.request.run, live=session.live, status=status, started=session.began)


@run_views.get("/{run}", response_model=Run)
async def one_run(run: RunName, desk: AtDesk) -> dict[str, Any]:
    """How a run stands, and what it waits for."""
    return await _standing(run, desk)


async def _standing(run: str, desk: Desk) -> dict[str, Any]:
    if session := desk.session(run):
        status = "starting" if session.starting else session.view().status
        facts: dict[str, Any] = {
            "parent": None,
            "waits": [],
            "live": session.live,
            "archived": False,
        }
        stops = {"stepping": session.request.stepping, "stopped_before": None}
        return session.view().as_dict() | {"status": status} | facts | stops
    standing = await desk.standing(run)
    view = standing.record.view()
    return standing_document(standing) | {
        "live": standing.tended and view.status in {"running", "paused"},
        "archived": standing.archived,
        "stepping": view.stepping,
        "stopped_before": view.stopped_before,
    }


@run_views.get("/{run}/plan", response_model=RunPlan)
async def plan_of(run: RunName, desk: AtDesk) -> dict[str, Any]:
    """The plan of a run, and what it comes to."""
    if session := desk.session(run):
        request = session.request
        places = schedule(request.plan, request.layers)
        return _plan(to_plan(request.plan), places, request.first)
    record = await desk.record(run)
    return _plan(to_plan(record.plan()), record.places(), record.first)


def _plan(plan: dict[str, Any], places: tuple[Place, ...], first: int) -> dict[str, Any]:
    return {"plan": plan, "places": places_document(places), "first": first}


@run_views.get("/{run}/trace", response_model=list[TraceRecord])
async def trace(
    run: RunName, desk: AtDesk, after: After = 0, limit: Limit = None
) -> list[dict[str, Any]]:
    """What became of each message, in routing order."""
    if desk.session(run):
        return []
    url = None if limit is None else desk.live_url(run)
    if url and limit:
        feed = RunFeed(url, run, Patience(url, give_up=0))
        try:
            if await feed.last_event() != START:
                return await feed.trace(after, limit)
        except BrokerUnavailable:
            if not desk.embedded:
                raise
        finally:
            await feed.close()
    records = [record for record in (await desk.record(run)).trace() if record["seq"] > after]
    return records[:limit]


@run_views.get("/{run}/regions", response_model=dict[str, RegionState])
async def regions(run: RunName, desk: AtDesk) -> dict[str, Any]:
    """What each region knows, has yet to answer and has yet to read."""
    return region_states(await desk.record(run))


@run_views.get("/{run}/regions/{name}", response_model=RegionState)
async def region(run: RunName, name: str, desk: AtDesk) -> dict[str, Any]:
    """What one region knows, has yet to answer and has yet to read."""
    states = region_states(await desk.record(run))
    if name not in states:
        raise NotFound(
            f"run {run!r} has no region {name[:100]!r}, only {', '.join(states)}",
            where=name[:100],
            code="no-such-region",
        )
    found: dict[str, Any] = states[name]
    return found


@run_views.get("/{run}/dead-letters", response_model=list[DeadLetter])
async def dead_letters(run: RunName, desk: AtDesk) -> list[dict[str, Any]]:
    """The mail that nobody could be given, and why."""
    return [asdict(letter) for letter in (await desk.record(run)).dead_letters()]


@run_views.get("/{run}/recording", response_model=Recording)
async def recording(run: RunName, desk: AtDesk) -> dict[str, Any]:
    """All of a run in one document, which can be looked at without a coordinator."""
    record = await desk.record(run)
    places = record.places()
    teller = Teller(places, longest=None)
    return {
        "version": 1,
        "run": await _standing(run, desk),
        **_plan(to_plan(record.plan()), places, record.first),
        "events": [teller.tell(event) for event in record.events()],
    }
