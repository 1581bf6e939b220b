"""What a worker without a terminal has heard, for the process that started it to show."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TerminalRelay"]


class TerminalRelay:
    """A file to which workers add records, and from which one process reads what is new in it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._read = file.stat().st_size if file.exists() else 0

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """Add one record of the trace."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps([run, listener, record]) + "\n"
        with self._file.open("ab", buffering=0) as lines:
            lines.write(line.encode())

    def news(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The runs, listeners and records that were added since, in order; whole lines only."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as lines:
            lines.seek(self._read)
            new = lines.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        return [tuple(json.loads(line)) for line in whole.splitlines()]
