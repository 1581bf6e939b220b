"""A listener's file: a JSON line for each message it hears."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ListenerFile"]


class ListenerFile:
    """Writes to ``<folder>/<run>/<listener>.jsonl``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hear(self, run: str, listener: str, record: dict[str, Any]) -> None:
        """Append one record of the trace."""
        file = self._folder / run / f"{quote(listener, safe=' ')}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
