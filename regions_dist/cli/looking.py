"""Commands that look at runs and at what they need: runs, status, state, trace, workers, doctor."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from regions_dist.cli.options import RUN_FAILED, Config, Json, RedisUrl, RunName, print_json
from regions_dist.cli.tables import one_line, print_rows, seconds_text
from regions_dist.config import Settings, load_settings
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from regions_dist.domain.comparison import Parting
    from regions_dist.domain.finding import Finding
    from regions_dist.ports import ServedResource, WorkerInfo
    from regions_dist.runs.run_list import ListedRun
    from regions_dist.runs.stored_runs import Standing

__all__ = ["app"]

app = typer.Typer()

_SLOW = 5.0
"""Seconds after which a worker that has not looked for work is worth a word."""


@app.command(epilog="Example: regions-coordinator runs --redis redis://nas:6379")
def runs(as_json: Json = False, redis: RedisUrl = None, config: Config = None) -> None:
    """List the runs, newest first: name, status, start, seconds, layers done, parent.

    Those in the broker; without one, this machine's own. What is piped has tabs between cells.
    """
    from regions_dist.runs.run_list import listed_runs

    found = asyncio.run(listed_runs(load_settings(file=config, redis=redis)))
    if as_json:
        print_json([listed.as_dict() for listed in found])
        return
    headings = ("run", "status", "started", "seconds", "layers", "parent")
    print_rows([_listed_row(listed) for listed in found], headings if found else ())
    if not found:
        typer.echo("no runs yet; start one: regions-coordinator run PLAN", err=True)


def _listed_row(listed: ListedRun) -> tuple[str, ...]:
    interrupted = listed.status == "running" and not listed.live
    status = "interrupted" if interrupted else (listed.status or "unknown").replace("_", " ")
    return (
        listed.run,
        status,
        "" if listed.started is None else _time(listed.started),
        seconds_text(listed.seconds),
        "" if listed.layers is None else f"{listed.layers_done}/{listed.layers}",
        listed.parent,
    )


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


@app.command(epilog="Example: regions-coordinator status 20250314-0926-5a1c --json")
def status(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="The run's name.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """Show how a run stands, and what it waits for.

    Without RUN: the runs that are running or paused, or the newest where none is; with --json
    then a list.
    """
    from regions_dist.runs.documents import standing_document

    settings = load_settings(file=config, redis=redis)
    found = asyncio.run(_standings(settings, run))
    if as_json:
        documents = [standing_document(standing) for standing in found]
        print_json(documents[0] if run else documents)
        return
    for number, standing in enumerate(found):
        if number:
            typer.echo()
        print_rows(_status_rows(standing))
    if not found:
        typer.echo("no runs yet; start one: regions-coordinator run PLAN", err=True)


async def _standings(settings: Settings, run: str | None) -> list[Standing]:
    from regions_dist.runs.run_list import listed_runs
    from regions_dist.runs.stored_runs import standing_of

    if run is not None:
        return [await standing_of(settings, run)]
    listed = await listed_runs(settings)
    live = [found for found in listed if found.live] or listed[:1]
    return [await standing_of(settings, found.run) for found in live]


def _status_rows(standing: Standing) -> Iterator[Sequence[str]]:
    from regions_dist.domain.outcome import FATES
    from regions_dist.runs.waiting import waits_of

    view = standing.record.view()
    yield "run", view.run, view.status.replace("_", " "), seconds_text(view.seconds)
    if view.parent:
        yield "parent", view.parent
    for turn in view.layers:
        yield "layer", str(turn.index), turn.status.replace("_", " "), seconds_text(turn.seconds)
    for fate in FATES:
        if view.messages.get(fate):
            yield "messages", fate, str(view.messages[fate])
    yield "answers", str(len(view.answers))
    if view.error:
        yield "error", view.error.code, view.error.message, view.error.where
    for wait in waits_of(standing):
        todo = f"start one: {wait.todo}" if wait.kind == "step" and wait.todo else wait.todo
        yield "waits", wait.what, f"for {wait.waits_for}", seconds_text(wait.since), todo


@app.command(epilog="Example: regions-coordinator state 20250314-0926-5a1c Historian --json")
def state(
    run: RunName,
    region: Annotated[str | None, typer.Argument(metavar="[REGION]", help="Only this one.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """Show what regions know, which requests they have yet to answer, and their unread mail.

    With --json an object with an entry a region; with REGION that entry alone.
    """
    from regions_dist.runs.documents import region_states
    from regions_dist.runs.stored_runs import read_run

    record = asyncio.run(read_run(load_settings(file=config, redis=redis), run))
    states = region_states(record)
    if region is not None and region not in states:
        raise BadInput(f"run {run!r} has no region {region!r}, only {', '.join(states)}")
    if as_json:
        print_json(states[region] if region is not None else states)
        return
    chosen = states if region is None else {region: states[region]}
    print_rows(_state_rows(chosen), ("region", "", "source", "content"))


def _state_rows(states: dict[str, dict[str, Any]]) -> Iterator[Sequence[str]]:
    for region, parts in states.items():
        for kind, word in (("knowledge", "knows"), ("requests", "to answer"), ("unread", "unread")):
            for mail in parts[kind]:
                yield region, word, mail["source"], mail["content"]
        if not any(parts[kind] for kind in ("knowledge", "requests", "unread")):
            yield region, "nothing"


@app.command(epilog="Example: regions-coordinator trace 20250314-0926-5a1c --json")
def trace(
    run: RunName, as_json: Json = False, redis: RedisUrl = None, config: Config = None
) -> None:
    """Print what became of each message of a run, in routing order."""
    from regions_dist.runs.stored_runs import read_run

    for record in asyncio.run(read_run(load_settings(file=config, redis=redis), run)).trace():
        typer.echo(json.dumps(record, ensure_ascii=False) if as_json else _line(record))


def _line(record: dict[str, Any]) -> str:
    head = f"{record['seq']:>4}  {record['outcome']:<9}  {record['role']:<7}"
    return f"{head}  {record['source']} -> {record['destination']}: {one_line(record['content'])}"


@app.command(epilog="Example: regions-coordinator workers --redis redis://nas:6379")
def workers(as_json: Json = False, redis: RedisUrl = None, config: Config = None) -> None:
    """List the workers that are up, and the models and stores that they serve to all.

    Of each of those: slots in use, calls that wait, health, and tokens a second of its last answer.
    """
    from regions_dist.runs.documents import workers_document

    found, served = asyncio.run(_workers_and_resources(load_settings(file=config, redis=redis)))
    if as_json:
        print_json(workers_document(found, served))
        return
    for worker in found:
        line = f"{worker.name}  {worker.host}:{worker.pid}  {worker.age:.1f} s ago  "
        slow = f"  has not read for {worker.reading:.0f} s" if worker.reading > _SLOW else ""
        typer.echo(line + ", ".join(worker.duties) + slow)
    for resource in served:
        typer.echo(_resource_line(resource))
    if not found:
        typer.echo("no worker is up; start one: regions-worker --region NAME", err=True)


async def _workers_and_resources(
    settings: Settings,
) -> tuple[list[WorkerInfo], list[ServedResource]]:
    from regions_dist.runs.stored_runs import live_workers, resources_on

    workers = await live_workers(settings)
    return workers, await resources_on(settings.redis_url or "", workers)


def _resource_line(resource: ServedResource) -> str:
    r = resource
    waits = f"{r.queue} call{'' if r.queue == 1 else 's'} waiting"
    if not r.worker:
        start = f"start one: regions-worker --{r.kind} {r.name}"
        return f"{r.kind} {r.name}  no worker serves it  {waits}  {start}"
    use = f"{r.in_use} of {r.slots} slots in use" if r.slots else f"{r.in_use} in use"
    rate = "" if r.tokens_per_second is None else f"{r.tokens_per_second:g} tokens/s"
    cells = (f"{r.kind} {r.name}", f"on {r.worker}", one_line(r.model), use, waits, r.health, rate)
    return "  ".join(cell for cell in cells if cell)


@app.command(epilog="Example: regions-coordinator diff 20250314-0926-5a1c 20250314-1011-77f0")
def diff(
    run: RunName,
    other: Annotated[str, typer.Argument(metavar="RUN2", help="The other run's name.")],
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """Show where two runs part, message by message; exit 1 if they do.

    Messages are the same if they have the same place in the plan: times do not count.
    """
    from regions_dist.domain.comparison import compare
    from regions_dist.runs.stored_runs import read_run

    async def traces() -> list[list[dict[str, Any]]]:
        settings = load_settings(file=config, redis=redis)
        return [(await read_run(settings, name)).trace() for name in (run, other)]

    partings = compare(*asyncio.run(traces()))
    if as_json:
        print_json([parting.as_dict() for parting in partings])
    else:
        print_rows([row for parting in partings for row in _parting_rows(parting, run, other)])
    if partings:
        raise typer.Exit(RUN_FAILED)


def _parting_rows(parting: Parting, run: str, other: str) -> Iterator[tuple[str, ...]]:
    for name, record in ((run, parting.left), (other, parting.right)):
        if record is None:
            yield (parting.id, name, "has no such message")
        else:
            way = f"{record['source']} -> {record['destination']} ({record['outcome']})"
            yield (parting.id, name, way, one_line(record["content"]))


@app.command(epilog="Example: regions-coordinator doctor --redis redis://nas:6379")
def doctor(as_json: Json = False, redis: RedisUrl = None, config: Config = None) -> None:
    """Look whether home, broker, workers, models and stores are fit for runs; exit 1 if not."""
    from regions_dist.runs.doctor import examine, line

    async def look() -> list[Finding]:
        findings = []
        async for found in examine(load_settings(file=config, redis=redis)):
            if not as_json:
                typer.echo(line(found))
            if not isinstance(found, str):
                findings.append(found)
        return findings

    findings = asyncio.run(look())
    if as_json:
        print_json([finding.as_dict() for finding in findings])
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(RUN_FAILED)
