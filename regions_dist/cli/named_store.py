"""The RAG store that a command is about: a name from the config, or a path."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from regions_dist.config import RagSettings, Settings
from regions_dist.errors import BadInput
from regions_dist.machine import Machine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.resources.rag_store import RagStore

__all__ = ["opened"]


@asynccontextmanager
async def opened(settings: Settings, store: str, *, new: bool = False) -> AsyncIterator[RagStore]:
    """The store, closed afterwards. Raises BadInput where there is none, unless it may be ``new``.

    A path of a store that the config names has the settings given there.
    """
    spec = _spec(settings, store)
    if spec.path.is_dir():
        raise BadInput(f"{spec.path}: is a folder; expected the file of a store", where=store)
    if not new and not spec.path.exists():
        raise BadInput(_missing(settings, store, spec.path), where=store)
    named = {"rag": dict(settings.rag) | {store: spec}}
    machine = Machine(Settings.model_validate(dict(settings) | named))
    try:
        yield machine.store(store)
    finally:
        await machine.aclose()


def _spec(settings: Settings, store: str) -> RagSettings:
    if store in settings.rag:
        return settings.rag[store]
    path = Path(store)
    same = (spec for spec in settings.rag.values() if spec.path.absolute() == path.absolute())
    if store == "default" and not path.exists():
        path = settings.home / "rag" / "default.db"
    return next(same, RagSettings(path=path))


def _missing(settings: Settings, store: str, path: Path) -> str:
    names = ", ".join(sorted(settings.rag)) or "none"
    what = f"{path}: there is no such store"
    known = "" if store in settings.rag else f" (names in the config: {names})"
    return f"{what}{known}; fill one with: regions-rag add {store} FILE"
