"""Cut a text into pieces that a store can hold, at the ends of sentences or words."""

from __future__ import annotations

import re

from regions_dist.errors import BadInput

__all__ = ["check_sizes", "chunks"]

_SENTENCE_END = re.compile(r"[.!?…]['\")\]]*\s+|\n\s*\n\s*")
_WORD_END = re.compile(r"\s+")


def check_sizes(size: int, overlap: int) -> None:
    """Raise BadInput for sizes that no text can be cut by."""
    if size < 1:
        raise BadInput(f"chunk_size is {size}: expected at least 1 character", where="chunk_size")
    if not 0 <= overlap < size:
        raise BadInput(
            f"overlap is {overlap}: expected 0 or more, and less than chunk_size ({size})",
            where="overlap",
        )


def chunks(text: str, size: int = 512, overlap: int = 50) -> list[str]:
    """Pieces of at most ``size`` characters that together hold all of ``text`` but blanks.

    Each begins up to ``overlap`` characters before the end of the one before it, at a word's
    start where there is one.
    """
    check_sizes(size, overlap)
    text = text.strip()
    pieces = []
    start = 0
    while len(text) - start > size:
        cut = _cut(text, start, size, overlap)
        pieces.append(text[start:cut].strip())
        start = _next_start(text, cut, overlap)
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def _cut(text: str, start: int, size: int, overlap: int) -> int:
    """Where the piece from ``start`` ends: far enough that the next one begins further on."""
    end = start + size
    for boundary, earliest in ((_SENTENCE_END, size // 2), (_WORD_END, 0)):
        least = start + max(earliest, overlap) + 1
        cuts = [found.end() for found in boundary.finditer(text, start, end)]
        if cuts and cuts[-1] >= least:
            return cuts[-1]
    return end


def _next_start(text: str, cut: int, overlap: int) -> int:
    start = cut - overlap
    if overlap == 0 or text[start - 1].isspace():
        return start
    word = _WORD_END.search(text, start, cut)
    return word.end() if word and word.end() < cut else start
