"""regions-coordinator: run, check, watch and steer plans."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import time
from collections.abc import Coroutine
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from regions_dist.cli import plan_files
from regions_dist.cli.options import (
    BAD_INPUT,
    GAVE_UP,
    INTERRUPTED,
    RUN_FAILED,
    Config,
    Imports,
    LogFormat,
    Quiet,
    RedisUrl,
    Verbose,
    Version,
    app_of,
    import_modules,
    run_app,
    set_up_logging,
)
from regions_dist.config import load_settings
from regions_dist.domain.names import name_problem
from regions_dist.domain.verify import verify as find
from regions_dist.errors import BadInput, RunLost, Unavailable

if TYPE_CHECKING:
    from regions_dist.domain.outcome import RunView

__all__ = ["main"]

Outcome = TypeVar("Outcome")

app = app_of("Run, check, watch and steer plans.")

PlanFile = Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="A plan, or a full state.")]
RegionsFile = Annotated[Path | None, typer.Option("--regions", help="A regions file.")]
ExecutionsFile = Annotated[Path | None, typer.Option("--executions", help="Its executions.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

WAIT_HELP = "Seconds to wait for a missing worker, or for a broker that has gone away."

_SLOW = 5.0
"""Seconds after which a worker that has not looked for work is worth a word."""
_EXIT = {"succeeded": 0, "failed": RUN_FAILED, "cancelled": RUN_FAILED, "timed_out": GAVE_UP}


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
    cc: Annotated[list[str] | None, typer.Option(help="A listener that hears all mail.")] = None,
    spawn: Annotated[bool | None, typer.Option(help="Start workers that are missing.")] = None,
    processes: Annotated[int | None, typer.Option(min=1, help="Pack workers into N.")] = None,
    imports: Imports = None,
    wait: Annotated[float, typer.Option(min=0, help=WAIT_HELP)] = 60.0,
    timeout: Annotated[float | None, typer.Option(min=0, help="Seconds for the run.")] = None,
    trace: Annotated[Path | None, typer.Option(help="Write the trace here (JSON lines).")] = None,
    run_id: Annotated[str | None, typer.Option(help="The run's name.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Run a plan over the cluster's workers, or all of it on this machine."""
    from regions_dist.cli.archiving import archive_quickly
    from regions_dist.cli.session import RunRequest, carry_out

    set_up_logging(verbose, quiet=quiet, form=log_format)
    if trace and not trace.absolute().parent.is_dir():
        raise BadInput(f"--trace {trace}: there is no folder {trace.parent}; make it first")
    import_modules(imports)
    settings = load_settings(file=config, redis=redis)
    loaded = plan_files.read_plan(plan, regions, executions)
    if cc:
        policy = loaded.plan.postmaster.model_copy(update={"cc": tuple(cc)})
        changed = loaded.plan.model_copy(update={"postmaster": policy})
        loaded = replace(loaded, plan=changed)
    checked = plan_files.check(loaded)
    mail = (
        *checked.messages,
        *plan_files.read_messages(messages),
        *plan_files.asked(ask or (), checked),
    )
    name = _run_name(run_id)
    request = RunRequest(
        run=name,
        plan=checked,
        layers=_layers(layer, len(checked.layer_config)),
        messages=mail,
        spawn=spawn,
        processes=processes,
        wait=wait,
        timeout=timeout,
        quiet=quiet,
        print_answers=not as_json,
    )
    view, records = _carry_out(name, carry_out(request, settings))
    code = _report(view, records, trace=trace, as_json=as_json)
    archive_quickly(settings)
    raise typer.Exit(code)


def _layers(chosen: list[int] | None, count: int) -> tuple[int, ...] | None:
    for number in chosen or ():
        if not 0 <= number < count:
            raise BadInput(f"--layer {number}: the plan has layers 0 to {count - 1}")
    return tuple(chosen) if chosen else None


def _run_name(name: str | None) -> str:
    chosen = name or f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    problem = name_problem(chosen)
    if not problem and (chosen.startswith(".") or set(chosen) & set("/\\")):
        problem = "would not do as a folder's name"
    if problem:
        raise BadInput(f"--run-id {chosen!r} {problem}", where="run-id")
    return chosen


@app.command(epilog="Example: regions-coordinator resume 20250314-0926-5a1c --wait 300")
def resume(
    run: Annotated[str, typer.Argument(help="The run's name.")],
    wait: Annotated[float, typer.Option(min=0, help=WAIT_HELP)] = 60.0,
    timeout: Annotated[float | None, typer.Option(min=0, help="Seconds for the run.")] = None,
    imports: Imports = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was paused, interrupted or failed, and watch it."""
    from regions_dist.cli.archiving import archive_quickly
    from regions_dist.cli.session import RunRequest, carry_out
    from regions_dist.cli.stored_runs import stored_plan

    set_up_logging(0, quiet=quiet, form="text")
    import_modules(imports)
    settings = load_settings(file=config, redis=redis)
    plan, layers = asyncio.run(stored_plan(settings, run))
    request = RunRequest(
        run=run,
        plan=plan,
        layers=layers,
        wait=wait,
        timeout=timeout,
        quiet=quiet,
        print_answers=not as_json,
        how="resume",
    )
    view, records = _carry_out(run, carry_out(request, settings))
    code = _report(view, records, trace=None, as_json=as_json)
    archive_quickly(settings)
    raise typer.Exit(code)


@app.command(epilog="Example: regions-coordinator verify plan.json --json")
def verify(
    plan: PlanFile = None,
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    imports: Imports = None,
    as_json: Json = False,
) -> None:
    """Check a plan without running it. Exit code 2 where it has errors."""
    import_modules(imports)
    loaded = plan_files.read_plan(plan, regions, executions)
    if as_json:
        findings = [*loaded.repairs, *find(loaded.plan)]
        _print_json([finding.as_dict() for finding in findings])
        if any(finding.severity == "error" for finding in findings):
            raise typer.Exit(BAD_INPUT)
        return
    plan_files.check(loaded)
    typer.echo("the plan can run")


@app.command(epilog="Example: regions-coordinator show --regions regions.json --executions ex.json")
def show(
    plan: PlanFile = None,
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
    imports: Imports = None,
    as_json: Json = False,
) -> None:
    """Draw a plan's layers and chains."""
    from rich.console import Console

    from regions_dist.cli.drawing import draw
    from regions_dist.domain.convert import to_plan

    import_modules(imports)
    checked = plan_files.check(plan_files.read_plan(plan, regions, executions))
    if as_json:
        _print_json(to_plan(checked))
    else:
        draw(checked, Console())


@app.command(epilog="Example: regions-coordinator convert state.json --to plan > plan.json")
def convert(
    plan: PlanFile = None,
    to: Annotated[Literal["plan", "regions", "executions", "full-state"], typer.Option()] = "plan",
    regions: RegionsFile = None,
    executions: ExecutionsFile = None,
) -> None:
    """Print a plan in another of its file forms."""
    from regions_dist.domain import convert as forms

    loaded = plan_files.read_plan(plan, regions, executions)
    plan_files.tell(loaded.repairs)
    makers: dict[str, Any] = {
        "plan": forms.to_plan,
        "regions": forms.to_regions,
        "executions": forms.to_executions,
        "full-state": forms.to_full_state,
    }
    _print_json(makers[to](loaded.plan))


@app.command(epilog="Example: regions-coordinator trace 20250314-0926-5a1c --json")
def trace(
    run: Annotated[str, typer.Argument(help="The run's name.")],
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """Print what became of each message of a run, in routing order."""
    from regions_dist.cli.stored_runs import stored_trace

    for record in asyncio.run(stored_trace(load_settings(file=config, redis=redis), run)):
        typer.echo(json.dumps(record, ensure_ascii=False) if as_json else _line(record))


@app.command(epilog="Example: regions-coordinator workers --redis redis://nas:6379")
def workers(
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """List the workers that are up."""
    from regions_dist.cli.stored_runs import live_workers

    found = asyncio.run(live_workers(load_settings(file=config, redis=redis)))
    if as_json:
        _print_json([asdict(worker) for worker in found])
        return
    for worker in found:
        hosts = ", ".join([*worker.regions, *worker.roles])
        line = f"{worker.name}  {worker.host}:{worker.pid}  {worker.age:.1f} s ago  {hosts}"
        slow = f"  has not read for {worker.reading:.0f} s" if worker.reading > _SLOW else ""
        typer.echo(line + slow)
    if not found:
        typer.echo("no worker is up; start one: regions-worker --region NAME", err=True)


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
        _print_json(view.as_dict())
    if view.error:
        typer.echo(f"error: {view.error.message} [{view.error.code}]", err=True)
    lost = view.error and view.error.code == RunLost.code
    if view.status in {"failed", "timed_out"} and not lost:
        typer.echo(f"go on with: regions-coordinator resume {view.run}", err=True)
    return _EXIT.get(view.status, GAVE_UP)


def _line(record: dict[str, Any]) -> str:
    head = f"{record['seq']:>4}  {record['outcome']:<9}  {record['role']:<7}"
    return f"{head}  {record['source']} -> {record['destination']}: {record['content']}"


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def main() -> None:
    """The console script."""
    run_app(app)


if __name__ == "__main__":
    main()
