"""Cutting texts into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regions_dist.errors import BadInput
from regions_dist.resources.chunks import chunks


def test_a_short_text_is_one_chunk() -> None:
    assert chunks(" Ada keeps bees. ", 100, 10) == ["Ada keeps bees."]


def test_an_empty_text_has_no_chunks() -> None:
    assert chunks(" \n ", 100, 10) == []


def test_a_text_is_cut_at_the_end_of_a_sentence() -> None:
    text = "Ada keeps bees. Bruno bakes bread every day."
    assert chunks(text, 30, 0) == ["Ada keeps bees.", "Bruno bakes bread every day."]


def test_a_text_without_sentences_is_cut_between_words() -> None:
    assert chunks("one two three four", 10, 0) == ["one two", "three four"]


def test_a_word_longer_than_a_chunk_is_cut_hard() -> None:
    assert chunks("abcdefghij", 4, 0) == ["abcd", "efgh", "ij"]


def test_an_overlap_repeats_whole_words() -> None:
    assert chunks("one two three four five", 14, 6) == ["one two three", "three four", "four five"]


def test_no_overlap_stays_no_overlap() -> None:
    assert "".join(chunks("abcdefghijklmnop" * 20, 64, 0)) == "abcdefghijklmnop" * 20


@pytest.mark.parametrize(("size", "overlap"), [(50, 50), (50, 60), (50, -1), (0, 0)])
def test_sizes_that_would_never_end_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(BadInput, match="expected"):
        chunks("some text", size, overlap)


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(1, 40), st.integers(0, 39))
def test_chunks_fit_and_lose_nothing(text: str, size: int, overlap: int) -> None:
    overlap = min(overlap, size - 1)
    pieces = chunks(text, size, overlap)
    assert all(0 < len(piece) <= size for piece in pieces)
    place = 0
    for piece in pieces:
        found = text.find(piece, max(0, place - overlap - size))
        assert found >= 0
        place = found + len(piece)
    if overlap == 0:
        assert "".join("".join(pieces).split()) == "".join(text.split())
