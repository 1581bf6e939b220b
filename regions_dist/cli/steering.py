"""Commands that steer runs: pause, cancel, inject, dead-letters."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regions_dist.cli.options import (
    RUN_FAILED,
    Config,
    Json,
    Quiet,
    RedisUrl,
    RunName,
    print_json,
    set_up_logging,
)
from regions_dist.cli.tables import print_rows
from regions_dist.config import Settings, load_settings
from regions_dist.domain.message import MAX_BYTES, role_of
from regions_dist.domain.outcome import FINAL
from regions_dist.domain.plan import OutsideMessage
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from regions_dist.domain.outcome import DeadLetter, RunStatus
    from regions_dist.ports import Injected, Redelivered
    from regions_dist.transport.run_store import RedisRunStore

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: regions-coordinator pause 20250314-0926-5a1c")
def pause(
    run: RunName, as_json: Json = False, redis: RedisUrl = None, config: Config = None
) -> None:
    """Release no further step of a run; steps under way finish. 'resume RUN' lets it go on.

    Exit code 0 also where the run is paused already or has ended: nothing of it will start.
    """
    status = asyncio.run(_steer(load_settings(file=config, redis=redis), run, "pause"))
    meaning = f"{run} is paused; steps under way finish; go on with: regions-coordinator resume"
    _tell_status(run, status, f"{meaning} {run}", as_json=as_json)


@app.command(epilog="Example: regions-coordinator cancel 20250314-0926-5a1c")
def cancel(
    run: RunName, as_json: Json = False, redis: RedisUrl = None, config: Config = None
) -> None:
    """End a run for good: steps under way count no more, and it cannot be resumed.

    Exit code 0 also where the run has ended already: nothing of it will start.
    """
    status = asyncio.run(_steer(load_settings(file=config, redis=redis), run, "cancel"))
    _tell_status(run, status, f"{run} is cancelled", as_json=as_json)


async def _steer(settings: Settings, run: str, action: Literal["pause", "cancel"]) -> RunStatus:
    from regions_dist.runs.stored_runs import opened

    async with opened(settings, run) as store:
        return await store.steer(run, action)


def _tell_status(run: str, status: RunStatus, meaning: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"run": run, "status": status})
    elif status in FINAL - {"cancelled"}:
        typer.echo(f"{run} had ended already: {status.replace('_', ' ')}")
    else:
        typer.echo(f"{run} is cancelled" if status == "cancelled" else meaning)


@app.command(epilog='Example: regions-coordinator inject 20250314-0926-5a1c --to Facts "And when?"')
def inject(
    run: RunName,
    text: Annotated[str, typer.Argument(help="What it says.")],
    to: Annotated[str, typer.Option("--to", metavar="REGION", help="Who gets it.")],
    role: Annotated[str, typer.Option(help="request or reply.")] = "request",
    source: Annotated[
        str | None, typer.Option(help="Who it is from; the plan's print address by default.")
    ] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Send a region mail from outside, which enters when the run's next layer starts.

    Waits where the region's inbox is full. Exit code 1 where no layer starts any more: then the
    mail is kept as a dead letter.
    """
    set_up_logging(0, quiet=quiet, form="text")
    settings = load_settings(file=config, redis=redis)
    outcome = asyncio.run(_inject(settings, run, (source, to, role, text), quiet=quiet))
    if as_json:
        print_json({"run": run, "destination": to, "outcome": outcome})
    elif outcome != "run-ended":
        typer.echo(f"{to} gets it when the next layer of {run} starts")
    if outcome == "run-ended":
        typer.echo(
            f"no layer of {run} starts any more: kept as a dead letter; see: "
            f"regions-coordinator dead-letters {run}",
            err=True,
        )
        raise typer.Exit(RUN_FAILED)


async def _inject(
    settings: Settings, run: str, mail: tuple[str | None, str, str, str], *, quiet: bool
) -> Injected:
    from regions_dist.runs.stored_runs import opened

    source, to, role, text = mail
    kind = role_of(role)
    async with opened(settings, run) as store:
        plan = await store.plan(run)
        message = OutsideMessage(
            source=source or plan.postmaster.print_address, destination=to, role=kind, content=text
        )
        outcome = await _until_room(store, run, message, quiet=quiet)
    if outcome == "unknown":
        names = ", ".join(entry.name for entry in plan.regions)
        raise BadInput(f"--to {to!r}: no region of {run} has mail under that name; it has {names}")
    if outcome == "too-large":
        raise BadInput(f"the text has more than {MAX_BYTES >> 20} MiB, which is the limit")
    return outcome


async def _until_room(
    store: RedisRunStore, run: str, message: OutsideMessage, *, quiet: bool
) -> Injected:
    """Inject the message, if need be when something has happened in the run that makes room."""
    key = secrets.token_hex(16)
    after = await store.last_event(run)
    outcome = await store.inject(run, message, key)
    if outcome != "full":
        return outcome
    if not quiet:
        typer.echo(
            f"the inbox of {message.destination} is full; waiting for room (Ctrl-C ends this)",
            err=True,
        )
    async for _ in store.events(run, after):
        outcome = await store.inject(run, message, key)
        if outcome != "full":
            break
    return outcome


@app.command(
    epilog="Example: regions-coordinator dead-letters 20250314-0926-5a1c "
    "--redeliver 0001-001-000-000000 --to Facts"
)
def dead_letters(
    run: RunName,
    redeliver: Annotated[
        str | None, typer.Option(metavar="ID", help="Send this one once more.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="REGION", help="To this region.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """List the mail that nobody could be given, and why; or send one of it once more.

    A second time changes nothing, and has exit code 0 as well.
    """
    settings = load_settings(file=config, redis=redis)
    if redeliver is not None:
        _redeliver(settings, run, redeliver, to or "", as_json=as_json)
        return
    if to is not None:
        raise BadInput("--to goes with --redeliver ID")
    from regions_dist.runs.stored_runs import read_run

    letters = asyncio.run(read_run(settings, run)).dead_letters()
    if as_json:
        print_json([asdict(letter) for letter in letters])
    elif letters:
        headings = ("id", "reason", "from", "to", "role", "sent once more to", "content")
        print_rows([_letter_row(letter) for letter in letters], headings)
    else:
        typer.echo(f"{run} has no dead letters", err=True)


def _letter_row(letter: DeadLetter) -> tuple[str, ...]:
    head = (letter.id, letter.reason, letter.source, letter.destination)
    return (*head, letter.role, letter.redelivered, letter.content)


def _redeliver(settings: Settings, run: str, letter: str, to: str, *, as_json: bool) -> None:
    outcome, found = asyncio.run(_sent_again(settings, run, letter, to))
    if found is None:
        raise BadInput(
            f"{run} has no dead letter {letter!r}; regions-coordinator dead-letters {run}"
        )
    if outcome == "no-region":
        raise BadInput(
            f"{to or found.destination!r} is no region of {run}; name one with --to REGION"
        )
    if outcome == "run-ended":
        raise BadInput(
            f"no layer of {run} starts any more; a new run can begin before its end: "
            f"regions-coordinator run --replay {run} --from-layer N"
        )
    if as_json:
        print_json({"run": run, "outcome": outcome, **asdict(found)})
    elif outcome == "duplicate":
        typer.echo(f"{letter} was sent once more already, to {found.redelivered}")
    else:
        typer.echo(f"{found.redelivered} gets {letter} when the next layer of {run} starts")


async def _sent_again(
    settings: Settings, run: str, letter: str, to: str
) -> tuple[Redelivered, DeadLetter | None]:
    from regions_dist.runs.stored_runs import opened

    async with opened(settings, run) as store:
        outcome = await store.redeliver(run, letter, to)
        letters = {found.id: found for found in await store.dead_letters(run)}
    return outcome, letters.get(letter)
