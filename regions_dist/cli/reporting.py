"""The command that writes a run as a page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from regions_dist.cli.options import Config, Json, RedisUrl, RunName, print_json
from regions_dist.config import load_settings
from regions_dist.errors import BadInput

__all__ = ["app"]

app = typer.Typer()


@app.command(epilog="Example: regions-coordinator report 20250314-0926-5a1c --html run.html")
def report(
    run: RunName,
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="Write the page here.")],
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
) -> None:
    """Write a run as one HTML page: answers, timeline, messages and regions.

    The page needs nothing else, and asks nobody for anything: it can be sent and kept.
    """
    from regions_dist.runs.report import report_page
    from regions_dist.runs.stored_runs import read_run

    record = asyncio.run(read_run(load_settings(file=config, redis=redis), run))
    page = report_page(record)
    try:
        html.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"--html {html}: cannot be written: {error.strerror}", where="html"
        ) from None
    if as_json:
        print_json({"run": run, "file": str(html), "bytes": len(page.encode())})
    else:
        typer.echo(f"{html}: {run}, on one page", err=True)
