"""regions-worker: be a process of the cluster."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, cast

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
from regions_dist.ports import Offer, ResourceKind, WorkerInfo

__all__ = ["main"]

app = app_of("Be a process of the cluster: host regions, serve models and stores, route messages.")

_SERVE = "Serve this machine's"


@app.command(
    epilog="Example: regions-worker --region Facts --region Biographies --redis redis://nas:6379",
)
def worker(
    region: Annotated[list[str] | None, typer.Option(help="Host this region (repeatable).")] = None,
    pool: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Host what a plan places on this pool (repeatable)."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="A fact of this machine, to place by (repeatable)."),
    ] = None,
    postmaster: Annotated[bool, typer.Option("--postmaster", help="Route messages.")] = False,
    llm: Annotated[list[str] | None, typer.Option(help=f"{_SERVE} model (repeatable).")] = None,
    embedding: Annotated[
        list[str] | None, typer.Option(help=f"{_SERVE} embedder (repeatable).")
    ] = None,
    rag: Annotated[list[str] | None, typer.Option(help=f"{_SERVE} store (repeatable).")] = None,
    gguf: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Load this model, for the --llm or --embedding."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="This worker's name. It hosts what a plan places on it.")
    ] = None,
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
    """Host regions, serve models and stores, route messages, until SIGTERM or Ctrl-C.

    Then running steps have --grace seconds to finish; what is unfinished is handed back to other
    workers. A second signal stops at once.
    """
    from workers import region as process

    set_up_logging(verbose + 1, quiet=quiet, form=log_format)
    offers = _offers(llm=llm, embedding=embedding, rag=rag)
    settings = load_settings(file=config, redis=redis, flags=_file_of(offers, gguf))
    if not (region or pool or label or name or postmaster or offers):
        raise BadInput(
            "nothing to do: name a region with --region NAME, or what plans place regions by with "
            "--pool, --label or --name, or what to serve with --llm, --embedding or --rag NAME, or "
            "give --postmaster"
        )
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
        resources=offers,
        pools=tuple(dict.fromkeys(pool or ())),
        labels=_labels(label or ()),
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


def _labels(pairs: Sequence[str]) -> dict[str, str]:
    labels: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise BadInput(f"--label {pair}: expected KEY=VALUE, such as --label gpu=yes")
        if labels.setdefault(key, value) != value:
            raise BadInput(f"--label {pair}: {key} is {labels[key]} already; give it once")
    return labels


def _offers(**names: list[str] | None) -> tuple[Offer, ...]:
    return tuple(
        Offer(cast("ResourceKind", kind), name)
        for kind, given in names.items()
        for name in dict.fromkeys(given or ())
    )


def _file_of(offers: tuple[Offer, ...], file: Path | None) -> dict[tuple[str, ...], object]:
    """The settings by which the one model that is offered is this file."""
    if file is None:
        return {}
    models = [(offer.kind, offer.name) for offer in offers if offer.kind != "rag"]
    if len(models) != 1:
        raise BadInput("--gguf FILE goes with one --llm NAME or one --embedding NAME")
    return {(*models[0], "gguf"): str(file), (*models[0], "url"): None}


def main() -> None:
    """The console script."""
    run_app(app)
