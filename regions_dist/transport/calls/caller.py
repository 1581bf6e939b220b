"""Calls of this machine to resources that others serve."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from arq.jobs import DeserializationError, JobResult, deserialize_result

from regions_dist.domain.lacking import lack
from regions_dist.errors import BrokerUnavailable, ModelUnavailable, StoreProblem
from regions_dist.transport import keys
from regions_dist.transport.calls.wire import FUNCTION, connect_arq, error_of, unpack
from regions_dist.transport.connection import BLOCK_MS, connect
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from regions_dist.ports import Asker, ResourceKind, Workers
    from regions_dist.transport.patience import Patience

__all__ = ["Caller", "Resource"]

log = logging.getLogger(__name__)

_WORDS: Final[dict[ResourceKind, str]] = {"llm": "model", "embedding": "embedder", "rag": "store"}
_WITHDRAW_WITHIN: Final = 1.0
_KEPT: Final = timedelta(days=7)
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_EXPIRED: Final = "job expired"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that a machine may serve to all."""

    kind: ResourceKind
    name: str

    @property
    def member(self) -> str:
        """How the broker's sets of resources call it."""
        return f"{self.kind}:{self.name}"

    def __str__(self) -> str:
        return f"the {_WORDS[self.kind]} {self.name!r}"


@dataclass(frozen=True, slots=True)
class _Call:
    resource: Resource
    method: str
    arguments: dict[str, Any]
    job: str
    asker: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def queue(self) -> str:
        return keys.queue_of(self.resource.kind, self.resource.name)


class Caller:
    """Asks resources of other machines, and waits for whoever serves them.

    ``workers`` tells who is up. Answers are kept in the broker until ``settle``, or for a day.
    """

    def __init__(self, url: str, patience: Patience, workers: Workers) -> None:
        self._arq = connect_arq(url)
        self._redis = connect(url)
        self._abandon = self._redis.register_script(source("abandon_call"))
        self._patience = patience
        self._workers = workers
        self._kept: defaultdict[str, set[str]] = defaultdict(set)

    async def close(self) -> None:
        """Close the connections."""
        await self._arq.aclose(close_connection_pool=True)
        await self._redis.aclose()

    async def is_served(self, resource: Resource) -> bool:
        """Whether a worker has ever served it to all."""
        ask = partial(self._redis.sismember, keys.SERVED, resource.member)
        return bool(await self._patience.ask(ask))

    async def ask(
        self,
        resource: Resource,
        method: str,
        arguments: dict[str, Any],
        asker: Asker | None = None,
    ) -> Any:
        """The answer of whoever serves the resource, however long nobody does.

        To an ``asker`` it is the same however often it is asked for, until the step is settled.
        One who is cancelled withdraws the call. Raises what the resource raised;
        ModelUnavailable or StoreProblem where what came back is no answer.
        """
        job = f"{asker.key}/{asker.call}" if asker else secrets.token_hex(16)
        call = _Call(resource, method, arguments, job)
        try:
            document = await self._answer(call, asker)
        except asyncio.CancelledError:
            await self._withdraw(call)
            raise
        if asker is None or "error" in document:
            await self._forget([call.job])
        else:
            self._kept[asker.key].add(call.job)
        if "error" in document:
            raise error_of(document["error"])
        return document["answer"]

    async def settle(self, key: str) -> None:
        """Let go of the answers that were kept for a step: it is over."""
        if jobs := self._kept.pop(key, None):
            await self._forget(jobs)

    async def _answer(self, call: _Call, asker: Asker | None) -> dict[str, Any]:
        waiting = _Waiting(call.resource, asker, self._workers)
        while True:
            result, queued = await self._patience.ask(partial(self._look, call))
            if result is not None and (document := self._read(call, result)) is not None:
                await waiting.over()
                return document
            if result is not None:
                await self._forget([call.job])
            if result is not None or not queued:
                await self._patience.ask(partial(self._post, call))
            if not await self._woken(call) and await waiting.look():
                add = partial(self._redis.sadd, keys.WANTED, call.resource.member)
                await self._patience.ask(add)

    async def _look(self, call: _Call) -> tuple[bytes | None, bool]:
        async with self._arq.pipeline(transaction=False) as pipe:
            pipe.set(keys.of_call(call.job, "asker"), call.asker, ex=_KEPT)
            pipe.get(keys.of_job(call.job, "result"))
            pipe.zscore(call.queue, call.job)
            _, result, turn = await pipe.execute()
        return result, turn is not None

    async def _post(self, call: _Call) -> None:
        """Put the call into the queue. Its score is its turn: so no machine's clock counts."""
        turn = await self._redis.incr(keys.TURNS)
        await self._arq.enqueue_job(
            FUNCTION,
            call.method,
            call.arguments,
            _job_id=call.job,
            _queue_name=call.queue,
            _defer_until=_EPOCH + timedelta(milliseconds=turn),
            _expires=_KEPT,
        )

    async def _woken(self, call: _Call) -> bool:
        answered = [keys.of_call(call.job, "answered")]
        ask = partial(self._redis.blpop, answered, BLOCK_MS / 1000)
        return bool(await self._patience.ask(ask))

    def _read(self, call: _Call, result: bytes) -> dict[str, Any] | None:
        """The answer; None for a call that was queued for so long that arq has dropped it."""
        problem = StoreProblem if call.resource.kind == "rag" else ModelUnavailable
        try:
            found: JobResult = deserialize_result(result, deserializer=unpack)
        except DeserializationError:
            raise problem(
                f"{call.resource}: what came back is refused: no answer of ours"
            ) from None
        if found.success and isinstance(found.result, dict):
            return found.result
        if found.result == _EXPIRED:
            return None
        raise problem(f"{call.resource} could not be asked: {found.result}")

    async def _withdraw(self, call: _Call) -> None:
        asked = [keys.of_call(call.job, "asker"), keys.of_job(call.job, "job"), call.queue]
        ask = partial(self._abandon, keys=asked, args=[call.asker, call.job])
        with suppress(BrokerUnavailable):
            await self._patience.once(ask, within=_WITHDRAW_WITHIN)

    async def _forget(self, jobs: Any) -> None:
        names = [
            name
            for job in jobs
            for name in (keys.of_job(job, "result"), keys.of_call(job, "answered"))
        ]
        names += [keys.of_call(job, "asker") for job in jobs]
        await self._patience.ask(partial(self._redis.delete, *names))


class _Waiting:
    """Says so, once, when what is waited for is served by nobody, and when it is again."""

    def __init__(self, resource: Resource, asker: Asker | None, workers: Workers) -> None:
        self._resource = resource
        self._asker = asker
        self._workers = workers
        self._missing = False

    async def look(self) -> bool:
        """Look whether anybody serves it; whether it was said just now that nobody does."""
        offers = [offer for worker in await self._workers.list() for offer in worker.resources]
        wanted = (self._resource.kind, self._resource.name)
        if any((offer.kind, offer.name) == wanted for offer in offers):
            await self.over()
            return False
        if self._missing:
            return False
        self._missing = True
        kind, name = wanted
        await self._say(lack(str(self._resource), f"regions-worker --{kind} {name}"))
        return True

    async def over(self) -> None:
        """It is served again, or was."""
        if self._missing:
            self._missing = False
            await self._say(f"{self._resource} is served again")

    async def _say(self, text: str) -> None:
        if self._asker:
            await self._asker.say(text)
        log.warning("%s", text)
