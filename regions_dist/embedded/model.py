"""A server for a model's file: OpenAI-compatible HTTP on this machine only, run in a child."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

from regions_dist.errors import ModelUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["serve_model"]


def serve_model(
    file: Path,
    *,
    slots: int,
    n_ctx: int,
    api_key: str,
    port: int = 0,
    embedding: bool = False,
    ready: Callable[[Mapping[str, str]], None],
) -> None:
    """Serve ``file`` until this process is ended; ``ready`` gets ``{"url": …}`` once it answers.

    ``slots`` calls are answered at a time, each with ``n_ctx`` tokens of context. With
    ``embedding`` it answers ``/v1/embeddings``. ``port`` 0 is one that the system chooses as the
    server binds it; a GPU is used where xllamacpp's build has one. Raises ModelUnavailable for a
    file that cannot be loaded.
    """
    if not file.is_file():
        raise ModelUnavailable(f"{file}: there is no such model file")
    server = _server(file, slots, n_ctx, api_key, port, embedding=embedding)
    ready({"url": server.listening_address})
    threading.Event().wait()


def _server(file: Path, slots: int, n_ctx: int, api_key: str, port: int, *, embedding: bool) -> Any:
    import xllamacpp  # noqa: PLC0415 it takes a while, and only this process needs it

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.model_alias = {file.stem}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.api_keys = [api_key]
    params.n_parallel = slots
    params.n_ctx = n_ctx * slots
    params.verbosity = -1
    params.warmup = False
    params.ui = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _threads()
    if embedding:
        params.embedding = True
        params.n_batch = params.n_ubatch = n_ctx  # a text is embedded in one piece
        params.endpoint_metrics = True
    try:
        server = xllamacpp.Server(params)
        if embedding and "error" in server.handle_embeddings({"input": "a"}):
            # The file names no pooling, for it was made to talk: take the mean of its tokens.
            params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
            server.handle_metrics()  # its loop answers: one that has not begun would never end
            del server  # lets go of the port
            server = xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnavailable(f"{file}: cannot be loaded as a model: {error}") from None
    return server


def _threads() -> int:
    # Its threads wait for each other in busy loops: with none of two cores left to anything
    # else, another busy process was measured to slow it down to an eighth.
    return max(1, (os.cpu_count() or 2) - 1)
