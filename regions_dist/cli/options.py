"""What the console scripts share: common options, logging, and errors as one clear line."""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from regions_dist.domain import registry
from regions_dist.errors import BadInput, RegionsError, Unavailable
from regions_dist.logs import LogForm, set_up_logging

__all__ = [
    "Config",
    "ExecutionsFile",
    "Imports",
    "Json",
    "LogFormat",
    "PlanFile",
    "Quiet",
    "RedisUrl",
    "RegionsFile",
    "RunName",
    "Verbose",
    "Version",
    "app_of",
    "import_modules",
    "print_json",
    "run_app",
    "set_up_logging",
]

RUN_FAILED, BAD_INPUT, GAVE_UP, INTERRUPTED = 1, 2, 3, 130


def _show_version(wanted: bool) -> None:  # noqa: FBT001 typer's callback
    if wanted:
        typer.echo(version("regions-dist"))
        raise typer.Exit


RedisUrl = Annotated[str | None, typer.Option("--redis", help="The broker's URL.", metavar="URL")]
Config = Annotated[Path | None, typer.Option("--config", help="Machine config (TOML).")]
Imports = Annotated[
    list[str] | None, typer.Option("--import", help="Module with region types of your own.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PlanFile = Annotated[Path | None, typer.Argument(metavar="[PLAN]", help="A plan, or a full state.")]
RegionsFile = Annotated[Path | None, typer.Option("--regions", help="A regions file.")]
ExecutionsFile = Annotated[Path | None, typer.Option("--executions", help="Its executions.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="The run's name.")]
Verbose = Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors.")]
LogFormat = Annotated[LogForm, typer.Option(help="Form of the log.")]
Version = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)]


def app_of(text: str) -> typer.Typer:
    """A command line application of this project."""
    return typer.Typer(
        help=text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )


def import_modules(names: list[str] | None) -> None:
    """Import the user's own modules of region types. Raises BadInput where one cannot be."""
    sys.path.insert(0, str(Path.cwd()))
    registry.import_modules(names or ())


def print_json(document: object) -> None:
    """Print a document on stdout."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def run_app(app: typer.Typer) -> None:
    """Run the application; an error of ours is one line on stderr and its exit code."""
    try:
        app()
    except RegionsError as error:
        sys.stderr.write(f"error: {error.message}\n")
        sys.exit(_exit_code(error))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _exit_code(error: RegionsError) -> int:
    if isinstance(error, BadInput):
        return BAD_INPUT
    return GAVE_UP if isinstance(error, Unavailable) else RUN_FAILED
