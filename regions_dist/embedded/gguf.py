"""A model that the config gives as a file: served in a child process, for this machine only."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import SecretStr

from regions_dist.config import EmbeddingSettings, ServerSettings
from regions_dist.embedded.model import serve_model
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from regions_dist.embedded.processes import Household

__all__ = ["serve_gguf"]

N_CTX: Final = 4096
EMBEDDING_N_CTX: Final = 2048
"""Tokens of context of each slot, where the config names none."""

_UP_WITHIN: Final = 600.0
"""Seconds. Large files are read from slow disks."""

S = TypeVar("S", bound=ServerSettings)


def serve_gguf(household: Household, settings: S, *, name: str, log: Path) -> S:
    """Serve the file that ``settings`` name, as a child of ``household`` called ``name``.

    Returns the settings with the server's URL and key in place of the file, once it answers; this
    takes as long as loading the model does. Raises BadInput for settings without a file, and
    Unavailable, with the end of ``log``, for a file that cannot be loaded.
    """
    if settings.gguf is None:
        raise BadInput(f"{name}: no gguf, the file of a model, is named", where=name)
    embedding = isinstance(settings, EmbeddingSettings)
    key = secrets.token_urlsafe(24)
    household.start(
        serve_model,
        settings.gguf.expanduser(),
        name=name,
        log=log,
        slots=settings.slots,
        n_ctx=settings.context or (EMBEDDING_N_CTX if embedding else N_CTX),
        api_key=key,
        embedding=embedding,
    )
    url = str(household.wait_ready(_UP_WITHIN)[name]["url"])
    served = {"gguf": None, "url": url, "api_key": SecretStr(key), "context": None}
    return settings.model_copy(update=served)
