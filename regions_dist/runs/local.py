"""What a run needs on this machine and nobody else offers: broker, model, stores, workers."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from regions_dist.config import LLMSettings, RagSettings, ServerSettings, Settings
from regions_dist.domain.registry import region_type
from regions_dist.embedded.broker import Broker
from regions_dist.embedded.gguf import GgufServer
from regions_dist.embedded.keeping import keep_up
from regions_dist.embedded.model_file import find_or_fetch
from regions_dist.embedded.model_settings import small_model_of
from regions_dist.embedded.processes import Household
from regions_dist.errors import BadInput
from regions_dist.machine import Machine
from regions_dist.ports import WorkerInfo
from workers.region import WorkerSpec, new_incarnation
from workers.supervisor import ChildWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from regions_dist.config import EmbeddingSettings
    from regions_dist.domain.placement import Crew
    from regions_dist.domain.plan import Plan
    from regions_dist.embedded.processes import Child

__all__ = ["Local", "relay_file", "run_folder"]

_UP_WITHIN = 60.0

S = TypeVar("S", bound=ServerSettings)


def run_folder(home: Path, run: str) -> Path:
    """Where a run on embedded defaults keeps its data."""
    return home / "runs" / run


def relay_file(folder: Path) -> Path:
    """Where a run's own workers leave what their listeners write to a terminal."""
    return folder / "terminal.jsonl"


class Local:
    """Starts what is missing, starts it again when it dies, and ends all of it.

    ``say`` tells people what takes a while, and what died. ``imports``: the workers' modules.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        say: Callable[[str], None],
        imports: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        self.folder = folder
        self._say = say
        self._imports = tuple(imports)
        self._broker: Broker | None = None
        self._household = Household()
        self._workers: list[ChildWorker] = []
        self._keeping: list[asyncio.Task[int]] = []

    @property
    def has_broker(self) -> bool:
        """Whether the broker was started here, so that no worker of others can be on it."""
        return self._broker is not None

    async def start_broker(self) -> Settings:
        """Start a broker on the run's folder; the settings that name it."""
        self._broker = broker = Broker(self.folder / "broker")
        url = await asyncio.to_thread(broker.start)

        async def again() -> Child:
            broker.start_again()
            return broker.keeper

        self._keep(keep_up(broker.keeper, again, self._say))
        self._settings = Settings.model_validate(dict(self._settings) | {"redis": url})
        return self._settings

    async def prepare(self, plan: Plan) -> Settings:
        """Start the models and fill the stores that the plan's regions name; settings for both."""
        types = [(entry, region_type(entry.type).resources) for entry in plan.regions]
        stores = {entry.rag for entry, needs in types if "rag" in needs}
        models = {entry.llm for entry, needs in types if "llm" in needs}
        rag = {name: self._store(plan, name) for name in sorted(stores)}
        llm = {name: await self._model(plan, name) for name in sorted(models)}
        brought = {
            name: spec.model_dump() for name, spec in plan.resources.embedding.items() if spec.url
        }
        files = await self._embedders(plan, rag, stores)
        changes = {
            "rag": dict(self._settings.rag) | rag,
            "llm": dict(self._settings.llm) | llm,
            "embedding": dict(self._settings.embedding) | files | brought,
        }
        self._settings = Settings.model_validate(dict(self._settings) | changes)
        await self._fill(plan, rag)
        return self._settings

    async def start_workers(self, crews: Sequence[Crew]) -> None:
        """Start a worker for each crew; return once they are up."""
        workers = [self._worker(number, crew) for number, crew in enumerate(crews)]
        self._workers += workers
        await asyncio.gather(*(worker.child.up(_UP_WITHIN) for worker in workers))
        for worker in workers:
            self._keep(worker.keep_up(self._say))

    async def stop(self) -> None:
        """End everything that was started, the broker last; a worker that died frees its steps."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        self._household.stop()
        for worker in self._workers:
            await asyncio.to_thread(worker.release)
        if self._broker:
            self._broker.stop()

    def _keep(self, keeping: Coroutine[Any, Any, int]) -> None:
        self._keeping.append(asyncio.create_task(keeping))

    def _worker(self, number: int, crew: Crew) -> ChildWorker:
        info = WorkerInfo(
            crew.name or f"{socket.gethostname()}-{os.getpid()}-{number}",
            socket.gethostname(),
            os.getpid(),
            crew.regions,
            incarnation=new_incarnation(),
            pools=crew.pools,
            labels=crew.labels,
        )
        spec = WorkerSpec(
            self._settings, info, self._imports, grace=0.0, relay=relay_file(self.folder)
        )
        log = self.folder / "logs" / f"worker-{number}.log"
        return ChildWorker(self._household, spec, log)

    async def _model(self, plan: Plan, name: str) -> LLMSettings:
        spec = plan.resources.llm.get(name)
        own = self._settings.llm.get(name)
        if spec and spec.url:
            return LLMSettings(**spec.model_dump(exclude_none=True))
        if own is None and name != "default":
            raise BadInput(
                f"no model called {name!r}: neither the plan's resources nor this machine's config "
                "name one",
                where=name,
            )
        params = spec.params if spec else {}
        if own is None:
            return await self._embedded(params)
        changed = own.model_copy(update={"params": own.params | params})
        return await self._served(changed, f"the model {name}")

    async def _embedded(self, params: dict[str, object]) -> LLMSettings:
        file = await asyncio.to_thread(find_or_fetch, self._say)
        return await self._served(small_model_of(file, params), "the embedded model")

    async def _embedders(
        self, plan: Plan, rag: dict[str, RagSettings], stores: set[str]
    ) -> dict[str, EmbeddingSettings]:
        """The embedders that these stores need and this machine's config gives as files, served."""
        specs = self._settings.rag | rag
        names = {specs[store].embedding if store in specs else "default" for store in stores}
        return {
            name: await self._served(spec, f"the embedder {name}")
            for name, spec in self._settings.embedding.items()
            if spec.gguf and name in names - set(plan.resources.embedding)
        }

    async def _served(self, spec: S, name: str) -> S:
        if spec.gguf is None:
            return spec
        log = self.folder / "logs" / f"{name.replace(' ', '-')}.log"
        server = GgufServer(self._household, spec, name=name, log=log)
        served = await server.up()
        self._keep(server.keep_up(self._say))
        return served

    def _store(self, plan: Plan, name: str) -> RagSettings:
        spec = plan.resources.rag.get(name)
        if spec is None:
            if name != "default" and name not in self._settings.rag:
                raise BadInput(
                    f"no store called {name!r}: neither the plan's resources nor this machine's "
                    "config name one",
                    where=name,
                )
            # Named, so that a worker does not look for it on other machines.
            return self._settings.rag.get(name) or Machine(self._settings).store_settings(name)
        own = self.folder / "rag" / f"{name}.db"
        path = Path(plan.folder, spec.path) if spec.path else own
        fields = spec.model_dump(exclude={"path", "documents"})
        return RagSettings(path=path, **fields)

    async def _fill(self, plan: Plan, rag: dict[str, RagSettings]) -> None:
        machine = Machine(self._settings)
        try:
            for name in rag.keys() & plan.resources.rag.keys():
                files = [Path(plan.folder, f) for f in plan.resources.rag[name].documents]
                if files:
                    await machine.store(name).fill(files)
        finally:
            await machine.aclose()
