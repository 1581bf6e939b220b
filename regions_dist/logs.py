"""What a process says on stderr: as text, or as JSON lines."""

from __future__ import annotations

import json
import logging
import sys
from typing import Literal

__all__ = ["LogForm", "set_up_logging"]

LogForm = Literal["text", "json"]


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {"at": record.created, "level": record.levelname, "message": record.getMessage()}
        return json.dumps(fields)


def set_up_logging(verbose: int, *, quiet: bool, form: LogForm) -> None:
    """Send the log to stderr: warnings, with ``-v`` information, with ``-vv`` everything."""
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S")
    handler.setFormatter(_JsonLines() if form == "json" else text)
    levels = {0: logging.WARNING, 1: logging.INFO}
    level = logging.ERROR if quiet else levels.get(verbose, logging.DEBUG)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel(max(level, logging.WARNING))
    logging.getLogger("arq").setLevel(logging.CRITICAL)  # it tells prompts; hosts of calls speak
