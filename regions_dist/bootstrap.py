"""The only place where adapters are chosen and joined."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

from regions_dist.config import EmbeddingSettings, LLMSettings, RagSettings, ServerSettings
from regions_dist.errors import RegionsError, StepFailed
from regions_dist.postmaster.service import serve
from regions_dist.resources.embedders import HttpEmbedder, WordLlamaEmbedder
from regions_dist.resources.listener_file import ListenerFile
from regions_dist.resources.llm_link import LLMLink
from regions_dist.resources.rag_store import RagStore
from regions_dist.resources.step_store import StepStore
from regions_dist.runtime.ending import end
from regions_dist.runtime.host import Host
from regions_dist.transport.leases import release_leases
from regions_dist.transport.mail import RedisMail
from regions_dist.transport.outboxes import RedisOutboxes
from regions_dist.transport.patience import Patience
from regions_dist.transport.registry import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from typing import Any

    from regions_dist.config import Settings
    from regions_dist.ports import Embedder, Retriever, WorkerInfo
    from regions_dist.runtime.departure import Departure

__all__ = ["Machine", "work"]

log = logging.getLogger(__name__)

S = TypeVar("S", bound=ServerSettings)


class Machine:
    """What this machine has, by name, opened when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._llms: dict[str, LLMLink] = {}
        self._embedders: dict[str, HttpEmbedder | WordLlamaEmbedder] = {}
        self._stores: dict[str, RagStore] = {}

    def llm(self, name: str) -> LLMLink:
        """The model called ``name``. Raises StepFailed where this machine has none."""
        if name not in self._llms:
            self._llms[name] = LLMLink.of(self._model(name), name)
        return self._llms[name]

    def embedder(self, name: str) -> Embedder:
        """The embedder called ``name``; one that is not configured is the embedded one."""
        if name not in self._embedders:
            spec = self._settings.embedding.get(name, EmbeddingSettings())
            spec = _served(spec, f"[embedding.{name}]", f"--embedding {name}")
            self._embedders[name] = HttpEmbedder(spec, name) if spec.url else WordLlamaEmbedder()
        return self._embedders[name]

    def store(self, name: str) -> RagStore:
        """The store called ``name``. ``default`` exists always, empty at first."""
        if name not in self._stores:
            spec = self._store(name)
            self._stores[name] = RagStore(spec, self.embedder(spec.embedding))
        return self._stores[name]

    def rag(self, name: str, key: str) -> Retriever:
        """The store called ``name`` for the step ``key``."""
        return StepStore(self.store(name), key)

    async def aclose(self) -> None:
        """Close what was opened."""
        for link in (*self._llms.values(), *self._embedders.values()):
            await link.aclose()
        for store in self._stores.values():
            store.close()

    def _model(self, name: str) -> LLMSettings:
        if name in self._settings.llm:
            return _served(self._settings.llm[name], f"[llm.{name}]", f"--llm {name}")
        variable = "set REGIONS_LLM_URL, or " if name == "default" else ""
        raise StepFailed(
            f"this machine has no model called {name!r}; {variable}add [llm.{name}] with its url "
            "to the config of the machine, start its worker again and resume the run",
            code="no-model",
        )

    def _store(self, name: str) -> RagSettings:
        if name in self._settings.rag:
            return self._settings.rag[name]
        if name == "default":
            return RagSettings(path=self._settings.home / "rag" / "default.db")
        raise StepFailed(
            f"this machine has no store called {name!r}; add [rag.{name}] with its path to the "
            "config of the machine, start its worker again and resume the run",
            code="no-store",
        )


def _served(spec: S, place: str, option: str) -> S:
    if spec.gguf is None:
        return spec
    raise StepFailed(
        f"{place} of this machine is a file, {spec.gguf}, which no worker serves; start one: "
        f"regions-worker {option}, and resume the run",
        code="not-served",
    )


async def work(
    settings: Settings,
    worker: WorkerInfo,
    departure: Departure,
    *,
    concurrency: int = 16,
    ready: Callable[[Mapping[str, Any]], None] = lambda _: None,
) -> None:
    """Be a worker until told to leave: host its regions, and route where it is a Postmaster."""
    url = settings.redis_url
    if url is None:
        raise ValueError("a worker needs a broker")
    async with AsyncExitStack() as stack:
        patience = Patience(url)
        mail = RedisMail(
            url, lease=settings.lease, incarnation=worker.incarnation, patience=patience
        )
        stack.push_async_callback(mail.close)
        machine = Machine(settings)
        stack.push_async_callback(machine.aclose)
        heart = Heartbeat(url, worker, lease=settings.lease, patience=patience)
        heart.reading = mail.silence
        heart.postmaster_seen = lambda seen: setattr(mail, "routing", not seen)
        heart.start()
        departure.busy = lambda: heart.held
        departure.farewell = lambda: _hand_back(url, worker, heart)
        stack.callback(departure.say_farewell)
        sink = ListenerFile(settings.home / "listeners")
        host = Host(mail, heart, machine, sink, owner=worker.name, concurrency=concurrency)
        heart.lost = host.abandon
        duties = [host.run(worker.regions)] if worker.regions else []
        if "postmaster" in worker.roles:
            duties.append(serve(RedisOutboxes(mail)))
        ready({"name": worker.name})
        await _until(departure, duties)
        await host.drain()
        departure.drained()


def _hand_back(url: str, worker: WorkerInfo, heart: Heartbeat) -> None:
    """Free whatever this process holds, also what it claimed without having heard so."""
    try:
        for run, region in release_leases(url, worker.incarnation):
            log.info("handed back the step of %s in %s", region, run)
    except RegionsError as error:
        log.warning("could not hand back: %s; others take over after a lease", error)
    heart.stop()


async def _until(departure: Departure, duties: list[Coroutine[Any, Any, None]]) -> None:
    """Do all of these until told to leave. Raises what one of them raises."""
    tasks = [asyncio.create_task(duty) for duty in duties]
    told = asyncio.create_task(departure.told())
    await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
    await end([told, *tasks])
    for task in tasks:
        if not task.cancelled():
            task.result()
