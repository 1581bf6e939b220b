"""The small model that comes along, for programs that have no other."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regions_dist.embedded.gguf import GgufServer
from regions_dist.embedded.model_file import find_or_fetch
from regions_dist.embedded.model_settings import small_model_of
from regions_dist.embedded.processes import Household
from regions_dist.resources.llm_link import LLMLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["small_model"]


@asynccontextmanager
async def small_model(**params: Any) -> AsyncIterator[LLMLink]:
    """The model that a run gets which has no other, served by a child process while this is open.

    It is fetched where it is missing (93 MB, once), of which stderr is told. ``params`` go into
    each request: ``temperature``, ``max_tokens``, ``seed``, … Raises ModelUnavailable where it
    cannot be fetched.
    """
    file = await asyncio.to_thread(find_or_fetch, lambda text: print(text, file=sys.stderr))  # noqa: T201
    household = Household()
    with tempfile.TemporaryDirectory(prefix="regions-model-") as folder:
        log = Path(folder) / "model.log"
        server = GgufServer(
            household, small_model_of(file, params), name="the small model", log=log
        )
        try:
            link = LLMLink.of(await server.up(), "small")
            try:
                yield link
            finally:
                await link.aclose()
        finally:
            household.stop()
