"""A RAG store with an embedder of its own, for programs that have no machine config."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from regions_dist.config import EmbeddingSettings, RagSettings
from regions_dist.errors import BadInput, FileProblem
from regions_dist.resources.embedders import HttpEmbedder, WordLlamaEmbedder
from regions_dist.resources.rag_store import RagStore

__all__ = ["DynamicRAGSystem"]


class DynamicRAGSystem(RagStore):
    """The store in the file ``db_path``, made where there is none.

    Its embedder is the OpenAI-compatible server at ``embedding_server_url`` (with or without
    ``/v1``), or without one the embedded one. ``chunk_size`` and ``overlap`` count characters.
    Raises BadInput for values that cannot be.
    """

    def __init__(
        self,
        db_path: str | Path,
        embedding_server_url: str | None = None,
        embedding_model: str | None = None,
        name: str = "default",
        chunk_size: int = 512,
        overlap: int = 50,
        max_results: int = 5,
    ) -> None:
        self.name = name
        try:
            settings = RagSettings(
                path=Path(db_path), chunk_size=chunk_size, overlap=overlap, max_results=max_results
            )
            server = EmbeddingSettings(url=embedding_server_url, model=embedding_model)
        except ValidationError as error:
            raise BadInput(f"store {name!r}: {_first(error)}") from None
        self._embedder = HttpEmbedder(server, name) if server.url else WordLlamaEmbedder()
        self._values = {
            "db_path": str(db_path),
            "embedding_server_url": embedding_server_url,
            "embedding_model": embedding_model,
            "name": name,
            "chunk_size": chunk_size,
            "overlap": overlap,
            "max_results": max_results,
        }
        super().__init__(settings, self._embedder)

    def save(self, file: str | Path) -> None:
        """Write what this object was made with, not the store, to a JSON file."""
        Path(file).write_text(json.dumps(self._values, indent=2) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: str | Path) -> Self:
        """The object that a saved file describes. Raises FileProblem for any other file."""
        try:
            return cls(**json.loads(Path(file).read_text(encoding="utf-8")))
        except OSError as error:
            raise FileProblem(
                f"{file}: cannot be read: {error.strerror}", where=str(file)
            ) from None
        except (ValueError, TypeError) as error:
            raise FileProblem(f"{file}: describes no RAG store: {error}", where=str(file)) from None

    async def aclose(self) -> None:
        """Close the file and the connections to the embedding server."""
        self.close()
        await self._embedder.aclose()

    async def rest(self) -> None:
        """Close the file, and connections that nobody uses now; the next use opens them again."""
        await asyncio.to_thread(self.close)
        await self._embedder.rest()


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
