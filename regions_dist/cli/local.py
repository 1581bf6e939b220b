"""What a run needs on this machine and nobody else offers: broker, model, stores, workers."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from regions_dist.bootstrap import Machine
from regions_dist.config import LLMSettings, RagSettings, Settings
from regions_dist.documents import read_documents
from regions_dist.domain.registry import region_type
from regions_dist.embedded.broker import Broker
from regions_dist.embedded.model import serve_model
from regions_dist.embedded.model_file import find_or_fetch
from regions_dist.embedded.model_settings import QUESTION_EXAMPLES, REPLY_EXAMPLES
from regions_dist.embedded.processes import Household
from regions_dist.errors import BadInput
from regions_dist.ports import WorkerInfo
from workers.region import spawned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regions_dist.domain.plan import Plan

__all__ = ["Local", "run_folder"]

_MODEL_SLOTS = 2
_MODEL_CONTEXT = 2048
_UP_WITHIN = 60.0


def run_folder(home: Path, run: str) -> Path:
    """Where a run on embedded defaults keeps its data."""
    return home / "runs" / run


class Local:
    """Starts what is missing, and ends all of it; ``say`` tells people what takes a while."""

    def __init__(self, settings: Settings, folder: Path, say: Callable[[str], None]) -> None:
        self._settings = settings
        self.folder = folder
        self._say = say
        self._broker: Broker | None = None
        self._household = Household()

    @property
    def has_broker(self) -> bool:
        """Whether the broker was started here, so that no worker of others can be on it."""
        return self._broker is not None

    def start_broker(self) -> Settings:
        """Start a broker on the run's folder; the settings that name it."""
        self._broker = Broker(self.folder / "broker")
        url = self._broker.start()
        self._settings = Settings.model_validate(dict(self._settings) | {"redis": url})
        return self._settings

    async def prepare(self, plan: Plan) -> Settings:
        """Start the models and fill the stores that the plan's regions name; settings for both."""
        types = [(entry, region_type(entry.type).resources) for entry in plan.regions]
        stores = {entry.rag for entry, needs in types if "rag" in needs}
        models = {entry.llm for entry, needs in types if "llm" in needs}
        rag = {name: spec for name in sorted(stores) if (spec := self._store(plan, name))}
        llm = {name: await asyncio.to_thread(self._model, plan, name) for name in sorted(models)}
        embedding = {
            name: spec.model_dump() for name, spec in plan.resources.embedding.items() if spec.url
        }
        changes = {
            "rag": dict(self._settings.rag) | rag,
            "llm": dict(self._settings.llm) | llm,
            "embedding": dict(self._settings.embedding) | embedding,
        }
        self._settings = Settings.model_validate(dict(self._settings) | changes)
        await self._fill(plan, rag)
        return self._settings

    def start_workers(self, regions: Sequence[str], processes: int | None) -> None:
        """Start a worker for each region, or ``processes`` that share them; return once up."""
        count = min(processes or len(regions), len(regions))
        for number in range(count):
            mine = tuple(regions[number::count])
            name = f"{socket.gethostname()}-{os.getpid()}-{number}"
            worker = WorkerInfo(name, socket.gethostname(), os.getpid(), mine)
            log = self.folder / "logs" / f"worker-{number}.log"
            self._household.start(spawned, self._settings, worker, name=f"worker {mine}", log=log)
        self._household.wait_ready(_UP_WITHIN)

    def stop(self) -> None:
        """End everything that was started, the broker last."""
        self._household.stop()
        if self._broker:
            self._broker.stop()

    def _model(self, plan: Plan, name: str) -> LLMSettings:
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
        return (
            self._embedded(params)
            if own is None
            else own.model_copy(update={"params": own.params | params})
        )

    def _embedded(self, params: dict[str, object]) -> LLMSettings:
        file = find_or_fetch(self._say)
        key = secrets.token_urlsafe(24)
        self._household.start(
            serve_model,
            file,
            name="embedded model",
            log=self.folder / "logs" / "model.log",
            slots=_MODEL_SLOTS,
            n_ctx=_MODEL_CONTEXT,
            api_key=key,
        )
        url = str(self._household.wait_ready(_UP_WITHIN)["embedded model"]["url"])
        return LLMSettings(
            url=url,
            api_key=SecretStr(key),
            params={"temperature": 0.2} | params,
            examples=REPLY_EXAMPLES,
            question_examples=QUESTION_EXAMPLES,
            slots=_MODEL_SLOTS,
        )

    def _store(self, plan: Plan, name: str) -> RagSettings | None:
        spec = plan.resources.rag.get(name)
        if spec is None:
            if name != "default" and name not in self._settings.rag:
                raise BadInput(
                    f"no store called {name!r}: neither the plan's resources nor this machine's "
                    "config name one",
                    where=name,
                )
            return None
        own = self.folder / "rag" / f"{name}.db"
        path = Path(plan.folder, spec.path) if spec.path else own
        fields = spec.model_dump(exclude={"path", "documents"})
        return RagSettings(path=path, **fields)

    async def _fill(self, plan: Plan, rag: dict[str, RagSettings]) -> None:
        machine = Machine(self._settings)
        try:
            for name in rag:
                files = [Path(plan.folder, f) for f in plan.resources.rag[name].documents]
                store = machine.store(name)
                if files and not (await store.get_stats()).documents:
                    for text, actors, identity in read_documents(files):
                        await store.store_document(text, actors, identity)
        finally:
            await machine.aclose()
