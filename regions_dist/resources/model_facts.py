"""What servers say of their models: names, context sizes, tokens; each in its own dialect.

From their public documentation: llama.cpp's server, vLLM, Ollama, LM Studio.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    Look = Callable[..., Awaitable[tuple[int, Any]]]

__all__ = ["TokenCount", "context_size", "count_tokens", "first_model"]

OLLAMA_CONTEXT: Final = 4096
"""Tokens that Ollama gives a model on a small machine, whatever the model could take."""

_OK: Final = 200
_BYTES_PER_TOKEN: Final = 3
"""Fewer than in any usual language, so that an estimate is rather too high than too low."""


class TokenCount(int):
    """A number of tokens; ``estimated`` where no tokenizer could be asked."""

    estimated: bool

    def __new__(cls, count: int, *, estimated: bool = False) -> Self:
        """``count`` tokens."""
        made = super().__new__(cls, count)
        made.estimated = estimated
        return made

    @classmethod
    def estimate(cls, text: str) -> Self:
        """Rather too many than too few for ``text``."""
        return cls(-(-len(text.encode()) // _BYTES_PER_TOKEN), estimated=True)


def first_model(listing: Any, *, embedding: bool = False) -> str | None:
    """The first model of a list of models in either usual form, or None.

    One whose name or type tells that it is of the other kind is taken only if all are.
    """
    entries = list(_entries(listing))
    alike = [entry for entry in entries if _is_embedder(entry) is embedding]
    return next((name for entry in (*alike, *entries) if (name := _name(entry))), None)


async def context_size(look: Look, model: str, listing: Any) -> tuple[int | None, bool]:
    """Tokens that fit into ``model``, prompt and answer together; None where nobody says.

    And whether that will stay so: Ollama decides only when it loads a model. ``look`` asks the
    server for a path below its root, ``listing`` is its ``/v1/models``.
    """
    size = _listed_context(listing, model)
    for ask in (_llama_cpp, _ollama_running, _lm_studio):
        size = size or await ask(look, model)
    if size:
        return size, True
    planned = await _ollama_planned(look, model)
    return planned, planned is None


async def count_tokens(look: Look, model: str, text: str) -> tuple[int, int | None]:
    """The HTTP status, and how many tokens ``text`` is, where the server tokenizes."""
    body = {"model": model, "content": text, "prompt": text}  # llama.cpp reads one, vLLM the other
    status, answer = await look("tokenize", body)
    found = answer if status == _OK and isinstance(answer, dict) else {}
    tokens = found.get("tokens")
    return status, _number(found.get("count")) or (
        len(tokens) if isinstance(tokens, list) else None
    )


def _entries(listing: Any) -> Iterator[Mapping[str, Any]]:
    models = listing.get("data") or listing.get("models") if isinstance(listing, dict) else listing
    for entry in models if isinstance(models, list) else ():
        if isinstance(entry, dict):
            yield entry
        elif isinstance(entry, str):
            yield {"id": entry}


def _name(entry: Mapping[str, Any]) -> str | None:
    names = (entry.get(key) for key in ("id", "name", "model"))
    return next((name for name in names if isinstance(name, str) and name), None)


def _is_embedder(entry: Mapping[str, Any]) -> bool:
    return "embed" in f"{_name(entry)} {entry.get('type')}".lower()


def _listed_context(listing: Any, model: str) -> int | None:
    """vLLM's ``max_model_len``, or the ``n_ctx`` of newer llama.cpp, of the model's entry."""
    for entry in _entries(listing):
        if _name(entry) == model:
            meta = entry.get("meta")
            of_slot = meta.get("n_ctx") if isinstance(meta, dict) else None
            return _number(entry.get("max_model_len")) or _number(of_slot)
    return None


async def _llama_cpp(look: Look, _: str) -> int | None:
    status, props = await look("props")
    settings = props.get("default_generation_settings") if isinstance(props, dict) else None
    return _number(settings.get("n_ctx")) if status == _OK and isinstance(settings, dict) else None


async def _ollama_running(look: Look, model: str) -> int | None:
    _, running = await look("api/ps")
    sizes = (
        _number(entry.get("context_length"))
        for entry in _entries(running)
        if model in {entry.get("name"), entry.get("model")}
    )
    return next(sizes, None)


async def _ollama_planned(look: Look, model: str) -> int | None:
    """What Ollama will at least give: the model's own ``num_ctx``, or its default."""
    status, shown = await look("api/show", {"model": model})
    if status != _OK or not isinstance(shown, dict) or "model_info" not in shown:
        return None
    set_to = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters") or ""), re.MULTILINE)
    facts = shown["model_info"] if isinstance(shown["model_info"], dict) else {}
    most = (_number(value) for key, value in facts.items() if key.endswith(".context_length"))
    return min([int(set_to[1]) if set_to else OLLAMA_CONTEXT, *filter(None, most)])


async def _lm_studio(look: Look, model: str) -> int | None:
    status, entry = await look(f"api/v0/models/{model}")
    if status != _OK or not isinstance(entry, dict):
        return None
    return _number(entry.get("loaded_context_length")) or _number(entry.get("max_context_length"))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
