"""Rows for people and for pipes: an aligned table on a terminal, elsewhere tabs between cells."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["one_line", "print_rows", "seconds_text"]

_PRECISE: Final = 10.0
"""Seconds below which hundredths are of interest."""
_STYLES: Final = {
    "running": "cyan",
    "paused": "yellow",
    "interrupted": "yellow",
    "succeeded": "green",
    "failed": "red",
    "timed out": "red",
    "cancelled": "red",
    "inherited": "dim",
    "waiting": "dim",
}


def print_rows(rows: Iterable[Sequence[str]], headings: Sequence[str] = ()) -> None:
    """Print a row a line on stdout; headings, and colours for states, on a terminal only."""
    if sys.stdout.isatty():
        _print_table(rows, headings)
        return
    for row in rows:
        sys.stdout.write("\t".join(map(one_line, row)).rstrip("\t") + "\n")


def seconds_text(seconds: float | None) -> str:
    """A duration, such as "12.3 s"; "" for one that is not known."""
    if seconds is None:
        return ""
    return f"{seconds:.2f} s" if seconds < _PRECISE else f"{seconds:.1f} s"


def one_line(text: str) -> str:
    """``text`` without what would break the line, or steer a terminal."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())


def _print_table(rows: Iterable[Sequence[str]], headings: Sequence[str]) -> None:
    from rich.console import Console  # noqa: PLC0415 most commands need it not
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, show_header=bool(headings), header_style="dim")
    table_rows = [[one_line(cell) for cell in row] for row in rows]
    width = max((len(row) for row in table_rows), default=0)
    for number in range(width):
        heading = headings[number] if number < len(headings) else ""
        table.add_column(heading, overflow="fold", no_wrap=number < width - 1)
    for row in table_rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)
