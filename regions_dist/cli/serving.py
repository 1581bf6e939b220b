"""The command that serves the HTTP API and the editor."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from regions_dist.cli.options import (
    INTERRUPTED,
    Config,
    Imports,
    Json,
    LogFormat,
    Quiet,
    RedisUrl,
    Verbose,
    import_modules,
    set_up_logging,
)
from regions_dist.config import load_settings
from regions_dist.errors import FileProblem

__all__ = ["app"]

app = typer.Typer()

_TOKEN = "REGIONS_API_TOKEN"  # noqa: S105 a variable's name


@app.command(epilog="Example: regions-coordinator serve --open")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 8765,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the editor.")] = False,
    token_file: Annotated[
        Path | None, typer.Option(help="File with the token that who asks must send.")
    ] = None,
    imports: Imports = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Serve the HTTP API and the editor, until Ctrl-C.

    On an address other than this machine's own a token is required: REGIONS_API_TOKEN, or
    --token-file. With a broker configured, runs are carried out by the cluster; otherwise each
    run gets a broker, workers and a model here, which end with it.
    """
    from regions_dist.api.server import Address
    from regions_dist.api.server import serve as serve_until_told
    from regions_dist.cli.watching import show_in_browser

    set_up_logging(verbose, quiet=quiet, form=log_format)
    import_modules(imports)
    settings = load_settings(file=config, redis=redis)
    address = Address(host, port, _api_token(token_file))

    def up(url: str) -> None:
        typer.echo(json.dumps({"url": url}) if as_json else url)
        sys.stdout.flush()
        if not quiet:
            typer.echo("the editor and the API are there; Ctrl-C ends them", err=True)
        if open_browser:
            page = f"{url}/?token={address.token}" if address.token else url
            # On the side, for some browsers are waited for until they are closed.
            threading.Thread(target=show_in_browser, args=(page,), daemon=True).start()

    told = asyncio.run(serve_until_told(settings, address, up, tuple(imports or ())))
    raise typer.Exit(INTERRUPTED if told == signal.SIGINT else 0)


def _api_token(file: Path | None) -> str | None:
    """The token that is asked of who comes: of the file, else of the environment, else none."""
    if file is None:
        return os.environ.get(_TOKEN, "").strip() or None
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FileProblem(f"--token-file {file}: cannot be read: {error}") from None
    if not token:
        raise FileProblem(f"--token-file {file}: is empty, expected a token")
    return token
