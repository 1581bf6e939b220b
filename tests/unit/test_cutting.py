"""Which knowledge is left out first, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions_dist.domain.cutting import KEPT, cut, cut_note

LONG = "word " * 200

KNOWLEDGE = [("A", f"oldest {LONG}"), ("B", f"older {LONG}"), ("A", f"new {LONG}"), ("B", LONG)]


def test_nothing_is_cut_where_nothing_has_to_be() -> None:
    assert cut(KNOWLEDGE, 0) == (KNOWLEDGE, {})


def test_the_oldest_reply_is_shortened_first() -> None:
    kept, cuts = cut(KNOWLEDGE, 300)
    assert kept[1:] == KNOWLEDGE[1:]
    assert kept[0][1].startswith("oldest word")
    assert kept[0][1].endswith(" […]")
    assert cuts == {"A": len(KNOWLEDGE[0][1]) - len(kept[0][1])}
    assert cuts["A"] >= 300


def test_a_reply_of_which_nothing_would_be_left_goes_whole() -> None:
    kept, cuts = cut(KNOWLEDGE, len(KNOWLEDGE[0][1]))
    assert kept == KNOWLEDGE[1:]
    assert cuts == {"A": len(KNOWLEDGE[0][1])}


def test_the_newest_of_a_source_is_cut_only_when_no_older_one_is_left() -> None:
    older = sum(len(content) for _, content in KNOWLEDGE[:2])
    kept, cuts = cut(KNOWLEDGE, older + 100)
    assert [source for source, _ in kept] == ["A", "B"]
    assert len(kept[0][1]) < len(KNOWLEDGE[2][1])
    assert kept[1] == KNOWLEDGE[3]
    assert set(cuts) == {"A", "B"}


def test_a_source_that_spoke_once_is_heard_before_the_old_words_of_another() -> None:
    knowledge = [("Once", LONG), ("Often", LONG), ("Often", LONG)]
    kept, _ = cut(knowledge, len(LONG))
    assert kept == [knowledge[0], knowledge[2]]


def test_the_beginning_of_each_sources_newest_reply_stays_whatever_is_asked() -> None:
    kept, cuts = cut(KNOWLEDGE, 10**6)
    assert [source for source, _ in kept] == ["A", "B"]
    assert all(KEPT // 2 < len(content) <= KEPT for _, content in kept)
    assert sum(cuts.values()) < 10**6


def test_a_short_newest_reply_is_left_alone() -> None:
    assert cut([("A", "It burned.")], 5) == ([("A", "It burned.")], {})


@pytest.mark.parametrize(
    ("text", "end"),
    [("line\n" * 100, "line […]"), ("words " * 100, "words […]"), ("x" * 500, "x […]")],
)
def test_a_reply_ends_at_the_end_of_a_line_or_word(text: str, end: str) -> None:
    ((_, content), _), _ = cut([("A", text), ("A", "new")], 150)
    assert content.endswith(end)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.text(max_size=600)), max_size=8),
    st.integers(0, 5000),
)
def test_what_is_told_as_cut_is_what_is_missing(
    knowledge: list[tuple[str, str]], characters: int
) -> None:
    kept, cuts = cut(knowledge, characters)
    missing = sum(len(text) for _, text in knowledge) - sum(len(text) for _, text in kept)
    assert missing == sum(cuts.values())
    assert all(count > 0 for count in cuts.values())


def test_the_note_names_source_and_characters() -> None:
    assert cut_note({"Facts": 1234, "Lives": 5}) == "1,234 characters of Facts, 5 of Lives"
