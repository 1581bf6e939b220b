"""What the console scripts share: common options, logging, and errors as one clear line."""

from __future__ import annotations

import importlib
import json
import logging
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal

import typer

from regions_dist.errors import BadInput, RegionsError, Unavailable

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
LogFormat = Annotated[Literal["text", "json"], typer.Option(help="Form of the log.")]
Version = Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)]


def app_of(text: str) -> typer.Typer:
    """A command line application of this project."""
    return typer.Typer(
        help=text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )


def import_modules(names: list[str] | None) -> None:
    """Import the user's own modules of region types. Raises BadInput where one cannot be."""
    sys.path.insert(0, str(Path.cwd()))
    for name in names or ():
        try:
            importlib.import_module(name)
        except Exception as error:
            raise BadInput(f"--import {name}: {type(error).__name__}: {error}") from error


def print_json(document: object) -> None:
    """Print a document on stdout."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {"at": record.created, "level": record.levelname, "message": record.getMessage()}
        return json.dumps(fields)


def set_up_logging(verbose: int, *, quiet: bool, form: str) -> None:
    """Send the log to stderr: warnings, with ``-v`` information, with ``-vv`` everything."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(_JsonLines() if form == "json" else text)
    levels = {0: logging.WARNING, 1: logging.INFO}
    level = logging.ERROR if quiet else levels.get(verbose, logging.DEBUG)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(max(level, logging.WARNING))


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
