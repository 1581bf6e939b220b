"""Which knowledge is left out of a prompt that is too long for the model.

The rule: older replies go first, the oldest of all before the others. Only when none is left, the
newest reply of each source is shortened too, the oldest first, but never to less than its first
``KEPT`` characters. A reply is shortened from its end, at the end of a line or word.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Knowledge = Sequence[tuple[str, str]]

__all__ = ["KEPT", "cut", "cut_note"]

KEPT: Final = 200
MARK: Final = " […]"


def cut(knowledge: Knowledge, characters: int) -> tuple[Knowledge, dict[str, int]]:
    """``knowledge``, (source, content) in order of arrival, shorter by at least ``characters``.

    And how many characters of each source were left out: fewer in all than asked for where the
    rule allows no more.
    """
    newest = {source: place for place, (source, _) in enumerate(knowledge)}
    order = sorted(range(len(knowledge)), key=lambda place: place in newest.values())
    texts = [content for _, content in knowledge]
    cuts: Counter[str] = Counter()
    for place in order:
        left = characters - cuts.total()
        if left <= 0:
            break
        source, content = knowledge[place]
        least = KEPT if place == newest[source] else 0
        texts[place] = _shorten(content, max(len(content) - left, least))
        cuts[source] += len(content) - len(texts[place])
    kept = [(source, text) for (source, _), text in zip(knowledge, texts, strict=True) if text]
    return kept, dict(+cuts)


def cut_note(cuts: Mapping[str, int]) -> str:
    """What was left out, for people; of one source at least."""
    (first, most), *others = cuts.items()
    rest = (f"{count:,} of {source}" for source, count in others)
    return ", ".join((f"{most:,} characters of {first}", *rest))


def _shorten(text: str, most: int) -> str:
    """The start of ``text``: whole lines that fit, else whole words, else what fits."""
    if len(text) <= most:
        return text
    if most <= len(MARK):
        return ""
    room = most - len(MARK)
    start = text[:room]
    ends = (start.rfind("\n"), start.rfind(" "))
    end = next((end for end in ends if end > room // 2), room)
    return start[:end].rstrip() + MARK
