"""Documents for a RAG store, and the files that hold them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from regions_dist.domain.resources import Fragment
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Document", "read_documents"]


@dataclass(frozen=True, slots=True)
class Document:
    """A text under an id of its own, in one or more parts that may be about different actors."""

    id: str
    parts: tuple[Fragment, ...]


def read_documents(files: Sequence[Path], actors: Sequence[str] = ()) -> list[Document]:
    """All documents of ``files``, read before anything is done with one.

    A ``.json`` file (one object or a list) or ``.jsonl`` file holds ``{"content", "actors": [],
    "document_id"?}``; objects of one file with the same id are the parts of one document, and one
    without is named after file and number. Any other file is one document, named after its path.
    ``actors`` are added to all. Raises FileProblem, which names file and place.
    """
    parts: dict[str, list[Fragment]] = {}
    for file in files:
        for name, part in _parts(file, file.resolve().as_posix()):
            names = tuple(dict.fromkeys((*part.actors, *actors)))
            parts.setdefault(name, []).append(Fragment(part.text, names))
    return [Document(name, tuple(listed)) for name, listed in parts.items()]


def _parts(file: Path, name: str) -> Iterator[tuple[str, Fragment]]:
    text = _read(file)
    if file.suffix.lower() in {".json", ".jsonl"}:
        for place, number, item in _items(file, text):
            yield _part(item, place, f"{name}#{number}")
    else:
        yield name, Fragment(text)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileProblem(f"{file}: cannot be read: {error.strerror}", where=str(file)) from None
    except UnicodeDecodeError as error:
        raise FileProblem(
            f"{file}: byte {error.start}: expected text in UTF-8, found {error.reason}",
            where=f"{file}:{error.start}",
        ) from None


def _items(file: Path, text: str) -> Iterator[tuple[str, int, Any]]:
    """Each object with its place, for messages, and its number."""
    if file.suffix.lower() == ".jsonl":
        # Not splitlines(): JSON may hold other line ends of Unicode unescaped.
        lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        for count, (number, line) in enumerate(lines, 1):
            yield f"{file}: line {number}", count, _parsed(line, f"{file}: line {number}")
        return
    document = _parsed(text, str(file))
    for number, item in enumerate(document if isinstance(document, list) else [document], 1):
        yield f"{file}: document {number}", number, item


def _parsed(text: str, place: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise FileProblem(f"{place}: is not JSON: {error}", where=place) from None


def _part(item: Any, place: str, name: str) -> tuple[str, Fragment]:
    if not isinstance(item, dict) or not isinstance(item.get("content"), str):
        raise FileProblem(
            f'{place}: expected {{"content": text, "actors": [names]}}, found {_short(item)}',
            where=place,
        )
    actors = item.get("actors") or []
    if not isinstance(actors, list) or not all(isinstance(actor, str) for actor in actors):
        raise FileProblem(
            f"{place}: actors: expected a list of names, found {_short(actors)}",
            where=f"{place}: actors",
        )
    identity = item.get("document_id")
    if not isinstance(identity, str | int | None):
        raise FileProblem(
            f"{place}: document_id: expected a text, found {_short(identity)}",
            where=f"{place}: document_id",
        )
    return name if identity in {None, ""} else str(identity), Fragment(item["content"], (*actors,))


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:79]}…"  # noqa: PLR2004  a line's length
