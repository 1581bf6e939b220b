"""A worker's answers to calls of one resource from all machines."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import redis
from arq.worker import Worker, func

from regions_dist.errors import BrokerUnavailable, RegionsError
from regions_dist.runtime.ending import end
from regions_dist.transport import keys
from regions_dist.transport.calls.wire import (
    FUNCTION,
    connect_arq,
    error_document,
    pack,
    unpack,
)
from regions_dist.transport.connection import ANSWER_WITHIN, translated
from regions_dist.transport.pulses import Act, Pulse
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from regions_dist.ports import Offer
    from regions_dist.transport.patience import Patience
    from regions_dist.transport.registry import Heartbeat

__all__ = ["CallHost", "Handler"]

log = logging.getLogger(__name__)

Handler = Callable[[str, dict[str, Any], int], Awaitable[Any]]
"""What answers a call: method, arguments, turn. Its RegionsErrors are raised where it was asked."""

_DAY: Final = 86_400.0
_POLL_EVERY: Final = 0.01
_TRIES: Final = 20
"""So many hosts may die of a call before it is given up."""
_WAKE_FOR: Final = 60_000
"""Milliseconds for which an answer wakes who asked."""


class _Jobs(Worker):
    """arq's worker. A job under way has a lease, kept up by ``heart``, instead of a time limit."""

    def __init__(
        self,
        pool: Any,
        queue: str,
        handler: Handler,
        at_a_time: int,
        lease: float,
        heart: Heartbeat,
        patience: Patience,
    ) -> None:
        super().__init__(
            [func(self._answer, name=FUNCTION)],
            queue_name=queue,
            redis_pool=pool,
            handle_signals=False,
            max_jobs=at_a_time,
            job_timeout=_DAY,
            keep_result=_DAY,
            poll_delay=_POLL_EVERY,
            max_tries=_TRIES,
            log_results=False,
            job_serializer=pack,
            job_deserializer=unpack,
        )
        self._lease_ms = int(lease * 1000)
        self._take = pool.register_script(source("take_call"))
        self.looked = time.monotonic()
        self._handler = handler
        self._heart = heart
        self._patience = patience

    async def _answer(self, ctx: dict[Any, Any], method: str, arguments: Any) -> dict[str, Any]:
        try:
            return {"answer": await self._handler(method, arguments, ctx["score"])}
        except RegionsError as error:
            return {"error": error_document(error)}

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        """Start these as far as there is room; those whose ids are no text would stop the loop.

        In place of arq's own, which counts a call as under way for good when the broker goes away
        while it is taken. What is under way here is not started again: its lease may have run
        out, while the broker was away or this process got no time; the next beat takes it anew.
        """
        odd = [job for job in job_ids if not _is_text(job)]
        if odd:
            log.warning("%d calls are refused: their names are no text", len(odd))
            await self.pool.zrem(self.queue_name, *odd)
        for job in [job.decode() for job in job_ids if job not in odd]:
            if self.job_counter >= self.max_jobs:
                return
            if not self._is_here(job) and (turn := await self._take_call(job)) is not None:
                self._begin(job, int(turn))

    def _is_here(self, job: str) -> bool:
        return job in self.tasks and not self.tasks[job].done()

    async def _take_call(self, job: str) -> bytes | None:
        held = [keys.of_job(job, "in-progress"), self.queue_name]
        return cast("bytes | None", await self._take(keys=held, args=[job, self._lease_ms]))

    def _begin(self, job: str, turn: int) -> None:
        self.job_counter += 1
        self.tasks[job] = task = asyncio.create_task(self.run_job(job, turn))
        task.add_done_callback(self._end)

    def _end(self, _: asyncio.Task[None]) -> None:
        self.job_counter -= 1

    async def run_job(self, job_id: str, score: int) -> None:
        """Answer one call, and beat for it. One that cannot be read is struck off."""
        pulse = self._pulse(job_id)
        self._heart.keep(pulse)
        try:
            with translated(""):
                await super().run_job(job_id, score)
        except BrokerUnavailable as error:
            log.info("call %s: %s; it is answered again", job_id, error.message)
        except redis.exceptions.ResponseError as error:
            log.warning("call %s is refused: %s", job_id, error)
            await self.pool.zrem(self.queue_name, job_id)
        finally:
            self._heart.leave(pulse)

    def _pulse(self, job: str) -> Pulse:
        held = (keys.of_job(job, "in-progress"), keys.of_job(job, "job"))
        return Pulse(
            renew=Act("keep_call", held, (self._lease_ms,)),
            release=Act("keep_call", held, (0,)),
            lost=partial(self._withdrawn, job),
            counts=True,
        )

    def _withdrawn(self, job: str) -> None:
        if task := self.job_tasks.get(job):
            log.info("call %s is ended: nobody waits for it any more", job)
            task.cancel()

    async def finish_job(self, job_id: str, *others: Any) -> None:
        """Keep the answer, however long the broker is away, and wake who asked."""
        await self._patience.ask(partial(super().finish_job, job_id, *others))
        await self._told(job_id, others[1])

    async def finish_failed_job(self, job_id: str, result_data: bytes | None) -> None:
        """As ``finish_job``, for a call that could not be read."""
        await self._patience.ask(partial(super().finish_failed_job, job_id, result_data))
        await self._told(job_id, result_data)

    async def _told(self, job: str, result: bytes | None) -> None:
        if result is None:
            return
        document = unpack(result)
        if not document["s"]:
            log.warning("call %s is refused: %s", job, document["r"])
        await self._patience.ask(partial(self._wake, job))

    async def _wake(self, job: str) -> None:
        async with self.pool.pipeline(transaction=True) as pipe:
            pipe.lpush(keys.of_call(job, "answered"), "1")
            pipe.pexpire(keys.of_call(job, "answered"), _WAKE_FOR)
            await pipe.execute()

    async def heart_beat(self) -> None:
        """Called by arq after each look for work."""
        self.looked = time.monotonic()
        await super().heart_beat()


def _is_text(job: bytes) -> bool:
    try:
        job.decode()
    except UnicodeDecodeError:
        return False
    return True


class CallHost:
    """Answers the calls of ``offer``'s resource, ``at_a_time`` of them. ``lease`` is in seconds."""

    def __init__(
        self,
        url: str,
        offer: Offer,
        handler: Handler,
        heart: Heartbeat,
        patience: Patience,
        *,
        at_a_time: int,
        lease: float,
    ) -> None:
        self._url = url
        self._offer = offer
        self._patience = patience
        self._pool = connect_arq(url)
        queue = keys.queue_of(offer.kind, offer.name)
        self._jobs = _Jobs(self._pool, queue, handler, at_a_time, lease, heart, patience)

    async def run(self) -> None:
        """Answer calls until cancelled; ``drain`` is to follow then."""
        member = f"{self._offer.kind}:{self._offer.name}"
        await self._patience.ask(partial(self._pool.sadd, keys.SERVED, member))
        while True:
            try:
                with translated(self._url):
                    await self._look()
            except BrokerUnavailable as error:
                log.debug("%s", error.message)
            await self._patience.ask(self._pool.ping)

    async def drain(self) -> None:
        """Finish what is under way."""
        await asyncio.gather(*self._jobs.tasks.values(), return_exceptions=True)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose(close_connection_pool=True)

    async def _look(self) -> None:
        """Look for calls until a look fails, or is not answered."""
        self._jobs.looked = time.monotonic()
        looking = asyncio.create_task(self._jobs.main())
        try:
            while time.monotonic() - self._jobs.looked < ANSWER_WITHIN:
                done, _ = await asyncio.wait([looking], timeout=1.0)
                if done:
                    return looking.result()
        finally:
            await end([looking])
