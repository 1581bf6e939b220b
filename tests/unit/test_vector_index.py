"""The vectors in memory: they follow the store, and give exactly the best."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regions_dist.domain.resources import Fragment
from regions_dist.resources import store_schema
from regions_dist.resources.chunk_rows import add_chunk, add_document, change_chunk, remove_chunks
from regions_dist.resources.vector_index import VectorIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DIMENSION = 8


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    store_schema.prepare(connection, Path("facts.db"))
    add_document(connection, "d", None)
    return connection


def vectors(count: int, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def fill(connection: sqlite3.Connection, rows: Vectors) -> list[int]:
    return [add_chunk(connection, "d", Fragment("text"), row) for row in rows]


def expected(
    connection: sqlite3.Connection, query: Vectors, threshold: float
) -> list[tuple[int, float]]:
    """The same search by the definition, in float64."""
    rows = connection.execute("SELECT id, vector FROM chunks").fetchall()
    scores = [
        (number, float((np.frombuffer(blob, np.float32) * query.astype(np.float64)).sum()))
        for number, blob in rows
    ]
    near = [(number, score) for number, score in scores if score >= threshold - 1e-6]
    return sorted(near, key=lambda it: (-it[1], it[0]))


changes = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 12)),
        st.tuples(st.just("change"), st.integers(0, 40)),
        st.tuples(st.just("remove"), st.integers(0, 40)),
        st.tuples(st.just("look"), st.integers(1, 6)),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(changes, st.integers(0, 2**16), st.integers(5, 10_000))
def test_whatever_changes_a_search_finds_what_the_store_holds(
    steps: list[tuple[str, int]], seed: int, kept: int
) -> None:
    connection, index = database(), VectorIndex()
    fresh = iter(vectors(400, seed))
    ids: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_schema, "_CHANGES_KEPT", kept)
        for action, number in [*steps, ("look", 5)]:
            if action == "add":
                ids += fill(connection, np.array([next(fresh) for _ in range(number)]))
            elif action == "change" and ids:
                chunk = ids[number % len(ids)]
                change_chunk(connection, chunk, Fragment("new"), next(fresh))
            elif action == "remove" and ids:
                remove_chunks(connection, [ids.pop(number % len(ids))])
                add_document(connection, "d", None)
            elif action == "look":
                store_schema.trim_changes(connection)
                index.refresh(connection)
                query = vectors(1, seed + number)[0]
                found = index.similar(query, 0.1, number)
                assert dict(found) == pytest.approx(dict(expected(connection, query, 0.1)[:number]))
    connection.close()


def test_the_best_of_many_are_exactly_the_best_by_float64() -> None:
    connection, index = database(), VectorIndex()
    fill(connection, vectors(2000))
    index.refresh(connection)

    for query in vectors(20, seed=1):
        best = expected(connection, query, -1.0)
        assert [it[0] for it in index.similar(query, -1.0, 7)] == [it[0] for it in best[:7]]
        assert [it[0] for it in index.similar(query, 0.5)] == [it[0] for it in best if it[1] >= 0.5]
    connection.close()


def test_equal_vectors_come_in_the_order_of_ids_also_after_removals() -> None:
    connection, index = database(), VectorIndex()
    row = vectors(1)
    ids = fill(connection, np.repeat(row, 300, axis=0))
    index.refresh(connection)
    remove_chunks(connection, ids[:7])
    index.refresh(connection)

    assert [chunk for chunk, _ in index.similar(row[0], 0.9, 5)] == ids[7:12]
    connection.close()


def test_a_few_changes_are_read_without_loading_all_again() -> None:
    connection, index = database(), VectorIndex()
    fill(connection, vectors(100))
    index.refresh(connection)
    fill(connection, vectors(3, seed=1))

    read: list[str] = []
    connection.set_trace_callback(read.append)
    index.refresh(connection)
    connection.set_trace_callback(None)

    assert not any("FROM chunks ORDER BY id" in statement for statement in read)
    assert len(index.similar(vectors(1)[0], -1.0)) == 103
    connection.close()


def test_vectors_of_another_dimension_replace_the_old_ones() -> None:
    connection, index = database(), VectorIndex()
    ids = fill(connection, vectors(2))
    index.refresh(connection)
    for chunk in ids:
        change_chunk(connection, chunk, Fragment("t"), np.array([1, 0, 0], np.float32))
    index.refresh(connection)

    assert index.similar(np.array([1, 0, 0], np.float32), 0.9) == [(ids[0], 1.0), (ids[1], 1.0)]
    connection.close()
