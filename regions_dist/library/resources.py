"""Models and stores of a program: its own objects, and what this machine's config names."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from regions_dist.errors import StepFailed
from regions_dist.library.plain_llm import as_llm
from regions_dist.resources.step_store import StepStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.machine import Machine
    from regions_dist.ports import LLM, Asker, Retriever
    from regions_dist.resources.rag_store import RagStore
    from regions_dist.runtime.host import MachineResources

    Find = Callable[[str, str], object | None]

__all__ = ["HereResources", "ProgramResources"]


class ProgramResources:
    """Implements runtime.host.MachineResources: a program's objects, and for the rest ``others``.

    ``find`` gives the object of a kind (``llm``, ``rag``) and a name, None where there is none.
    """

    def __init__(self, find: Find, others: MachineResources) -> None:
        self._find = find
        self._others = others

    async def llm(self, name: str, asker: Asker) -> LLM:
        """See MachineResources."""
        own = self._find("llm", name)
        return as_llm(own) if own is not None else await self._others.llm(name, asker)

    async def rag(self, name: str, asker: Asker) -> Retriever:
        """See MachineResources."""
        own = self._find("rag", name)
        if own is None:
            return await self._others.rag(name, asker)
        if hasattr(own, "retrieve_similar"):
            return StepStore(cast("RagStore", own), asker.lesson)
        return cast("Retriever", own)

    async def settle(self, key: str) -> None:
        """See MachineResources."""
        await self._others.settle(key)


class HereResources:
    """Implements runtime.host.MachineResources with what this machine has, and without a broker.

    The machine's config is read, and client libraries are loaded, when the first is asked for.
    """

    def __init__(self) -> None:
        self._machine: Machine | None = None
        self._slots: dict[str, asyncio.Semaphore] = {}

    async def llm(self, name: str, asker: Asker) -> LLM:  # noqa: ARG002
        """See MachineResources; the limit of a server holds within this process."""
        from regions_dist.machine import endpoint_of  # noqa: PLC0415
        from regions_dist.resources.limited import LimitedLLM  # noqa: PLC0415

        spec = self._opened().settings.llm.get(name)
        if spec is None:
            raise StepFailed(
                f"there is no model called {name!r}: give the region one (llm=…), or the registry "
                f"(default_llm=…), or add [llm.{name}] with its url to this machine's config",
                code="no-model",
            )
        llm = self._opened().metered(name)
        slots = self._slots.setdefault(endpoint_of(spec.url or ""), asyncio.Semaphore(spec.slots))
        return LimitedLLM(llm, lambda: slots)

    async def rag(self, name: str, asker: Asker) -> Retriever:
        """See MachineResources."""
        return StepStore(self._opened().store(name), asker.lesson)

    async def settle(self, key: str) -> None:
        """See MachineResources."""

    async def aclose(self) -> None:
        """Close what was opened."""
        if self._machine is not None:
            await self._machine.aclose()

    def _opened(self) -> Machine:
        from regions_dist.config import load_settings  # noqa: PLC0415
        from regions_dist.machine import Machine  # noqa: PLC0415

        if self._machine is None:
            self._machine = Machine(load_settings())
        return self._machine
