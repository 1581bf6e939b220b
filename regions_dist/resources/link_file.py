"""A link to a model as a JSON file, without its secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from regions_dist.config import LLMSettings

__all__ = ["read_link", "write_link"]

_SECRETS: Final = {"api_key", "login", "headers"}


def write_link(path: Path | str, name: str, settings: LLMSettings) -> None:
    """Keep all that is not the default, but for key, login and headers."""
    kept = settings.model_dump(mode="json", exclude=_SECRETS, exclude_defaults=True)
    document = {"name": name} | kept
    Path(path).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def read_link(path: Path | str) -> dict[str, Any]:
    """The name and settings in a file. Raises FileProblem."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileProblem(f"{path}: cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError:
        raise FileProblem(f"{path}: is not JSON", where=str(path)) from None
    if not isinstance(document, dict) or not isinstance(document.get("url"), str):
        raise FileProblem(f"{path}: expected an object with a url", where=str(path))
    return document
