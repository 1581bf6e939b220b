"""A user's own model: any object with a ``chat``."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, cast

from regions_dist.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.resources import Room
    from regions_dist.ports import LLM

__all__ = ["PlainLLM", "as_llm"]


def as_llm(model: object) -> LLM:
    """``model`` as the LLM port; one that has only ``chat`` will do."""
    return cast("LLM", model) if hasattr(model, "room") else PlainLLM(model)


class PlainLLM:
    """The LLM port over an object whose ``chat``, sync or async, takes the messages.

    It is given ``schema`` and ``max_tokens`` where it takes them. How much fits is not known.
    """

    def __init__(self, model: Any) -> None:
        self._chat = model.chat
        parameters = inspect.signature(self._chat).parameters
        takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
        self._takes = {"schema", "max_tokens"} if takes_any else set(parameters)

    async def chat(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> str:
        """See domain.resources.LLM. A sync ``chat`` is run in a thread. Raises BadAnswer."""
        options = {"schema": schema, "max_tokens": max_tokens}
        given = {key: value for key, value in options.items() if key in self._takes}
        answer = await self._ask([dict(message) for message in messages], given)
        if not isinstance(answer, str):
            raise BadAnswer(f"the model's chat gave {type(answer).__name__}, expected a text")
        return answer

    async def room(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Room | None:
        """See domain.resources.LLM."""

    async def _ask(self, messages: list[dict[str, str]], options: Mapping[str, Any]) -> object:
        if inspect.iscoroutinefunction(self._chat):
            return await self._chat(messages, **options)
        return await asyncio.to_thread(self._chat, messages, **options)
