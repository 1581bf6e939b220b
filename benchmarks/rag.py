"""What the RAG store costs beside the arithmetic that it cannot do without.

    .venv/bin/python -m benchmarks.rag [--quick]

Searches 1 k, 10 k and 100 k vectors of 384 dimensions, and compares with one bare numpy product
over the same vectors, with faiss and with sqlite-vec; checks the results against float64; stores
10,000 chunks; weighs the memory. Exits with 1 where a bar is missed. ``--quick`` leaves out 100 k.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from regions_dist.config import RagSettings
from regions_dist.domain.resources import Fragment
from regions_dist.resources.documents import Document
from regions_dist.resources.rag_store import RagStore

try:
    import apsw
    import faiss
    import sqlite_vec
    import threadpoolctl
except ImportError:
    sys.exit("needs the packages of the group bench: uv pip install --group bench")

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

DIMENSION = 384
FOUND = 5
"""Chunks that a search gives by default."""

TOP = 10
"""Chunks of which recall is told."""

QUERIES = 50
MOST_RATIO = 1.5
LEAST_INGEST = 5_000
INGEST = 10_000
BARE_BARRED = (10_000, 100_000)


class InstantEmbedder:
    """No model: the text ``"chunk 7"`` has the seventh vector, and takes no time."""

    model = "instant"
    dimension: int | None = DIMENSION

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = list(vectors)

    async def embed(self, texts: Sequence[str]) -> Any:
        """The rows that the texts name."""
        return [self._vectors[int(text.split()[1])] for text in texts]


@dataclass
class Bars:
    """What was measured against what was promised."""

    missed: list[str] = field(default_factory=list)

    def hold(self, name: str, *, held: bool) -> str:
        """Note a bar; the mark to print behind it."""
        if not held:
            self.missed.append(name)
        return "ok" if held else "MISSED"


def unit_vectors(count: int) -> Vectors:
    """Random directions, always the same."""
    rows = np.random.default_rng(7).standard_normal((count, DIMENSION), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def documents(count: int) -> list[Document]:
    """One chunk each."""
    filler = "Ada keeps bees in the garden behind the old mill. " * 4
    return [Document(f"d{n}", (Fragment(f"chunk {n} {filler}", ("Ada",)),)) for n in range(count)]


async def timed(call: Callable[[], Awaitable[object]]) -> float:
    """Microseconds of one call."""
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1e6


async def side_by_side(
    bare: Callable[[], Awaitable[object]], store: Callable[[], Awaitable[object]], rounds: int
) -> tuple[float, float]:
    """Medians of both in microseconds, taken in turns so that neither has the warmer cache."""
    bares, stores = [], []
    for _ in range(rounds):
        bares.append(await timed(bare))
        stores.append(await timed(store))
        stores.append(await timed(store))
        bares.append(await timed(bare))
    return median(bares), median(stores)


def median_time(call: Callable[[], object], rounds: int) -> float:
    """Median of a call in microseconds."""
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1e6)
    return median(took)


def exact_top(vectors: Vectors, query: Vectors) -> list[int]:
    """The best rows by float64."""
    scores = vectors.astype(np.float64) @ query.astype(np.float64)
    return [int(row) for row in np.argsort(-scores, kind="stable")[:TOP]]


def time_faiss(vectors: Vectors, query: Vectors, rounds: int) -> float:
    """faiss IndexFlatIP: exact search in memory, no file and no texts."""
    index = faiss.IndexFlatIP(DIMENSION)
    index.add(vectors)
    return median_time(lambda: index.search(query[np.newaxis], FOUND), rounds)


def time_sqlite_vec(vectors: Vectors, query: Vectors, rounds: int) -> float:
    """sqlite-vec: exact search inside SQLite."""
    connection = apsw.Connection(":memory:")  # many Pythons' own sqlite3 can't load extensions
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.execute(
        f"CREATE VIRTUAL TABLE v USING vec0(e float[{DIMENSION}] distance_metric=cosine)"
    )
    rows = ((number, vector.tobytes()) for number, vector in enumerate(vectors))
    connection.executemany("INSERT INTO v(rowid, e) VALUES (?, ?)", rows)
    ask = "SELECT rowid, distance FROM v WHERE e MATCH ? AND k = ?"
    asked = (query.tobytes(), FOUND)
    return median_time(lambda: connection.execute(ask, asked).fetchall(), rounds)


async def recall(store: RagStore, vectors: Vectors, queries: Vectors) -> float:
    """The share of the best by float64 that the store gives, in the same order."""
    right = 0
    for number, query in enumerate(queries):
        found = await store.retrieve_similar(f"query {len(vectors) + number}", -1.0, TOP)
        rows = [int(memory.document[1:]) for memory in found]
        right += sum(a == b for a, b in zip(rows, exact_top(vectors, query), strict=True))
    return right / (TOP * len(queries))


async def search(folder: Path, count: int, bars: Bars) -> None:
    """One line of the table of searches."""
    known = unit_vectors(count + QUERIES)
    vectors, queries = known[:count].copy(), known[count:]
    store = RagStore(RagSettings(path=folder / f"{count}.db"), InstantEmbedder(known))
    await store.add(documents(count))
    query = queries[0].copy()

    async def bare() -> object:
        return vectors @ query

    async def whole() -> object:
        return await store.retrieve_similar(f"query {count}", -1.0)

    await whole()
    rounds = 200 if count <= INGEST else 40
    product, searched = await side_by_side(bare, whole, rounds)
    right = await recall(store, vectors, queries)
    ratio = searched / product
    mark = bars.hold(f"recall at {count}", held=right == 1.0)
    if count in BARE_BARRED:
        mark = bars.hold(f"ratio at {count}", held=ratio <= MOST_RATIO) if right == 1.0 else mark
    flat = time_faiss(vectors, query, rounds)
    in_sqlite = time_sqlite_vec(vectors, query, rounds // 4)
    print(
        f"{count:>8,} {product:>10,.0f} {searched:>10,.0f} {ratio:>7.2f}"
        f" {searched - product:>8,.0f} {flat:>10,.0f} {in_sqlite:>12,.0f} {right:>7.3f}  {mark}"
    )
    store.close()


async def ingest(folder: Path, bars: Bars) -> None:
    """How fast chunks go in when the embedder takes no time."""
    store = RagStore(RagSettings(path=folder / "in.db"), InstantEmbedder(unit_vectors(INGEST)))
    given = documents(INGEST)
    began = time.perf_counter()
    await store.add(given)
    rate = INGEST / (time.perf_counter() - began)
    store.close()
    mark = bars.hold("ingest", held=rate >= LEAST_INGEST)
    print(f"ingest: {INGEST:,} chunks at {rate:,.0f} chunks/s (bar {LEAST_INGEST:,})  {mark}")


async def weigh(file: Path, count: int) -> None:
    """In a process of its own: the bytes that a store's vectors add to it."""
    store = RagStore(RagSettings(path=file), InstantEmbedder(unit_vectors(1)))
    await store.get_stats()
    before = psutil.Process().memory_info().rss
    await store.retrieve_similar("chunk 0", -1.0)
    print((psutil.Process().memory_info().rss - before) / count)


def memory(folder: Path, count: int) -> None:
    """Memory and file size for each chunk."""
    file = folder / f"{count}.db"
    program = [sys.executable, __file__, "--weigh", str(file), str(count)]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    own = DIMENSION * 4
    print(
        f"memory: {float(told):,.0f} bytes a chunk at {count:,}, its vector's {own:,} among them; "
        f"file: {file.stat().st_size / count:,.0f} bytes a chunk"
    )


def describe_machine() -> None:
    """What the figures depend on."""
    pools = threadpoolctl.threadpool_info()
    blas = ", ".join(
        f"{pool['internal_api']} {pool.get('version')} kernel {pool.get('architecture')} "
        f"with {pool['num_threads']} threads"
        for pool in pools
        if pool["user_api"] == "blas" and "numpy" in pool["filepath"]
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load}; numpy {np.__version__}")
    print(f"numpy multiplies with {blas}\n")


async def measure(sizes: Sequence[int]) -> list[str]:
    """Everything in one run; the bars that were missed."""
    bars = Bars()
    describe_machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("exact search, microseconds (medians)")
        print(
            f"{'vectors':>8} {'numpy':>10} {'store':>10} {'ratio':>7} {'added':>8} {'faiss':>10}"
            f" {'sqlite-vec':>12} {'recall':>7}  ratio at most {MOST_RATIO} from 10,000"
        )
        for count in sizes:
            await search(folder, count, bars)
        print()
        await ingest(folder, bars)
        memory(folder, sizes[-1])
    return bars.missed


def main() -> None:
    """Measure, or weigh where a process was started for that."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="leave out 100,000 vectors")
    parser.add_argument("--weigh", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.weigh:
        asyncio.run(weigh(Path(given.weigh[0]), int(given.weigh[1])))
        return
    sizes = (1_000, 10_000) if given.quick else (1_000, 10_000, 100_000)
    missed = asyncio.run(measure(sizes))
    if missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
