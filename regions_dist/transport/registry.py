"""The registry of worker processes, and the heartbeats that keep it and the leases alive."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

import redis

from regions_dist.errors import BrokerUnavailable, RegionsError
from regions_dist.ports import Offer, WorkerInfo
from regions_dist.transport import keys
from regions_dist.transport.clocks import Clocks, Span
from regions_dist.transport.connection import connect, connect_blocking, translated
from regions_dist.transport.patience import GIVE_UP, Patience
from regions_dist.transport.pulses import Act
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from regions_dist.transport.pulses import Pulse

__all__ = ["Heartbeat", "RedisWorkers"]

log = logging.getLogger(__name__)
Done = TypeVar("Done")

_SCRIPTS: Final = ("renew", "keep_slot", "give_slot", "keep_call")
_MISSED = 3
"""A worker that has missed so many beats is not listed any more."""
_FORGOTTEN = 3600.0
"""Seconds after which a worker that was killed is struck off the registry."""


class RedisWorkers:
    """Implements ports.Workers. A broker that goes away is waited for as ``patience`` says."""

    def __init__(self, url: str, *, lease: float, patience: Patience | None = None) -> None:
        self._patience = patience or Patience(url, give_up=GIVE_UP)
        self._lease = lease
        self._redis = connect(url)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def list(self) -> list[WorkerInfo]:
        """See ports.Workers. Ages are by the broker's clock."""
        beats = await self._patience.ask(partial(self._redis.hgetall, keys.WORKERS))
        seconds, micros = await self._patience.ask(self._redis.time)
        now = seconds + micros / 1e6
        workers = {name: _worker(name, text, now) for name, text in beats.items()}
        await self._forget([n for n, w in workers.items() if w is None or w.age > _FORGOTTEN])
        return sorted(
            (w for w in workers.values() if w and w.age < _MISSED * self._lease),
            key=lambda worker: worker.name,
        )

    async def _forget(self, names: Sequence[str]) -> None:
        """Strike off who died long ago; one that lives after all comes back with its next beat."""
        if names:
            await self._patience.ask(partial(self._redis.hdel, keys.WORKERS, *names))


def _worker(name: str, text: str, now: float) -> WorkerInfo | None:
    """The worker that beat so; None for what no worker of ours has written."""
    try:
        fields = json.loads(text)
        return WorkerInfo(
            name=name,
            host=str(fields["host"]),
            pid=int(fields["pid"]),
            regions=tuple(map(str, fields["regions"])),
            roles=tuple(map(str, fields["roles"])),
            age=max(0.0, now - float(fields["at"])),
            reading=float(fields.get("reading", 0.0)),
            incarnation=str(fields.get("incarnation", "")),
            resources=tuple(Offer(**offer) for offer in fields.get("resources", ())),
            pools=tuple(map(str, fields.get("pools", ()))),
            labels={str(k): str(v) for k, v in dict(fields.get("labels", {})).items()},
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


class Heartbeat:
    """Beats for a worker and its leases from a thread of its own, which no busy step can starve.

    A renewal that is refused is told, on the event loop, to ``lost`` (run, region, token): the
    lease is another's, or its run is over. ``reading`` tells how long ago the worker last looked
    for work.
    """

    def __init__(
        self,
        url: str,
        worker: WorkerInfo,
        *,
        lease: float,
        patience: Patience | None = None,
        clocks: Clocks | None = None,
    ) -> None:
        self._url = url
        self._worker = worker
        self._lease = lease
        self._patience = patience or Patience(url)
        self._clocks = clocks or Clocks()
        self._answer_within = max(lease, 1.0)
        self._leases: dict[tuple[str, str], str] = {}
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._redis = connect_blocking(url, answer_within=self._answer_within)
        self._scripts = {name: self._redis.register_script(source(name)) for name in _SCRIPTS}
        self._pulses: dict[Pulse, None] = {}
        self._met: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.postmaster_seen: Callable[[bool], None] = lambda _: None
        self.lost: Callable[[str, str, str], None] = lambda *_: None
        self.reading: Callable[[], float] = lambda: 0.0
        self.resources: Callable[[], tuple[Offer, ...]] = lambda: worker.resources
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Beat now, then three times a lease. To be called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Stop beating and leave the registry."""
        self._stop.set()
        self._thread.join()
        try:
            with translated(self._url):
                self._release()
                self._redis.hdel(keys.WORKERS, self._worker.name)
                if "postmaster" in self._worker.roles:
                    self._redis.delete(keys.POSTMASTER)
        except RegionsError as error:
            log.info("could not sign off: %s", error.message)
        self._redis.close()

    @property
    def held(self) -> int:
        """How many steps and calls of others it beats for."""
        with self._guard:
            return len(self._leases) + sum(pulse.counts for pulse in self._pulses)

    def hold(self, run: str, region: str, token: str) -> None:
        """Beat for this lease from now on."""
        with self._guard:
            self._leases[run, region] = token

    def drop(self, run: str, region: str, token: str) -> None:
        """Beat for this lease no more; a later lease of the same region is left alone."""
        with self._guard:
            if self._leases.get((run, region)) == token:
                del self._leases[run, region]

    def keep(self, pulse: Pulse) -> None:
        """Beat for this, too, from now on."""
        with self._guard:
            self._pulses[pulse] = None

    def leave(self, pulse: Pulse) -> None:
        """Beat for this no more."""
        with self._guard:
            self._pulses.pop(pulse, None)

    def _run(self) -> None:
        stopped = False
        while not stopped:
            self._timed(self._try_to_beat, usually=2 * self._answer_within)
            stopped = self._timed(partial(self._stop.wait, self._lease / 3), self._lease / 3)

    def _timed(self, do: Callable[[], Done], usually: float) -> Done:
        """Do it, and say so where clocks tell of a gap: take-overs are explained by it."""
        span = Span(self._clocks)
        done = do()
        gap = span.seconds() - usually
        if gap > self._lease:
            log.warning(
                "this machine slept, or this process was stopped, for about %.0f s (or the clock "
                "was set); checking what is still ours",
                gap,
            )
        return done

    def _try_to_beat(self) -> None:
        asked = time.monotonic()
        try:
            with translated(self._url):
                self._beat()
        except BrokerUnavailable as error:
            # A single miss tells nothing: this process may have been stopped meanwhile.
            if error.code in self._met:
                self._patience.missed(error, asked)
            self._met.add(error.code)
        except (RegionsError, redis.exceptions.RedisError) as error:
            if str(error) not in self._met:
                log.warning("the broker does not take the heartbeat: %s", error)
            self._met.add(str(error))
        else:
            self._patience.answered(*self._met)
            self._met.clear()

    def _beat(self) -> None:
        with self._guard:
            leases = [(run, region, token) for (run, region), token in self._leases.items()]
            pulses = list(self._pulses)
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            pipe.exists(keys.POSTMASTER)
            for run, region, token in leases:
                self._do(Act("renew", (keys.of_run(run, "run"),), (region, token)), pipe)
            for pulse in pulses:
                self._do(pulse.renew, pipe)
            (seconds, micros), postmaster, *renewed = pipe.execute()
        self._announce(seconds + micros / 1e6)
        self.postmaster_seen(bool(postmaster))
        for lease, alive in zip(leases, renewed, strict=False):
            if not alive:
                self.drop(*lease)
                self._tell(partial(self.lost, *lease))
        for pulse, alive in zip(pulses, renewed[len(leases) :], strict=True):
            if not alive:
                self.leave(pulse)
                self._tell(pulse.lost)

    def _tell(self, lost: Callable[[], None]) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lost)

    def _do(self, act: Act, pipe: Any) -> None:
        self._scripts[act.script](keys=act.keys, args=act.arguments, client=pipe)

    def _release(self) -> None:
        """Give back what is still held besides leases: others need not wait it out."""
        with self._guard, self._redis.pipeline(transaction=False) as pipe:
            for pulse in self._pulses:
                self._do(pulse.release, pipe)
            pipe.execute()

    def _announce(self, now: float) -> None:
        beat = replace(
            self._worker, age=0.0, reading=round(self.reading(), 1), resources=self.resources()
        )
        text = json.dumps(asdict(beat) | {"at": now})
        with self._redis.pipeline(transaction=False) as pipe:
            pipe.hset(keys.WORKERS, beat.name, text)
            if "postmaster" in beat.roles:
                pipe.set(keys.POSTMASTER, beat.name, px=int(self._lease * 1000))
            pipe.execute()
