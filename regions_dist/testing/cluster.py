"""A cluster in this process: a real broker, and workers in threads of their own."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from regions_dist.config import load_settings
from regions_dist.embedded.broker import Broker
from regions_dist.library.hosting import host_here, worker_info
from regions_dist.runtime.host import OwnRegions

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.domain.resources import LLM, Retriever

__all__ = ["Cluster"]


class Cluster:
    """An embedded broker at ``url``, and the workers that ``host`` starts; ends with its context.

    Its data lies in ``folder``, a temporary one where none is given. ``lease`` is in seconds: so
    long a worker that has died without a word is waited for.
    """

    def __init__(self, folder: Path | None = None, *, lease: float = 0.5) -> None:
        self._own_folder = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="regions-cluster-"))
        self._lease = lease
        self._broker = Broker(self._folder / "broker")
        self._workers: list[_Worker] = []
        self.url = ""

    def __enter__(self) -> Self:
        self.url = self._broker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.stop()
        self._broker.stop()
        if self._own_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def host(
        self, *regions: str, llm: LLM | None = None, rag: Retriever | None = None
    ) -> Callable[[], None]:
        """Start a worker for these regions of any run; what stops it, at once and without a word.

        ``llm`` and ``rag`` are what the regions of this worker find under every name.
        """
        worker = _Worker(self.url, self._lease, regions, {"llm": llm, "rag": rag})
        self._workers.append(worker)
        return worker.stop


class _Worker:
    """A worker in a thread, with an event loop of its own."""

    def __init__(
        self, url: str, lease: float, regions: tuple[str, ...], given: dict[str, object]
    ) -> None:
        self._settings = load_settings(redis=url, environment={}).model_copy(
            update={"lease": lease}
        )
        name = f"worker-{secrets.token_hex(3)}"
        self._info = worker_info(name, regions)
        self._given = given
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._leave = asyncio.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()
        self._up.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._leave.set)
            self._thread.join()

    def _find(self, kind: str, _: str) -> object | None:
        return self._given[kind]

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._work())
        except Exception as failure:  # noqa: BLE001  told to who started the thread
            self._failure = failure
        finally:
            self._up.set()

    async def _work(self) -> None:
        async with AsyncExitStack() as stack:
            await host_here(self._settings, self._info, self._find, OwnRegions(), stack)
            self._up.set()
            await self._leave.wait()
