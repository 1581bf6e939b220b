"""A listener's terminal: a line for each message it hears."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["ListenerTerminal", "line_of"]


class ListenerTerminal:
    """Writes to ``stream``; in colour where that is a terminal, and without escape codes else."""

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """Print one record of the trace: its id, who writes to whom, and what."""
        self._console.print(line_of(run, listener, record))


def line_of(run: str, listener: str, record: dict[str, Any]) -> Text:
    """A record of the trace as one line."""
    return Text.assemble(
        (_one_line(f"{run} {listener} {record['id']} "), "dim"),
        (_one_line(f"{record['source']} → {record['destination']} "), "bold cyan"),
        (f"{record['role']}: ", "magenta"),
        _one_line(record["content"]),
    )


def _one_line(text: str) -> str:
    """``text`` without line breaks and control characters, which could steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
