"""Addresses that begin and steer runs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from regions_dist.api.answers import Begun, Sent, SentAgain, Steered
from regions_dist.api.at import AtDesk, RunName  # noqa: TC001 FastAPI reads it as it runs
from regions_dist.api.bodies import (
    Injection,
    NewRun,
    Redelivery,
    Replayed,
    Resumption,
    StepBefore,
)
from regions_dist.api.plan_input import accepted, outside
from regions_dist.api.refusals import Conflict, NotFound
from regions_dist.api.templates import template
from regions_dist.domain.message import MAX_BYTES
from regions_dist.domain.names import run_name_problem
from regions_dist.domain.plan import OutsideMessage
from regions_dist.errors import BadInput
from regions_dist.runs.replay import replay_of
from regions_dist.runs.session import RunRequest, new_run_name

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.api.desk import Desk
    from regions_dist.domain.plan import Plan

__all__ = ["run_steps"]

run_steps = APIRouter(prefix="/api/runs", tags=["steering"])


@run_steps.post("", status_code=202, response_model=Begun)
async def begin(body: NewRun, desk: AtDesk) -> dict[str, Any]:
    """Begin a run."""
    plan, findings = accepted(body.plan, _folder(desk, body.template))
    request = RunRequest(
        run=_name(body.run),
        plan=plan,
        layers=_layers(body.layers, plan),
        messages=(*plan.messages, *outside(body.messages)),
        imports=desk.imports,
        wait=body.wait,
        timeout=body.timeout,
        stepping=body.step,
        pauses=desk.embedded,
    )
    await desk.begin(request)
    return {"run": request.run, "findings": [finding.as_dict() for finding in findings]}


@run_steps.post("/{run}/replay", status_code=202, response_model=Begun)
async def replay(run: RunName, body: Replayed, desk: AtDesk) -> dict[str, Any]:
    """Begin a run with what this one held."""
    findings: list[dict[str, str]] = []
    given = None
    if body.plan is not None:
        given, found = accepted(body.plan, _folder(desk, body.template))
        findings = [finding.as_dict() for finding in found]
    layers = tuple(body.layers) if body.layers else None
    record = await desk.record(run)
    begun = replay_of(
        desk.settings,
        record,
        given,
        layers,
        body.from_layer,
        body.edits,
        from_place=body.from_place,
    )
    request = RunRequest(
        run=_name(body.run),
        plan=begun.plan,
        layers=begun.layers,
        imports=desk.imports,
        wait=body.wait,
        timeout=body.timeout,
        stepping=body.step,
        branch=begun.branch,
        only_recorded=begun.only_recorded,
        pauses=desk.embedded,
    )
    await desk.begin(request)
    return {"run": request.run, "findings": findings}


@run_steps.post("/{run}/pause", response_model=Steered)
async def pause(run: RunName, desk: AtDesk) -> dict[str, str]:
    """Release no further step; steps under way finish."""
    async with desk.open(run) as store:
        return {"run": run, "status": await store.steer(run, "pause")}


@run_steps.post("/{run}/cancel", response_model=Steered)
async def cancel(run: RunName, desk: AtDesk) -> dict[str, str]:
    """End a run for good."""
    if await desk.sessions.cancel(run):
        return {"run": run, "status": "cancelled"}
    async with desk.open(run) as store:
        return {"run": run, "status": await store.steer(run, "cancel")}


@run_steps.post("/{run}/resume", response_model=Steered)
async def resume(run: RunName, desk: AtDesk, body: Resumption | None = None) -> dict[str, str]:
    """Let a run go on that is paused, has failed, whose time was up, or that was interrupted."""
    given = body or Resumption()
    limits = {
        "seconds": given.timeout,
        "inbox_limit": given.inbox_limit,
        "inbox_bytes": given.inbox_bytes,
    }
    return {"run": run, "status": await desk.go_on(run, limits)}


@run_steps.post("/{run}/step", response_model=Steered)
async def step(run: RunName, desk: AtDesk, body: StepBefore | None = None) -> dict[str, str]:
    """Let a run that is stepped enter its next layer."""
    view = (await desk.standing(run)).record.view()
    before = body.before if body and body.before is not None else view.stopped_before
    if view.stopped_before is None or before != view.stopped_before:
        stands = "nowhere" if view.stopped_before is None else f"before place {view.stopped_before}"
        raise Conflict(f"run {run!r} stands {stands}", where=run, code="not-stopped")
    return {"run": run, "status": await desk.go_on(run, {"before": before})}


@run_steps.post("/{run}/inject", response_model=Sent)
async def inject(run: RunName, body: Injection, desk: AtDesk) -> dict[str, str]:
    """Send a region mail, which enters when the next layer starts."""
    async with desk.open(run) as store:
        plan = await store.plan(run)
        source = body.source or plan.postmaster.print_address
        message = OutsideMessage(
            source=source, destination=body.to, role=body.role, content=body.content
        )
        outcome = await store.inject(run, message, body.key or secrets.token_hex(16))
    if outcome == "unknown":
        raise NotFound(
            f"run {run!r} has no region {body.to[:100]!r} that gets mail",
            where="to",
            code="no-such-region",
        )
    if outcome == "too-large":
        raise BadInput(f"content: more than {MAX_BYTES >> 20} MiB", where="content")
    if outcome == "full":
        message_ = f"the inbox of {body.to} is full; ask again later"
        raise Conflict(message_, where=body.to, code="inbox-full")
    return {"run": run, "destination": body.to, "outcome": outcome}


@run_steps.post("/{run}/redeliver", response_model=SentAgain)
async def redeliver(run: RunName, body: Redelivery, desk: AtDesk) -> dict[str, str]:
    """Send a dead letter once more."""
    async with desk.open(run) as store:
        outcome = await store.redeliver(run, body.id, body.to or "")
        letters = {letter.id: letter for letter in await store.dead_letters(run)}
    letter = letters.get(body.id)
    if letter is None:
        raise NotFound(
            f"run {run!r} has no dead letter {body.id[:100]!r}", where="id", code="no-such-letter"
        )
    if outcome == "no-region":
        raise NotFound(
            f"{body.to or letter.destination!r} is no region of {run!r}",
            where="to",
            code="no-such-region",
        )
    if outcome == "run-ended":
        raise Conflict(f"no layer of {run!r} starts any more", where=run, code="run-ended")
    return {"run": run, "id": body.id, "destination": letter.redelivered, "outcome": outcome}


def _folder(desk: Desk, name: str | None) -> Path:
    return template(name).folder if name is not None else desk.folder


def _name(given: str | None) -> str:
    name = given or new_run_name()
    if problem := run_name_problem(name):
        raise BadInput(f"run: {name[:100]!r} {problem}", where="run")
    return name


def _layers(chosen: list[int] | None, plan: Plan) -> tuple[int, ...] | None:
    count = len(plan.layer_config)
    for number in chosen or ():
        if not 0 <= number < count:
            raise BadInput(f"layers: the plan has layers 0 to {count - 1}", where="layers")
    return tuple(chosen) if chosen else None
