"""Whether this machine and what it is configured to use are fit for runs."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from regions_dist.domain.finding import Finding
from regions_dist.embedded.broker import server_binary
from regions_dist.embedded.model_file import model_path
from regions_dist.errors import RegionsError
from regions_dist.machine import Machine
from regions_dist.transport.connection import safe_url
from regions_dist.transport.registry import RedisWorkers
from regions_dist.transport.run_store import RedisRunStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from regions_dist.config import Settings
    from regions_dist.ports import WorkerInfo

__all__ = ["examine", "line"]

_HEALTHY = 200


async def examine(settings: Settings) -> AsyncIterator[Finding | str]:
    """Look at everything in turn: a Finding for what is wrong or odd, a text for what is well."""
    yield _home(settings.home)
    if settings.redis_url:
        async for finding in _broker(settings, settings.redis_url):
            yield finding
    else:
        yield _embedded_broker()
    if not settings.llm:
        yield _embedded_model()
    machine = Machine(settings)
    try:
        async for finding in _resources(settings, machine):
            yield finding
    finally:
        await machine.aclose()


def _home(home: Path) -> Finding | str:
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _error("home", f"{home} cannot be made: {error.strerror}; set REGIONS_HOME")
    if not os.access(home, os.W_OK):
        return _error("home", f"{home} cannot be written to; set REGIONS_HOME to a folder that can")
    return f"home: {home}"


async def _broker(settings: Settings, url: str) -> AsyncIterator[Finding | str]:
    store, workers = RedisRunStore(url), RedisWorkers(url, lease=settings.lease)
    try:
        began = time.perf_counter()
        await store.check()
        yield f"broker: {safe_url(url)} answers in {(time.perf_counter() - began) * 1e3:.1f} ms"
        for finding in await store.health():
            yield finding
        up = await workers.list()
        yield (
            f"workers: {', '.join(worker.name for worker in up)}"
            if up
            else Finding(
                "warning", "no-worker", "no worker is up; start one: regions-worker --region NAME"
            )
        )
    except RegionsError as error:
        yield _error(error.code, error.message)
    finally:
        await workers.close()
        await store.close()


def _workers(up: Sequence[WorkerInfo]) -> Finding | str:
    if up:
        return f"workers: {', '.join(worker.name for worker in up)}"
    message = "no worker is up; start one: regions-worker --region NAME"
    return Finding("warning", "no-worker", message)


def _embedded_broker() -> Finding | str:
    try:
        return f"broker: none configured, so runs start their own ({server_binary()})"
    except RegionsError as error:
        return _error(error.code, error.message)


def _embedded_model() -> str:
    where = model_path()
    state = where if where.exists() else "fetched at the first run, 93 MB"
    return f"model: none configured, so runs start the embedded one ({state})"


async def _resources(settings: Settings, machine: Machine) -> AsyncIterator[Finding | str]:
    for name, model in settings.llm.items():
        yield _file(f"model {name}", model.gguf) if model.gguf else await _model(machine, name)
    for name, spec in settings.embedding.items():
        yield _file(f"embedder {name}", spec.gguf) if spec.gguf else await _embedder(machine, name)
    for name in settings.rag:
        yield await _store(machine, name)


def _file(what: str, gguf: Path) -> Finding | str:
    if gguf.expanduser().is_file():
        return f"{what}: {gguf}, served where it is asked for"
    return _error("model", f"{what}: there is no file {gguf}")


async def _model(machine: Machine, name: str) -> Finding | str:
    try:
        code, state = await machine.llm(name).health()
    except RegionsError as error:
        return _error(error.code, error.message)
    if code == _HEALTHY:
        return f"model {name}: {state}"
    return _error("model", f"the model {name!r} answers {code} ({state}) when asked how it is")


async def _embedder(machine: Machine, name: str) -> Finding | str:
    try:
        (vector,) = await machine.embedder(name).embed(["one"])
    except RegionsError as error:
        return _error(error.code, error.message)
    return f"embedder {name}: {len(vector)} dimensions"


async def _store(machine: Machine, name: str) -> Finding | str:
    try:
        stats = await machine.store(name).get_stats()
    except RegionsError as error:
        return _error(error.code, error.message)
    return f"store {name}: {stats.documents} documents, {stats.chunks} chunks"


def line(found: Finding | str) -> str:
    """What to print of one look."""
    if isinstance(found, str):
        return f"ok       {found}"
    return f"{found.severity:<8} {found.message} [{found.code}]"


def _error(code: str, message: str) -> Finding:
    return Finding("error", code, message)
