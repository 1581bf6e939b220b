"""A stub of an embedder whose vectors count words, and stores that use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regions_dist.config import RagSettings
from regions_dist.domain.resources import Fragment
from regions_dist.errors import ModelUnavailable
from regions_dist.resources.documents import Document
from regions_dist.resources.rag_store import RagStore
from tests.stub_model import word_vector

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["StubEmbedder", "document", "store_in", "texts"]


class StubEmbedder:
    """A stub, no model: counts words; fails while ``down``, or once ``calls_left`` are used up.

    ``calls`` holds the texts of each call.
    """

    def __init__(self, model: str = "words", dimension: int = 256) -> None:
        self.model = model
        self.dimension: int | None = dimension
        self.down = False
        self.calls_left: int | None = None
        self.calls: list[list[str]] = []

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Count the words of each text."""
        if self.down or self.calls_left == 0:
            raise ModelUnavailable("the stub embedder is down")
        if self.calls_left:
            self.calls_left -= 1
        self.calls.append(list(texts))
        return [word_vector(text, self.dimension or 0) for text in texts]


def store_in(folder: Path, embedder: Any = None, **settings: int) -> RagStore:
    """A store in ``facts.db`` of a folder that is made where it is missing."""
    spec = RagSettings(path=folder / "sub" / "facts.db", **settings)  # type: ignore[arg-type]
    return RagStore(spec, embedder or StubEmbedder())


def document(name: str, *parts: str, actors: tuple[str, ...] = ()) -> Document:
    """A document with these parts, all about the same actors."""
    return Document(name, tuple(Fragment(text, actors) for text in parts))


async def texts(store: RagStore, query: str = "ada", threshold: float = -1.0) -> list[str]:
    """What a search finds, best first."""
    return [found.text for found in await store.retrieve_similar(query, threshold, 1000)]
