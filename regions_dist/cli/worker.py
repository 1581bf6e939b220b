"""regions-worker: be a process of the cluster."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from typing import Annotated

import typer

from regions_dist.cli.options import (
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
from regions_dist.errors import BadInput
from regions_dist.ports import WorkerInfo

__all__ = ["main"]

app = app_of("Be a process of the cluster: host regions, route messages.")


@app.command(
    epilog="Example: regions-worker --region Facts --region Biographies --redis redis://nas:6379",
)
def worker(
    region: Annotated[list[str] | None, typer.Option(help="Host this region (repeatable).")] = None,
    postmaster: Annotated[bool, typer.Option("--postmaster", help="Route messages.")] = False,
    name: Annotated[str | None, typer.Option(help="This worker's name.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Steps at a time.")] = 16,
    supervise: Annotated[
        bool, typer.Option("--supervise", help="Be a parent process that restarts what dies.")
    ] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds to end in once told by SIGTERM or Ctrl-C.")
    ] = 30.0,
    imports: Imports = None,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
    version: Version = False,  # noqa: ARG001
) -> None:
    """Host regions, route messages, until SIGTERM or Ctrl-C.

    Then running steps have --grace seconds to finish; what is unfinished is handed back to other
    workers. A second signal stops at once.
    """
    from workers import region as process

    set_up_logging(verbose + 1, quiet=quiet, form=log_format)
    settings = load_settings(file=config, redis=redis)
    if not (region or postmaster):
        raise BadInput("nothing to do: name a region with --region NAME, or give --postmaster")
    if settings.redis_url is None:
        raise BadInput("no broker: give --redis URL, or set REGIONS_REDIS_URL")
    import_modules(imports)
    info = WorkerInfo(
        name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}",
        socket.gethostname(),
        os.getpid(),
        tuple(dict.fromkeys(region or ())),
        ("postmaster",) if postmaster else (),
        incarnation=process.new_incarnation(),
    )
    spec = process.WorkerSpec(
        settings,
        info,
        tuple(imports or ()),
        concurrency,
        grace,
        verbose=verbose + 1,
        quiet=quiet,
        log_form=log_format,
    )
    if supervise:
        from workers import supervisor

        raise typer.Exit(asyncio.run(supervisor.supervise(spec)))
    process.serve(spec)


def main() -> None:
    """The console script."""
    run_app(app)
