"""Who is killed or stopped, and when: in the middle of work, by the dice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from regions_dist.transport import keys
from tests.chaos.plan import ASK_SHARED
from tests.chaos.recovery import Recoveries, Wait, is_taken

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping, Set

    from tests.chaos.cluster import Cluster
    from tests.chaos.news import Ear, News
    from tests.chaos.processes import Member, Process
    from tests.chaos.runs import Watched

__all__ = ["BLOWS", "Blow", "Killer"]

Blow = Literal[
    "worker killed",
    "supervised worker killed",
    "supervisor killed",
    "worker stopped",
    "Postmaster killed",
    "Postmaster stopped",
    "coordinator killed",
    "coordinator stopped",
    "host killed",
    "host stopped",
    "broker killed",
    "broker stopped",
    "run paused",
    "run joined",
]

BLOWS: Mapping[Blow, int] = {
    "worker killed": 42,
    "supervised worker killed": 8,
    "supervisor killed": 3,
    "worker stopped": 8,
    "Postmaster killed": 8,
    "Postmaster stopped": 2,
    "coordinator killed": 5,
    "coordinator stopped": 2,
    "host killed": 8,
    "host stopped": 2,
    "broker killed": 7,
    "broker stopped": 2,
    "run paused": 2,
    "run joined": 1,
}
"""How often each is dealt, of a hundred. A run is paused, and resumed, by another coordinator; one
that joins resumes a run that goes on."""

_OPEN_AT_MOST = 3
"""Steps that wait for a take-over while the next blow falls."""


class Killer:
    """Deals blows to the processes of a cluster; ``dealt`` counts them."""

    def __init__(
        self,
        cluster: Cluster,
        news: News,
        watched: Mapping[str, Watched],
        dice: random.Random,
        blows: Mapping[Blow, int],
    ) -> None:
        self.dealt: Counter[Blow] = Counter()
        self.recoveries = Recoveries()
        self._cluster = cluster
        self._news = news
        self._watched = watched
        self._dice = dice
        self._blows = blows
        self._later: set[asyncio.Task[None]] = set()
        news.tell(self.recoveries.hear)

    @property
    def kills(self) -> int:
        """How many processes were killed, those only stopped left out."""
        return sum(count for blow, count in self.dealt.items() if blow.endswith("killed"))

    async def deal(self, kills: int) -> None:
        """Deal blows until so many processes were killed: each kind once, then by their shares."""
        deal: Mapping[Blow, Callable[[], Awaitable[bool]]] = {
            "worker killed": self._kill_worker,
            "supervised worker killed": self._kill_supervised,
            "supervisor killed": self._kill_supervisor,
            "worker stopped": self._stop_worker,
            "Postmaster killed": self._kill_postmaster,
            "Postmaster stopped": self._stop_postmaster,
            "coordinator killed": self._kill_coordinator,
            "coordinator stopped": self._stop_coordinator,
            "host killed": self._kill_host,
            "host stopped": self._stop_host,
            "broker killed": self._kill_broker,
            "broker stopped": self._stop_broker,
            "run paused": self._pause_run,
            "run joined": self._join_run,
        }
        each = self._dice.sample(list(self._blows), len(self._blows))
        while self.kills < kills:
            await self.recoveries.fewer_than(_OPEN_AT_MOST)
            blow = each.pop() if each else self._any()
            self.dealt[blow] += await deal[blow]()
        self.close()

    def _any(self) -> Blow:
        return self._dice.choices(list(self._blows), list(self._blows.values()))[0]

    def close(self) -> None:
        """Let all that is stopped go on."""
        for task in self._later:
            task.cancel()

    async def _kill_worker(self) -> bool:
        member = await self._aim()
        await self._expect_steps("worker killed", member)
        await member.process.kill()
        await member.start()
        return True

    async def _kill_supervised(self) -> bool:
        member = await self._aim(supervised=True)
        await self._expect_steps("supervised worker killed", member)
        return member.process.kill_child()

    async def _kill_supervisor(self) -> bool:
        member = await self._aim(supervised=True)
        await self._expect_steps("supervisor killed", member)
        await member.process.kill()
        await member.start()
        return True

    async def _stop_worker(self) -> bool:
        member = await self._aim()
        process = member.process
        self._cluster.standby(member).process.tell(signal.SIGCONT)  # one of two has to go on
        waits = await self._expect_steps("worker stopped", member)
        process.tell(signal.SIGSTOP)
        patient = self._dice.random() < 0.7
        self._start(self._go_on(process, waits if patient else [], self._dice.randrange(60)))
        return True

    async def _kill_postmaster(self) -> bool:
        await self._message()
        since = await self._now()
        await self._cluster.postmaster.process.kill()
        await self._cluster.postmaster.start()
        self._expect_events("Postmaster killed", since, self._watched.keys())
        return True

    async def _stop_postmaster(self) -> bool:
        await self._message()
        since = await self._now()
        process = self._cluster.postmaster.process
        process.tell(signal.SIGSTOP)
        self._expect_events("Postmaster stopped", since, self._watched.keys())
        self._start(self._go_on(process, [], self._dice.randrange(100)))
        return True

    async def _kill_coordinator(self) -> bool:
        await self._message()
        since = await self._now()
        if not (living := self._coordinators()):
            return False
        run, process = self._dice.choice(living)
        await process.kill()
        self._expect_events("coordinator killed", since, {run})
        return True

    async def _stop_coordinator(self) -> bool:
        await self._message()
        since = await self._now()
        if not (living := self._coordinators()):
            return False
        run, process = self._dice.choice(living)
        process.tell(signal.SIGSTOP)
        self._expect_events("coordinator stopped", since, {run})
        self._start(self._go_on(process, [], self._dice.randrange(100)))
        return True

    async def _kill_host(self) -> bool:
        host = self._dice.choice(self._cluster.hosts)
        await self._call()
        await host.process.kill()
        await host.start()
        return True

    async def _stop_host(self) -> bool:
        host = self._dice.choice(self._cluster.hosts)
        await self._call()
        host.process.tell(signal.SIGSTOP)
        self._start(self._go_on(host.process, [], self._dice.randrange(100)))
        return True

    async def _kill_broker(self) -> bool:
        await self._message()
        self._cluster.broker.kill()
        await self._away()
        await self._cluster.restart_broker()
        self._back("broker killed")
        return True

    async def _stop_broker(self) -> bool:
        await self._message()
        self._cluster.broker.freeze()
        await self._away()
        self._cluster.broker.thaw()
        self._back("broker stopped")
        return True

    async def _away(self) -> None:
        """How long the broker is away is for the dice too: shorter or longer than a lease."""
        self._cluster.outages += 1
        self.recoveries.hit("broker hit meanwhile")
        await asyncio.sleep(self._dice.uniform(0, 2 * self._cluster.lease))

    def _back(self, blow: Blow) -> None:
        self._cluster.outages += 1
        self._expect_events(blow, time.time(), self._watched.keys())

    async def _pause_run(self) -> bool:
        return await self._steer(pause=True)

    async def _join_run(self) -> bool:
        return await self._steer(pause=False)

    async def _steer(self, *, pause: bool) -> bool:
        await self._message()
        if not (begun := sorted(self._watched.keys() & set(self._news.begun))):
            return False
        self._watched[self._dice.choice(begun)].join(pause=pause)
        return True

    async def _aim(self, *, supervised: bool = False) -> Member:
        """A worker that has just taken a step, or done so some events ago."""
        with self._news.ear() as ear:
            for _ in range(self._dice.randrange(1, 6)):
                await ear.next(is_taken)
            while True:
                _, event = await ear.next(is_taken)
                member = self._cluster.worker(event.fields["worker"])
                if member.supervised == supervised:
                    await self._some(ear, self._dice.randrange(4))
                    return member

    async def _message(self) -> None:
        """Some events after a message was routed."""
        with self._news.ear() as ear:
            await ear.next(lambda event: event.type == "message")
            await self._some(ear, self._dice.randrange(12))

    async def _call(self) -> None:
        """A step that asks the shared model has just been taken, or was some events ago."""
        with self._news.ear() as ear:
            await ear.next(lambda event: is_taken(event) and event.fields["region"] in ASK_SHARED)
            await self._some(ear, self._dice.randrange(3))

    async def _some(self, ear: Ear, number: int) -> None:
        for _ in range(number):
            await ear.next()

    async def _now(self) -> float:
        seconds, micros = await self._cluster.redis.time()
        return float(seconds + micros / 1e6)

    def _coordinators(self) -> list[tuple[str, Process]]:
        every = self._watched.items()
        return [(run, process) for run, watched in every for process in watched.coordinators]

    async def _held(self, member: Member) -> list[tuple[str, str]]:
        """Run and step of each lease that the member's process holds."""
        region = member.name.rpartition("-")[0]
        runs = self._news.runs
        async with self._cluster.redis.pipeline() as pipe:
            for run in runs:
                pipe.hget(keys.of_run(run, f"lease:{region}"), "owner")
                pipe.hget(keys.of_run(run, "open"), region)
            replies: list[Any] = await pipe.execute()
        found = zip(runs, replies[::2], replies[1::2], strict=True)
        return [(run, step) for run, owner, step in found if owner == member.process.name and step]

    async def _expect_steps(self, blow: Blow, member: Member) -> list[Wait]:
        """To be called right before the blow: what it hits can change the leases."""
        region = member.name.rpartition("-")[0]
        alone = not await self._cluster.is_up(self._cluster.standby(member))
        held, since = await self._held(member), await self._now()
        self.recoveries.hit("standby hit meanwhile", region=region)
        excluded = "standby down" if alone else ""
        waits = [Wait(blow, run, since, step, region, excluded) for run, step in held]
        for wait in waits:
            self.recoveries.expect(wait)
        if not waits:
            self.recoveries.excluded[blow]["held no lease"] += 1
        return waits

    def _expect_events(self, blow: Blow, since: float, runs: Set[str]) -> None:
        for run in runs & set(self._news.begun):
            self.recoveries.expect(Wait(blow, run, since))

    async def _go_on(self, process: Process, waits: list[Wait], events: int) -> None:
        """Let a stopped process go on, after the take-overs, or after some events."""
        try:
            with self._news.ear() as ear:
                for wait in waits:
                    await wait.over.wait()
                if not waits:
                    await self._some(ear, events)
        finally:
            process.tell(signal.SIGCONT)

    def _start(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)
