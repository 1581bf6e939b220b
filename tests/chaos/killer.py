"""Who is killed or stopped, and when: in the middle of work, by the dice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from regions_dist.transport import keys
from tests.chaos.recovery import Recoveries, Wait

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping, Set

    from regions_dist.domain.outcome import Event
    from tests.chaos.cluster import Cluster
    from tests.chaos.news import Ear, News
    from tests.chaos.processes import Member, Process
    from tests.chaos.runs import Watched

__all__ = ["BLOWS", "Blow", "Killer"]

Blow = Literal[
    "worker killed",
    "worker stopped",
    "Postmaster killed",
    "Postmaster stopped",
    "coordinator killed",
    "coordinator stopped",
    "broker killed",
    "broker stopped",
]

BLOWS: Mapping[Blow, int] = {
    "worker killed": 60,
    "worker stopped": 10,
    "Postmaster killed": 9,
    "Postmaster stopped": 3,
    "coordinator killed": 5,
    "coordinator stopped": 2,
    "broker killed": 9,
    "broker stopped": 2,
}
"""How often each is dealt, of a hundred."""

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
        """Deal blows until so many processes were killed."""
        deal = {
            "worker killed": self._kill_worker,
            "worker stopped": self._stop_worker,
            "Postmaster killed": self._kill_postmaster,
            "Postmaster stopped": self._stop_postmaster,
            "coordinator killed": self._kill_coordinator,
            "coordinator stopped": self._stop_coordinator,
            "broker killed": self._kill_broker,
            "broker stopped": self._stop_broker,
        }
        while self.kills < kills:
            await self.recoveries.fewer_than(_OPEN_AT_MOST)
            blow = self._dice.choices(list(self._blows), list(self._blows.values()))[0]
            await deal[blow]()
        self.close()

    def close(self) -> None:
        """Let all that is stopped go on."""
        for task in self._later:
            task.cancel()

    async def _kill_worker(self) -> None:
        member, since = await self._aim()
        await member.process.kill()
        self.dealt["worker killed"] += 1
        held = await self._held(member)
        await member.start()
        await self._expect_steps("worker killed", member, held, since)

    async def _stop_worker(self) -> None:
        member, since = await self._aim()
        process = member.process
        self._cluster.standby(member).process.tell(signal.SIGCONT)  # one of two has to go on
        process.tell(signal.SIGSTOP)
        self.dealt["worker stopped"] += 1
        held = await self._held(member)
        waits = await self._expect_steps("worker stopped", member, held, since)
        patient = self._dice.random() < 0.7
        self._start(self._go_on(process, waits if patient else [], self._dice.randrange(60)))

    async def _kill_postmaster(self) -> None:
        await self._message()
        since = await self._now()
        await self._cluster.postmaster.process.kill()
        self.dealt["Postmaster killed"] += 1
        await self._cluster.postmaster.start()
        self._expect_events("Postmaster killed", since, self._watched.keys())

    async def _stop_postmaster(self) -> None:
        await self._message()
        since = await self._now()
        process = self._cluster.postmaster.process
        process.tell(signal.SIGSTOP)
        self.dealt["Postmaster stopped"] += 1
        self._expect_events("Postmaster stopped", since, self._watched.keys())
        self._start(self._go_on(process, [], self._dice.randrange(100)))

    async def _kill_coordinator(self) -> None:
        await self._message()
        run, process = self._coordinator()
        since = await self._now()
        await process.kill()
        self.dealt["coordinator killed"] += 1
        self._expect_events("coordinator killed", since, {run})

    async def _stop_coordinator(self) -> None:
        await self._message()
        run, process = self._coordinator()
        since = await self._now()
        process.tell(signal.SIGSTOP)
        self.dealt["coordinator stopped"] += 1
        self._expect_events("coordinator stopped", since, {run})
        self._start(self._go_on(process, [], self._dice.randrange(100)))

    async def _kill_broker(self) -> None:
        await self._message()
        self._cluster.broker.kill()
        self.recoveries.hit()
        await self._away()
        since = time.time()
        self._cluster.broker.restart()
        self.dealt["broker killed"] += 1
        self._expect_events("broker killed", since, self._watched.keys())

    async def _stop_broker(self) -> None:
        await self._message()
        self._cluster.broker.tell(signal.SIGSTOP)
        self.recoveries.hit()
        self.dealt["broker stopped"] += 1
        await self._away()
        since = time.time()
        self._cluster.broker.tell(signal.SIGCONT)
        self._expect_events("broker stopped", since, self._watched.keys())

    async def _away(self) -> None:
        """How long the broker is away is for the dice too: shorter or longer than a lease."""
        await asyncio.sleep(self._dice.uniform(0, 2 * self._cluster.lease))

    async def _aim(self) -> tuple[Member, float]:
        """A worker that has just taken a step, or done so some events ago; and the time."""
        with self._news.ear() as ear:
            for _ in range(self._dice.randrange(1, 6)):
                _, event = await ear.next(_taken)
            await self._some(ear, self._dice.randrange(4))
        return self._cluster.worker(event.fields["worker"]), await self._now()

    async def _message(self) -> None:
        """Some events after a message was routed."""
        with self._news.ear() as ear:
            await ear.next(lambda event: event.type == "message")
            await self._some(ear, self._dice.randrange(12))

    async def _some(self, ear: Ear, number: int) -> None:
        for _ in range(number):
            await ear.next()

    async def _now(self) -> float:
        seconds, micros = await self._cluster.redis.time()
        return float(seconds + micros / 1e6)

    def _coordinator(self) -> tuple[str, Process]:
        living = [
            (run, watched.coordinator)
            for run, watched in self._watched.items()
            if watched.coordinator and not watched.coordinator.ended.done()
        ]
        return self._dice.choice(living)

    async def _held(self, member: Member) -> list[tuple[str, str]]:
        """Run and step of each lease that the member's process holds."""
        region = member.name.rpartition("-")[0]
        runs = self._news.runs
        async with self._cluster.redis.pipeline() as pipe:
            for run in runs:
                pipe.hget(keys.of_run(run, f"lease:{region}"), "owner")
                pipe.xrange(keys.of_run(run, f"orders:{region}"))
            replies: list[Any] = await pipe.execute()
        found = zip(runs, replies[::2], replies[1::2], strict=True)
        mine = [(run, orders) for run, owner, orders in found if owner == member.process.name]
        return [(run, orders[0][1]["step"]) for run, orders in mine if orders]

    async def _expect_steps(
        self, blow: Blow, member: Member, held: list[tuple[str, str]], since: float
    ) -> list[Wait]:
        region = member.name.rpartition("-")[0]
        self.recoveries.hit(region)
        alone = not await self._cluster.is_up(self._cluster.standby(member))
        waits = [Wait(blow, run, since, step, region, overlapped=alone) for run, step in held]
        for wait in waits:
            self.recoveries.expect(wait)
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


def _taken(event: Event) -> bool:
    return event.type == "step" and event.fields["status"] == "running"
