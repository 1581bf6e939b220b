"""The cluster that is disturbed: a broker, a Postmaster, two workers for each region, and two
hosts of a model that all share."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import psutil
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as Lost
from redis.exceptions import TimeoutError as Late

from regions_dist.config import load_settings
from regions_dist.ports import Offer, WorkerInfo
from regions_dist.transport import keys
from tests.chaos.plan import SHARED, regions_of_plan
from tests.chaos.processes import Member, Process, forked, script
from tests.killable_broker import KillableBroker
from workers.region import WorkerSpec, new_incarnation

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["Cluster", "patient"]

_SCRIPTS, _SUPERVISED = 2, 4
"""So many of the workers are console scripts, and so many are supervised; the others are forked,
which is quick."""


def patient(url: str) -> Any:
    """A client that asks again until the broker is back."""
    lost = [Lost, Late, OSError]  # the last one from connecting to a socket that is not there
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=8,
        retry=Retry(ConstantBackoff(0.05), 1200),
        retry_on_error=lost,
    )


class Cluster:
    """Real processes on a real broker, in ``folder``. ``runs`` have a model and a store each."""

    def __init__(
        self, folder: Path, *, model: str, runs: Sequence[str], lease: float, dice: random.Random
    ) -> None:
        self.folder = folder
        self.lease = lease
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        self.broker = KillableBroker(folder / "broker")
        self.redis = patient(self.broker.url)
        self.config = folder / "config.toml"
        self.config.write_text(self._toml(model, runs), encoding="utf-8")
        self.settings = load_settings(file=self.config, environment={})
        hosts = folder / "hosts.toml"
        hosts.write_text(self._toml(model, [SHARED]), encoding="utf-8")
        self._hosts_settings = load_settings(file=hosts, environment={})
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("REGIONS_")}
        self.environment["REGIONS_CONFIG"] = str(self.config)
        places = [(region, spot) for region in regions_of_plan() for spot in "ab"]
        others = dice.sample(places, _SCRIPTS + _SUPERVISED)
        self.workers = [
            self._member(place, as_script=place in others, supervised=place in others[_SCRIPTS:])
            for place in places
        ]
        self.postmaster = Member("Postmaster", self._postmaster)
        self.hosts = [Member(f"Host-{spot}", self._host) for spot in "ab"]
        self.outages = 0
        """How often the broker went and came back, counted both times."""
        self.fsync = "everysec"
        """When the broker writes to its disk: that, or "always"."""

    def store(self, run: str) -> Path:
        """The file that holds a run's store."""
        return self.folder / "stores" / f"{run}.db"

    def heard(self, run: str, listener: str) -> Path:
        """The file that holds what a listener heard of a run."""
        return self.settings.home / "listeners" / run / f"{listener}.jsonl"

    @property
    def members(self) -> list[Member]:
        """Workers, Postmaster and hosts."""
        return [*self.workers, self.postmaster, *self.hosts]

    @property
    def ended_unasked(self) -> list[str]:
        """Processes that ended although nobody had killed them."""
        return [line for member in self.members for line in member.ended_unasked]

    def worker(self, process: str) -> Member:
        """The place of the worker process of this name."""
        name = process.rpartition(".")[0]
        return next(member for member in self.workers if member.name == name)

    def standby(self, member: Member) -> Member:
        """The other worker that hosts the region of ``member``."""
        region = member.name.rpartition("-")[0]
        return next(m for m in self.workers if m is not member and m.name[:-2] == region)

    async def is_up(self, member: Member) -> bool:
        """Whether the member's process is registered, and not stopped."""
        beat = await self.redis.hget(keys.WORKERS, member.process.name)
        alive = beat is not None and psutil.pid_exists(json.loads(beat)["pid"])
        return alive and not member.process.stopped

    async def start(self) -> None:
        """Start all, and return once each of them has been seen in the registry."""
        await self._set_fsync()
        for member in self.members:
            await member.start()
        names = {member.process.name for member in self.members}
        while not names <= set(await self.redis.hkeys(keys.WORKERS)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # no event tells of a worker

    async def restart_broker(self) -> None:
        """Start the broker again on what it left."""
        self.broker.restart()
        await self._set_fsync()

    async def _set_fsync(self) -> None:
        await self.redis.config_set("appendfsync", self.fsync)

    async def stop(self) -> None:
        """End all, at once."""
        for member in self.members:
            if hasattr(member, "process"):
                member.process.kill_child()  # which would outlive its supervisor for a moment
                await member.process.kill()
        await self.redis.aclose()
        self.broker.stop()

    async def coordinator(self, run: str, name: str, *arguments: str) -> Process:
        """Start ``regions-coordinator`` on this cluster; its stdout is ``<name>.out``."""
        command = ["regions-coordinator", *arguments, "--json"]
        log = self.logs / f"coordinator-{run}.log"
        return await script(name, command, self.environment, log, self.logs / f"{name}.out")

    def _member(self, place: tuple[str, str], *, as_script: bool, supervised: bool) -> Member:
        start = partial(self._scripted, place[0], supervised=supervised)
        if not as_script:
            start = partial(self._forked, place[0])
        return Member("-".join(place), start, supervised=supervised)

    async def _forked(self, region: str, name: str) -> Process:
        return await forked(self._spec(name, regions=(region,)), self._log(name))

    async def _scripted(self, region: str, name: str, *, supervised: bool) -> Process:
        command = ["regions-worker", "--region", region, "--name", name]
        command += ["--supervise"] if supervised else []
        out = self.logs / "worker.out"
        return await script(name, command, self.environment, self._log(name), out)

    async def _postmaster(self, name: str) -> Process:
        return await forked(self._spec(name, roles=("postmaster",)), self._log(name))

    async def _host(self, name: str) -> Process:
        spec = self._spec(name)
        info = replace(spec.info, resources=(Offer("llm", SHARED),))
        spec = replace(spec, settings=self._hosts_settings, info=info)
        return await forked(spec, self._log(name))

    def _spec(
        self, name: str, *, regions: tuple[str, ...] = (), roles: tuple[str, ...] = ()
    ) -> WorkerSpec:
        who = (name, socket.gethostname(), os.getpid(), regions, roles)
        return WorkerSpec(self.settings, WorkerInfo(*who, incarnation=new_incarnation()))

    def _log(self, name: str) -> Path:
        return self.logs / f"{name.rpartition('.')[0]}.log"

    def _toml(self, model: str, runs: Sequence[str]) -> str:
        text = json.dumps  # a TOML basic string is written like one of JSON
        lines = [
            f"redis = {text(self.broker.url)}",
            f"home = {text(str(self.folder / 'home'))}",
            f"lease = {self.lease}",
            f"[embedding.default]\nurl = {text(model)}\nmodel = 'stub'",
        ]
        for run in runs:
            lines.append(f"[llm.{run}]\nurl = {text(model)}\nmodel = {text(run)}\nslots = 16")
            lines.append(f"[rag.{run}]\npath = {text(str(self.store(run)))}")
        return "\n".join(lines)
