"""Files of documents for a RAG store: ``.txt`` and ``.md``, or JSON with actors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["read_documents"]


def read_documents(files: Sequence[Path]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Text, actors and id of each document: a text file is one, a JSON file holds many.

    A JSON document is ``{"content", "actors": [], "document_id"?}``; ids left out are made of the
    file's name and the document's number. Raises FileProblem.
    """
    for file in files:
        text = _read(file)
        if file.suffix in {".json", ".jsonl"}:
            for number, item in enumerate(_items(file, text), start=1):
                yield _document(file, number, item)
        else:
            yield text, (), file.name


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FileProblem(f"{file}: cannot be read: {error.strerror}", where=str(file)) from None
    except UnicodeDecodeError as error:
        raise FileProblem(f"{file}: is not text in UTF-8: {error}", where=str(file)) from None


def _items(file: Path, text: str) -> list[Any]:
    try:
        if file.suffix == ".jsonl":
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        items = json.loads(text)
    except json.JSONDecodeError as error:
        raise FileProblem(f"{file}: is not JSON: {error}", where=str(file)) from None
    return items if isinstance(items, list) else [items]


def _document(file: Path, number: int, item: Any) -> tuple[str, tuple[str, ...], str]:
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        raise FileProblem(
            f'{file}: document {number}: expected {{"content": text, "actors": [names]}}, '
            f"found {str(item)[:80]}",
            where=f"{file}:{number}",
        )
    actors = tuple(str(actor) for actor in item.get("actors") or ())
    return item["content"], actors, str(item.get("document_id") or f"{file.name}#{number}")
