"""JSON files as documents."""

from __future__ import annotations

import json
from pathlib import Path

from regions_dist.domain.files import parse_json
from regions_dist.errors import FileProblem

__all__ = ["read_json", "write_json"]


def read_json(file: str | Path) -> object:
    """The document in a file. Raises FileProblem where it cannot be read, or is not JSON."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise FileProblem(f"{file}: cannot be read: {error.strerror}", where=str(file)) from None
    except UnicodeDecodeError as error:
        raise FileProblem(f"{file}: is not text in UTF-8: {error}", where=str(file)) from None
    return parse_json(text, str(file))


def write_json(file: str | Path, document: object) -> None:
    """Write a document to a file, for people to read."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    Path(file).write_text(text + "\n", encoding="utf-8")
