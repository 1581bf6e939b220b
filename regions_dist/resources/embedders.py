"""Embedders: one behind an OpenAI-compatible server, and one inside this process."""

from __future__ import annotations

import asyncio
import base64
import logging
import math
import sys
import threading
from array import array
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regions_dist.errors import ModelUnavailable
from regions_dist.resources.http import Endpoint
from regions_dist.resources.model_facts import first_model
from regions_dist.resources.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from regions_dist.config import EmbeddingSettings

__all__ = ["HttpEmbedder", "WordLlamaEmbedder"]

_UNNAMED: Final = "default"


class HttpEmbedder:
    """The Embedder port over ``/v1/embeddings``.

    ``model`` is the configured name, or "" until the server's list of models has told it.
    """

    def __init__(
        self,
        settings: EmbeddingSettings,
        name: str = "default",
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.name = name
        self.model = settings.model or ""
        self.dimension: int | None = None
        self._settings = settings
        self._endpoint = Endpoint(settings, f"the embedder {name!r}", wait=wait)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text. Raises ModelUnavailable, and BadAnswer for unusable vectors."""
        if not self.model:
            self.model = await self._listed() or _UNNAMED
        vectors: list[list[float]] = []
        for start in range(0, len(texts), self._settings.batch):
            vectors += await self._batch(texts[start : start + self._settings.batch])
        return vectors

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def rest(self) -> None:
        """Close the connections if no call is under way; the next call opens new ones."""
        await self._endpoint.rest()

    async def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": self.model, "input": list(texts), **self._settings.params}
        answer = await self._endpoint.post("embeddings", body)
        try:
            vectors = [_vector(item["embedding"]) for item in _in_order(answer["data"])]
        except (KeyError, TypeError, ValueError):
            raise self._endpoint.bad_answer("it holds no embeddings", answer) from None
        self._check(vectors, len(texts), answer)
        return vectors

    def _check(self, vectors: list[list[float]], expected: int, answer: Any) -> None:
        if len(vectors) != expected:
            reason = f"{len(vectors)} vectors for {expected} texts"
            raise self._endpoint.bad_answer(reason, answer)
        if not all(math.isfinite(number) for vector in vectors for number in vector):
            raise self._endpoint.bad_answer("a vector holds a number that is not finite", answer)
        self.dimension = self.dimension or len(vectors[0])
        odd = next((len(vector) for vector in vectors if len(vector) != self.dimension), None)
        if odd is not None or not self.dimension:
            reason = f"a vector has {odd} dimensions instead of {self.dimension}"
            raise self._endpoint.bad_answer(reason, answer)

    async def _listed(self) -> str | None:
        try:
            return first_model(await self._endpoint.get("models"), embedding=True)
        except Refused:
            return None


def _in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items by ``index``, where they have one. Raises ValueError where one is missing."""
    places = [item.get("index", place) for place, item in enumerate(items)]
    if sorted(places) != list(range(len(items))):
        raise ValueError
    return [item for _, item in sorted(zip(places, items, strict=True), key=itemgetter(0))]


def _vector(embedding: Any) -> list[float]:
    """The numbers of an embedding, which may be base64 of 32-bit floats, the lowest byte first."""
    if not isinstance(embedding, str):
        return [float(number) for number in embedding]
    numbers = array("f", base64.b64decode(embedding, validate=True))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


class WordLlamaEmbedder:
    """The Embedder port without a server: static word vectors that come with ``wordllama``.

    The vectors are loaded by the first call, from the installed package; no network is used.
    """

    model = "wordllama-256"

    def __init__(self) -> None:
        self.dimension: int | None = 256
        self._loaded: Any = None
        self._lock = threading.Lock()

    def load(self) -> None:
        """Load the vectors now, such as before forking. Raises ModelUnavailable."""
        with self._lock:
            self._loaded = self._loaded or _load_wordllama()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text. Raises ModelUnavailable where wordllama is not installed."""
        return await asyncio.to_thread(self._embed, list(texts))

    async def aclose(self) -> None:
        """Nothing to close: here so that all embedders can be treated alike."""

    async def rest(self) -> None:
        """Nothing to close either."""

    def _embed(self, texts: list[str]) -> list[list[float]]:
        self.load()
        vectors: list[list[float]] = self._loaded.embed(texts).tolist() if texts else []
        return vectors


def _load_wordllama() -> Any:
    try:
        with _logging_left_alone():
            import wordllama  # noqa: PLC0415 - slow to import, and not needed with a server
    except ImportError as error:
        raise ModelUnavailable(
            f"the embedded embedder cannot be loaded ({error}). Install wordllama, or name an "
            "embedding server: REGIONS_EMBEDDING_URL, or [embedding.default] in the config",
            where="embedding",
        ) from None
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent)


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """wordllama sets up the root logger when it is imported, which is the program's affair."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
