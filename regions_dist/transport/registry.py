"""The registry of worker processes, and the heartbeats that keep it and the leases alive."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import redis

from regions_dist.ports import WorkerInfo
from regions_dist.transport import keys
from regions_dist.transport.connection import connect, translated
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Heartbeat", "RedisWorkers"]

log = logging.getLogger(__name__)

_MISSED = 3
"""A worker that has missed so many beats is not listed any more."""


class RedisWorkers:
    """Implements ports.Workers."""

    def __init__(self, url: str, *, lease: float) -> None:
        self._url = url
        self._lease = lease
        self._redis = connect(url)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def list(self) -> list[WorkerInfo]:
        """See ports.Workers. Ages are by the broker's clock."""
        with translated(self._url):
            beats = await self._redis.hgetall(keys.WORKERS)
            seconds, micros = await self._redis.time()
        now = seconds + micros / 1e6
        workers = [_worker(name, json.loads(text), now) for name, text in beats.items()]
        return sorted(
            (worker for worker in workers if worker.age < _MISSED * self._lease),
            key=lambda worker: worker.name,
        )


def _worker(name: str, fields: dict[str, object], now: float) -> WorkerInfo:
    return WorkerInfo(
        name=name,
        host=str(fields["host"]),
        pid=int(str(fields["pid"])),
        regions=tuple(map(str, fields["regions"])) if isinstance(fields["regions"], list) else (),
        roles=tuple(map(str, fields["roles"])) if isinstance(fields["roles"], list) else (),
        age=max(0.0, now - float(str(fields["at"]))),
    )


class Heartbeat:
    """Beats for a worker and its leases from a thread of its own, which no busy step can starve."""

    def __init__(self, url: str, worker: WorkerInfo, *, lease: float) -> None:
        self._worker = worker
        self._lease = lease
        self._leases: dict[tuple[str, str], str] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._redis: Any = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=max(lease, 1.0), socket_connect_timeout=3
        )
        self._renew = self._redis.register_script(source("renew"))
        self.postmaster_seen: Callable[[bool], None] = lambda _: None
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Beat now, then three times a lease."""
        self._thread.start()

    def stop(self) -> None:
        """Stop beating and leave the registry."""
        self._stop.set()
        self._thread.join()
        try:
            self._redis.hdel(keys.WORKERS, self._worker.name)
            if "postmaster" in self._worker.roles:
                self._redis.delete(keys.POSTMASTER)
        except redis.exceptions.RedisError as error:
            log.info("could not sign off: %s", error)
        self._redis.close()

    def hold(self, run: str, region: str, token: str) -> None:
        """Beat for this lease from now on."""
        with self._guard:
            self._leases[run, region] = token

    def drop(self, run: str, region: str, token: str) -> None:
        """Beat for this lease no more; a later lease of the same region is left alone."""
        with self._guard:
            if self._leases.get((run, region)) == token:
                del self._leases[run, region]

    def _run(self) -> None:
        while True:
            try:
                self._beat()
            except redis.exceptions.RedisError as error:
                log.warning("the broker does not answer the heartbeat: %s", error)
            if self._stop.wait(self._lease / 3):
                return

    def _beat(self) -> None:
        with self._guard:
            leases = dict(self._leases)
        for (run, region), token in leases.items():
            self._renew(keys=[keys.of_run(run, "run")], args=[region, token])
        self._announce()
        self.postmaster_seen(bool(self._redis.exists(keys.POSTMASTER)))

    def _announce(self) -> None:
        seconds, micros = self._redis.time()
        now = replace(self._worker, age=0.0)
        self._redis.hset(
            keys.WORKERS, now.name, json.dumps(asdict(now) | {"at": seconds + micros / 1e6})
        )
        if "postmaster" in self._worker.roles:
            self._redis.set(keys.POSTMASTER, now.name, px=int(self._lease * 1000))
