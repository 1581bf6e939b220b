"""What a machine has, and how its regions and others come to it."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from regions_dist.config import EmbeddingSettings, LLMSettings, RagSettings, ServerSettings
from regions_dist.errors import StepFailed
from regions_dist.resources.address import base_url, is_loopback, root_url
from regions_dist.resources.embedders import HttpEmbedder, WordLlamaEmbedder
from regions_dist.resources.limited import LimitedEmbedder, LimitedLLM, MeteredLLM
from regions_dist.resources.llm_link import LLMLink
from regions_dist.resources.rag_store import RagStore
from regions_dist.resources.step_store import StepStore
from regions_dist.transport.calls.caller import Resource
from regions_dist.transport.calls.remote import RemoteEmbedder, RemoteLLM, RemoteRetriever

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from regions_dist.config import Settings
    from regions_dist.ports import LLM, Asker, Embedder, ResourceKind, Retriever
    from regions_dist.transport.calls.caller import Caller
    from regions_dist.transport.slots import Slots

__all__ = ["Machine", "SharedMachine", "endpoint_of"]

S = TypeVar("S", bound=ServerSettings)


def endpoint_of(url: str) -> str:
    """What the slots of the server at ``url`` belong to.

    A loopback address is another server on each machine; all others are the same everywhere.
    """
    root = root_url(base_url(url))
    parts = urlsplit(root)
    machine = f"{socket.gethostname()}/" if is_loopback(root) else ""
    return f"{machine}{parts.netloc}{parts.path}".replace("{", "").replace("}", "")


class Machine:
    """What this machine has, by name, opened when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._llms: dict[str, MeteredLLM] = {}
        self._embedders: dict[str, HttpEmbedder | WordLlamaEmbedder] = {}
        self._stores: dict[str, RagStore] = {}

    def llm(self, name: str) -> LLMLink:
        """The model called ``name``. Raises StepFailed where this machine has none."""
        return self.metered(name).link

    def metered(self, name: str) -> MeteredLLM:
        """The model called ``name``, as it is used. Raises as ``llm``."""
        if name not in self._llms:
            self._llms[name] = MeteredLLM(LLMLink.of(self._model(name), name))
        return self._llms[name]

    def embedder(self, name: str) -> HttpEmbedder | WordLlamaEmbedder:
        """The embedder called ``name``; one that is not configured is the embedded one."""
        if name not in self._embedders:
            spec = self.settings.embedding.get(name, EmbeddingSettings())
            spec = _served(spec, f"[embedding.{name}]", f"--embedding {name}")
            self._embedders[name] = HttpEmbedder(spec, name) if spec.url else WordLlamaEmbedder()
        return self._embedders[name]

    def store(self, name: str, embedder: Embedder | None = None) -> RagStore:
        """The store called ``name``, opened with its own embedder unless one is given."""
        if name not in self._stores:
            spec = self.store_settings(name)
            self._stores[name] = RagStore(spec, embedder or self.embedder(spec.embedding))
        return self._stores[name]

    def store_settings(self, name: str) -> RagSettings:
        """The settings of a store. ``default`` exists always, empty at first.

        Raises StepFailed for one that this machine does not have.
        """
        if name in self.settings.rag:
            return self.settings.rag[name]
        if name == "default":
            return RagSettings(path=self.settings.home / "rag" / "default.db")
        raise StepFailed(
            f"this machine has no store called {name!r}; add [rag.{name}] with its path to the "
            "config of the machine, start its worker again and resume the run",
            code="no-store",
        )

    async def aclose(self) -> None:
        """Close what was opened."""
        for link in (*(llm.link for llm in self._llms.values()), *self._embedders.values()):
            await link.aclose()
        for store in self._stores.values():
            store.close()

    def _model(self, name: str) -> LLMSettings:
        if name in self.settings.llm:
            return _served(self.settings.llm[name], f"[llm.{name}]", f"--llm {name}")
        variable = "set REGIONS_LLM_URL, or " if name == "default" else ""
        raise StepFailed(
            f"this machine has no model called {name!r}; {variable}add [llm.{name}] with its url "
            "to the config of the machine, start its worker again and resume the run",
            code="no-model",
        )


class SharedMachine:
    """What the regions of this machine may ask: what it has itself, else what others serve.

    Implements runtime.host.MachineResources. Calls to its own servers take a slot, too, so that
    the limit of a server holds over all machines.
    """

    def __init__(self, machine: Machine, caller: Caller, slots: Slots) -> None:
        self._machine = machine
        self._caller = caller
        self._slots = slots

    async def llm(self, name: str, asker: Asker) -> LLM:
        """See MachineResources."""
        spec = self._machine.settings.llm.get(name)
        if spec is None or spec.gguf is not None:
            return RemoteLLM(self._caller, name, asker)
        return self.own_llm(name)

    async def rag(self, name: str, asker: Asker) -> Retriever:
        """See MachineResources. A store that is nowhere configured is this machine's own."""
        own = name in self._machine.settings.rag
        if not own and (name != "default" or await self._is_served("rag", name)):
            return RemoteRetriever(self._caller, name, asker)
        return StepStore(await self.store(name), asker.lesson)

    async def settle(self, key: str) -> None:
        """See MachineResources."""
        await self._caller.settle(key)

    async def store(self, name: str) -> RagStore:
        """A store of this machine, with the embedder that it names, wherever that is."""
        name_of_embedder = self._machine.store_settings(name).embedding
        return self._machine.store(name, await self._embedder(name_of_embedder))

    def own_llm(self, name: str, turn: int = 0) -> LLM:
        """A model of this machine for whoever has this turn; 0 is for who comes last."""
        llm = self._machine.metered(name)
        return LimitedLLM(llm, self._taking(self._machine.settings.llm[name], turn))

    def own_embedder(self, name: str, turn: int = 0) -> Embedder:
        """An embedder of this machine, in the same way; the embedded one has no limit."""
        embedder = self._machine.embedder(name)
        spec = self._machine.settings.embedding.get(name)
        if spec is None or spec.url is None:
            return embedder
        return LimitedEmbedder(embedder, self._taking(spec, turn))

    async def _embedder(self, name: str) -> Embedder:
        spec = self._machine.settings.embedding.get(name)
        elsewhere = await self._is_served("embedding", name) if spec is None else spec.gguf
        return RemoteEmbedder(self._caller, name) if elsewhere else self.own_embedder(name)

    async def _is_served(self, kind: ResourceKind, name: str) -> bool:
        return await self._caller.is_served(Resource(kind, name))

    def _taking(
        self, spec: ServerSettings, turn: int
    ) -> Callable[[], AbstractAsyncContextManager[None]]:
        return partial(self._slots.taken, endpoint_of(spec.url or ""), spec.slots, turn)


def _served(spec: S, place: str, option: str) -> S:
    if spec.gguf is None:
        return spec
    raise StepFailed(
        f"{place} of this machine is a file, {spec.gguf}, which no worker serves; start one: "
        f"regions-worker {option}, and resume the run",
        code="not-served",
    )
