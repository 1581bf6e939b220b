"""A model that the config gives as a file: served in a child process, for this machine only."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from regions_dist.config import EmbeddingSettings, ServerSettings
from regions_dist.embedded.keeping import keep_up
from regions_dist.embedded.model import serve_model
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from regions_dist.embedded.processes import Child, Household

__all__ = ["GgufServer"]

N_CTX: Final = 4096
EMBEDDING_N_CTX: Final = 2048
"""Tokens of context of each slot, where the config names none."""

_UP_WITHIN: Final = 600.0
"""Seconds. Large files are read from slow disks."""
_RETRIES: Final = 10
"""So many that the calls of a server that was killed last until it is up again."""

S = TypeVar("S", bound=ServerSettings)


class GgufServer(Generic[S]):
    """The server of the file that ``settings`` name, a child of ``household`` called ``name``.

    Raises BadInput for settings without a file.
    """

    def __init__(self, household: Household, settings: S, *, name: str, log: Path) -> None:
        if settings.gguf is None:
            raise BadInput(f"{name}: no gguf, the file of a model, is named", where=name)
        self._household = household
        self._settings = settings
        self._file = settings.gguf.expanduser()
        self._name = name
        self._log = log
        self._key = secrets.token_urlsafe(24)
        self._port = 0
        self._child = self._start()

    async def up(self) -> S:
        """The settings with the server's URL and key in place of the file, once it answers.

        It takes as long as loading the model does. Raises Unavailable, with the end of the log,
        for a file that cannot be loaded.
        """
        url = str((await self._child.up(_UP_WITHIN))["url"])
        self._port = urlsplit(url).port or 0
        retries = max(self._settings.retries, _RETRIES)
        served = {"gguf": None, "url": url, "api_key": SecretStr(self._key), "context": None}
        return self._settings.model_copy(update=served | {"retries": retries})

    async def keep_up(self, say: Callable[[str], None]) -> int:
        """Start it again, at its address, as often as it dies; its exit code when it ends."""

        async def again() -> Child:
            return self._start()

        return await keep_up(self._child, again, say)

    def _start(self) -> Child:
        embedding = isinstance(self._settings, EmbeddingSettings)
        return self._household.start(
            serve_model,
            self._file,
            name=self._name,
            log=self._log,
            slots=self._settings.slots,
            n_ctx=self._settings.context or (EMBEDDING_N_CTX if embedding else N_CTX),
            api_key=self._key,
            port=self._port,
            embedding=embedding,
        )
