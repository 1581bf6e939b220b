"""regions-coordinator: run, check, watch and steer plans. Here: run and resume."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from regions_dist.cli import looking, plan_files, planning, reporting, serving, steering
from regions_dist.cli.options import (
    GAVE_UP,
    INTERRUPTED,
    RUN_FAILED,
    Config,
    ExecutionsFile,
    Imports,
    Json,
    LogFormat,
    PlanFile,
    Quiet,
    RedisUrl,
    RegionsFile,
    RunName,
    Verbose,
    Version,
    app_of,
    import_modules,
    print_json,
    run_app,
    set_up_logging,
)
from regions_dist.config import Settings, load_settings
from regions_dist.domain.names import run_name_problem
from regions_dist.errors import BadInput, BrokerUnavailable, RunLost, Unavailable

if TYPE_CHECKING:
    from regions_dist.cli.screen import Screen
    from regions_dist.domain.outcome import RunView
    from regions_dist.domain.plan import Plan
    from regions_dist.runs.session import RunRequest

__all__ = ["main"]

Outcome = TypeVar("Outcome")

app = app_of("Run, check, watch and steer plans.")

WAIT_HELP = "Seconds to wait for a missing worker, or for a broker that has gone away."

_EXIT = {"succeeded": 0, "failed": RUN_FAILED, "cancelled": RUN_FAILED}


@app.callback(epilog="Example: regions-coordinator run plan.json")
def _options(version: Version = False) -> None:
    pass


@app.command(epilog='Example: regions-coordinator run plan.json --ask "Historian=Who was Ada?"')
def run(
    plan: PlanFile = None,
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    ask: Annotated[list[str] | None, typer.Option(metavar="REGION=TEXT", help="Ask this.")] = None,
    messages: Annotated[Path | None, typer.Option(help="Mail to start with (JSON).")] = None,
    layer: Annotated[list[int] | None, typer.Option(help="Only this layer (repeatable).")] = None,
    step: Annotated[bool, typer.Option("--step", help="Stop before each layer.")] = False,
    replay: Annotated[
        str | None, typer.Option(metavar="RUN", help="Begin with what this run held.")
    ] = None,
    from_layer: Annotated[
        int | None, typer.Option(metavar="N", help="Where: at this layer's first turn.")
    ] = None,
    edit: Annotated[
        list[str] | None,
        typer.Option(metavar="MESSAGE_ID=TEXT", help="With --replay: what it says instead."),
    ] = None,
    cc: Annotated[list[str] | None, typer.Option(help="A listener that hears all mail.")] = None,
    spawn: Annotated[bool | None, typer.Option(help="Start workers that are missing.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Pack workers into N.")] = None,
    imports: Imports = None,
    wait: Annotated[float, typer.Option(min=0, help=WAIT_HELP)] = 60.0,
    timeout: Annotated[float | None, typer.Option(min=0, help="Seconds for the run.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write the trace here (JSON lines).")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it live in a browser.")] = False,
    run_id: Annotated[str | None, typer.Option(help="The run's name.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Run a plan over the cluster's workers, or all of it on this machine.

    With --step Enter lets each layer begin, and so does 'resume RUN' from another shell. With
    --replay the new run is given what RUN was answered, and asks no model and no store. With
    --from-layer or --edit as well it begins with what RUN held then, and asks only what RUN was
    not asked; PLAN may be left out, and may change only layers from --from-layer on.
    """
    from regions_dist.cli.screen import Screen
    from regions_dist.runs.archiving import archive_quickly
    from regions_dist.runs.replay import replay_of
    from regions_dist.runs.session import RunRequest, carry_out
    from regions_dist.runs.stored_runs import read_run

    set_up_logging(verbose, quiet=quiet, form=log_format)
    if trace and not trace.absolute().parent.is_dir():
        raise BadInput(f"--trace {trace}: there is no folder {trace.parent}; make it first")
    if replay is None and (edit or from_layer is not None):
        raise BadInput("--from-layer and --edit go with --replay RUN: the run to begin from")
    import_modules(imports)
    settings = load_settings(file=config, redis=redis)
    name = _run_name(run_id)
    branch, only_recorded = None, False
    if replay is None:
        chosen = _plan(plan, regions, executions, cc)
        layers = _layers(layer, chosen)
    else:
        named = plan or regions or executions
        if cc and not named:
            raise BadInput("--cc changes the plan: name PLAN as well")
        given = _plan(plan, regions, executions, cc) if named else None
        record = asyncio.run(read_run(settings, replay))
        found = replay_of(
            settings, record, given, tuple(layer) if layer else None, from_layer, _edits(edit)
        )
        chosen, layers, branch = found.plan, found.layers, found.branch
        only_recorded = found.only_recorded
    own = () if branch else chosen.messages
    request = RunRequest(
        run=name,
        plan=chosen,
        layers=layers,
        messages=(*own, *plan_files.read_messages(messages), *plan_files.asked(ask or (), chosen)),
        spawn=spawn,
        processes=processes,
        imports=tuple(imports or ()),
        wait=wait,
        timeout=timeout,
        stepping=step,
        branch=branch,
        only_recorded=only_recorded,
    )
    screen = Screen(request, settings.home, quiet=quiet, answers=not as_json)
    for m in request.messages:
        screen.say(f"{m.source} -> {m.destination}: {m.content}")
    work = carry_out(request, settings, screen)
    if watch:
        from regions_dist.cli.watching import watched

        work = watched(work, settings, name, screen)
    view, records = _carry_out(name, work)
    code = _report(view, records, trace=trace, as_json=as_json)
    archive_quickly(settings)
    raise typer.Exit(code)


def _plan(
    plan: Path | None, regions: Path | None, executions: Path | None, cc: list[str] | None
) -> Plan:
    """The plan that the files hold, with these listeners, if it can run."""
    loaded = plan_files.read_plan(plan, regions, executions)
    if cc:
        policy = loaded.plan.postmaster.model_copy(update={"cc": tuple(cc)})
        loaded = replace(loaded, plan=loaded.plan.model_copy(update={"postmaster": policy}))
    return plan_files.check(loaded)


def _edits(texts: list[str] | None) -> dict[str, str]:
    edits = {}
    for text in texts or ():
        message, found, content = text.partition("=")
        if not found:
            raise BadInput(f"--edit {text!r}: expected MESSAGE_ID=TEXT")
        edits[message] = content
    return edits


def _layers(chosen: list[int] | None, plan: Plan) -> tuple[int, ...] | None:
    count = len(plan.layer_config)
    for number in chosen or ():
        if not 0 <= number < count:
            raise BadInput(f"--layer {number}: the plan has layers 0 to {count - 1}")
    return tuple(chosen) if chosen else None


def _run_name(name: str | None) -> str:
    from regions_dist.runs.session import new_run_name

    chosen = name or new_run_name()
    if problem := run_name_problem(chosen):
        raise BadInput(f"--run-id {chosen!r} {problem}", where="run-id")
    return chosen


@app.command(epilog="Example: regions-coordinator resume 20250314-0926-5a1c --wait 300")
def resume(
    run: RunName,
    inbox_limit: Annotated[
        int | None, typer.Option(min=1, help="Messages an inbox may hold from now on.")
    ] = None,
    inbox_bytes: Annotated[
        int | None, typer.Option(min=1, help="Bytes an inbox may hold from now on.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help=WAIT_HELP)] = 60.0,
    timeout: Annotated[float | None, typer.Option(min=0, help="Seconds for the run.")] = None,
    imports: Imports = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was paused, interrupted or failed, and watch it.

    A run that is stepped goes on by one layer; exit code 0 once it stops before the next.
    """
    from regions_dist.cli.screen import Screen
    from regions_dist.runs.archiving import archive_quickly
    from regions_dist.runs.session import RunRequest

    set_up_logging(0, quiet=quiet, form="text")
    import_modules(imports)
    settings = load_settings(file=config, redis=redis)
    plan, layers = asyncio.run(_stored_plan(settings, run))
    request = RunRequest(
        run=run,
        plan=plan,
        layers=layers,
        imports=tuple(imports or ()),
        wait=wait,
        timeout=timeout,
        how="resume",
        inbox_limit=inbox_limit,
        inbox_bytes=inbox_bytes,
    )
    screen = Screen(request, settings.home, quiet=quiet, answers=not as_json)
    view, records = _carry_out(run, _resumed(request, settings, screen))
    code = _report(view, records, trace=None, as_json=as_json)
    archive_quickly(settings)
    raise typer.Exit(code)


async def _stored_plan(settings: Settings, run: str) -> tuple[Plan, tuple[int, ...]]:
    """A stored run's plan, and the layers it runs, in order."""
    from regions_dist.runs.origin import with_origin
    from regions_dist.runs.stored_runs import opened

    async with opened(settings, run) as store:
        layers = tuple(turn.index for turn in (await store.view(run)).layers)
        return with_origin(settings, run, await store.plan(run)), layers


async def _resumed(
    request: RunRequest, settings: Settings, screen: Screen
) -> tuple[RunView, list[dict[str, Any]]]:
    """Carry the request out: in an embedded run whose command is up, by that command's workers."""
    from regions_dist.runs.session import carry_out
    from regions_dist.runs.stored_runs import attached, read_run

    reach = attached(settings, request.run)
    try:
        return await carry_out(request, reach, screen)
    except BrokerUnavailable:
        if reach is settings:
            raise
    record = await read_run(settings, request.run)  # that command has ended, and its broker with it
    return record.view(), record.trace()


def _carry_out(run: str, work: Coroutine[Any, Any, Outcome]) -> Outcome:
    try:
        return asyncio.run(_until_signal(work))
    except KeyboardInterrupt:
        typer.echo(f"interrupted; go on with: regions-coordinator resume {run}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    except Unavailable:
        typer.echo(f"gave up; go on with: regions-coordinator resume {run}", err=True)
        raise


async def _until_signal(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run ``work``; SIGINT and SIGTERM cancel it, so that it ends all it has started."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _report(
    view: RunView, records: list[dict[str, Any]], *, trace: Path | None, as_json: bool
) -> int:
    """Tell how the run ended; the exit code."""
    if trace:
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        trace.write_text("".join(lines), encoding="utf-8")
    if as_json:
        print_json(view.as_dict())
    if view.error:
        typer.echo(f"error: {view.error.message} [{view.error.code}]", err=True)
    lost = view.error and view.error.code == RunLost.code
    if view.status in {"failed", "timed_out"} and not lost:
        typer.echo(f"go on with: regions-coordinator resume {view.run}", err=True)
    stepped = view.status == "paused" and view.stopped_before is not None
    return 0 if stepped else _EXIT.get(view.status, GAVE_UP)


for commands in (looking.app, steering.app, planning.app, serving.app, reporting.app):
    app.add_typer(commands)


def main() -> None:
    """The console script."""
    run_app(app)


if __name__ == "__main__":
    main()
