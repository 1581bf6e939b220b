"""Runs that are disturbed without end, each compared with the same run undisturbed."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import shutil
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from redis.exceptions import RedisError

from regions_dist.config import EmbeddingSettings, RagSettings
from regions_dist.errors import RegionsError
from regions_dist.resources.embedders import HttpEmbedder
from regions_dist.resources.rag_store import RagStore
from regions_dist.transport import keys
from tests.chaos.cluster import Cluster
from tests.chaos.killer import BLOWS, Blow, Killer
from tests.chaos.model import Speaker
from tests.chaos.news import News
from tests.chaos.plan import ASK_SHARED, FACTS, POLICIES, SHARED, plan_of
from tests.chaos.recovery import is_taken
from tests.chaos.runs import Failed, Watched
from tests.chaos.snapshot import Snapshot, compare, snapshot
from tests.chaos.standstill import where_it_stands
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from regions_dist.domain.outcome import Event

__all__ = ["Order", "Report", "chaos"]

_STANDSTILL = 120.0
"""Seconds without an event of any run after which something hangs."""


@dataclass(frozen=True)
class Order:
    """What is to be done: so many kills, ``at_once`` runs; ``lease`` in seconds."""

    seed: int
    kills: int
    lease: float = 1.0
    at_once: int = 4
    blows: Mapping[Blow, int] = field(default_factory=lambda: BLOWS)
    fsync: str = "everysec"


@dataclass
class Report:
    """What came of it. ``lost``, ``doubled`` and ``wrong`` hold a line for each."""

    order: Order
    runs: int = 0
    dealt: Counter[Blow] = field(default_factory=Counter)
    recoveries: dict[str, list[float]] = field(default_factory=dict)
    excluded: dict[str, Counter[str]] = field(default_factory=dict)
    longest_excluded: dict[str, float] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: int = 0
    asked_again: int = 0
    asked_again_at_most: int = 0
    taken_again: int = 0
    seconds: float = 0.0

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return sum(count for blow, count in self.dealt.items() if blow.endswith("killed"))


async def chaos(order: Order, folder: Path, say: Callable[[str], None] = lambda _: None) -> Report:
    """Deal the kills that are ordered, in ``folder``, which keeps the logs; say how it goes."""
    with StubModel(Speaker(order.seed)) as stub:
        scene = _Scene(order, folder, stub, say)
        try:
            await scene.set_up()
            await scene.play()
        except* Failed as failures:
            scene.report.wrong += [str(failure) for failure in failures.exceptions]
        except* (RedisError, RegionsError, OSError) as failures:  # what was seen is told anyway
            scene.report.wrong.append("".join(traceback.format_exception(failures)))
        finally:
            scene.account()
            await scene.cluster.stop()
    return scene.report


class _Undisturbed(NamedTuple):
    """A run that nobody disturbed: what it brought about, the prompts, and each step's calls."""

    snapshot: Snapshot
    asked: Counter[str]
    calls: Counter[str]


class _Scene:
    """The cluster, its runs, and who disturbs them."""

    def __init__(
        self, order: Order, folder: Path, stub: StubModel, say: Callable[[str], None]
    ) -> None:
        names = [f"run{number:05}" for number in range(max(64, order.kills) + len(POLICIES))]
        dice = random.Random(order.seed)  # noqa: S311
        self.report = Report(order)
        self.cluster = Cluster(folder, model=stub.url, runs=names, lease=order.lease, dice=dice)
        self.cluster.fsync = order.fsync
        self._order = order
        self._stub = stub
        self._say = say
        self._names = iter(names)
        self._news = News(self.cluster.broker.url)
        self._news.tell(self._count_taken)
        self._watched: dict[str, Watched] = {}
        self._killer = Killer(self.cluster, self._news, self._watched, dice, order.blows)
        self._taken: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._expected: dict[str, _Undisturbed] = {}

    async def set_up(self) -> None:
        """Start the cluster, and fill the store that those of the runs are copies of."""
        embedder = HttpEmbedder(EmbeddingSettings(url=self._stub.url, model="stub"))
        store = RagStore(RagSettings(path=self.cluster.store("first")), embedder)
        for number, (text, actors) in enumerate(FACTS):
            await store.store_document(text, actors, f"fact {number}")
        store.close()
        await embedder.aclose()
        await self.cluster.start()

    async def play(self) -> None:
        """First each policy's run undisturbed, then runs and blows until all are dealt."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as group:
            guards = [group.create_task(self._news.read()), group.create_task(self._guard())]
            undisturbed = [group.create_task(self._undisturbed(policy)) for policy in POLICIES]
            await asyncio.wait(undisturbed)
            began = loop.time()
            slots = range(self._order.at_once)
            runs = [group.create_task(self._keep_running(slot)) for slot in slots]
            await self._killer.deal(self._order.kills)
            await asyncio.wait(runs)
            self.report.wrong += await self._calls_left()
            self.report.seconds = loop.time() - began
            for guard in guards:
                guard.cancel()

    def account(self) -> None:
        """Put what the others have counted into the report."""
        self._killer.close()
        self.report.dealt = self._killer.dealt
        self.report.recoveries = self._killer.recoveries.seconds
        self.report.excluded = self._killer.recoveries.excluded
        self.report.longest_excluded = self._killer.recoveries.longest
        self.report.wrong += self.cluster.ended_unasked

    async def _guard(self) -> None:
        """Fail when nothing happens any more."""
        with self._news.ear() as ear:
            while True:
                try:
                    await asyncio.wait_for(ear.next(), _STANDSTILL)
                except TimeoutError:
                    raise Failed(await self._standstill()) from None

    async def _standstill(self) -> str:
        stands = [await where_it_stands(self.cluster, run) for run in self._news.runs]
        return "\n".join([f"nothing has happened for {_STANDSTILL:g} s", *stands])

    async def _undisturbed(self, policy: str) -> None:
        run = next(self._names)
        found, asked = await self._carried_out(run, policy)
        self.report.wrong += [f"undisturbed: {line}" for line in found if line.startswith("left")]
        self._expected[policy] = _Undisturbed(found, asked, await self._calls(run))
        await self._clear(run)

    async def _calls(self, run: str) -> Counter[str]:
        """How many calls of the run's own model each step makes."""
        redis = self.cluster.redis
        first = keys.of_run(run, "answers:")
        calls: Counter[str] = Counter()
        async for name in redis.scan_iter(f"{first}*", count=1000):
            step = name.removeprefix(first)
            region = await redis.hget(keys.of_run(run, "plan"), f"step:{step}:region")
            if region not in ASK_SHARED:
                calls[step] = await redis.hlen(name)
        return calls

    async def _calls_left(self) -> list[str]:
        """The calls of the shared model that nobody waits for, and that are still there."""
        queue = keys.queue_of("llm", SHARED)
        left = await self.cluster.redis.zrange(queue, 0, -1)
        return [f"the call {job} is left in {queue}" for job in left]

    async def _keep_running(self, slot: int) -> None:
        for turn in itertools.count(slot):
            if self._killer.kills >= self._order.kills:
                return
            policy = POLICIES[turn % len(POLICIES)]
            run = next(self._names)
            found, asked = await self._carried_out(run, policy)
            if self._is_as_expected(run, policy, found, asked):
                await self._clear(run)

    async def _carried_out(self, run: str, policy: str) -> tuple[Snapshot, Counter[str]]:
        plan = self.cluster.folder / f"{run}.json"
        plan.write_text(json.dumps(plan_of(run, policy)), encoding="utf-8")
        shutil.copy(self.cluster.store("first"), self.cluster.store(run))
        self._watched[run] = watched = Watched(self.cluster, run, plan)
        self._news.follow(run)
        try:
            told = await watched.carried_out()
        finally:
            del self._watched[run]
            self.report.wrong += watched.gave_up
        await self._news.heard_out(run)
        found = await snapshot(self.cluster, run, told)
        self._killer.recoveries.forget(run)
        speaker = self._stub.script
        assert isinstance(speaker, Speaker)
        return found, speaker.asked.pop(run)

    def _is_as_expected(self, run: str, policy: str, found: Snapshot, asked: Counter[str]) -> bool:
        expected = self._expected[policy]
        lost, doubled = compare(expected.snapshot, found)
        self.report.runs += 1
        self.report.lost += [f"{run} {line}" for line in lost]
        self.report.doubled += [f"{run} {line}" for line in doubled]
        self._compare_calls(run, expected, asked)
        as_expected = not (lost or doubled)
        outcome = "is as undisturbed" if as_expected else "is not as undisturbed"
        self._say(f"{run} {outcome}; {self._killer.kills} kills so far")
        return as_expected

    def _compare_calls(self, run: str, expected: _Undisturbed, asked: Counter[str]) -> None:
        """A call of a model may be repeated, once for each time that its step is taken again."""
        again = {step: times - 1 for step, times in self._taken.pop(run).items()}
        repeated = (asked - expected.asked).total()
        most = sum(times * expected.calls[step] for step, times in again.items())
        if repeated > most:
            self.report.wrong.append(f"{run} repeated {repeated} model calls, not at most {most}")
        self.report.asked += asked.total()
        self.report.asked_again += repeated
        self.report.asked_again_at_most += most
        self.report.taken_again += sum(again.values())

    async def _clear(self, run: str) -> None:
        """Forget a run that was as expected, for the broker loads what it holds at each start."""
        self._stub.requests.clear()
        self._stub.headers.clear()
        redis = self.cluster.redis
        names = [name async for name in redis.scan_iter(f"regions:{{{run}}}:*", count=1000)]
        await redis.unlink(*names)
        announced = await redis.xrange(keys.ANNOUNCEMENTS)
        await redis.xdel(
            keys.ANNOUNCEMENTS, *[e for e, fields in announced if fields["run"] == run]
        )

    def _count_taken(self, run: str, event: Event) -> None:
        if is_taken(event):
            self._taken[run][event.fields["step"]] += 1
