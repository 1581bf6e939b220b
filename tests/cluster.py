"""A broker with runs on it, real worker processes, and what a test can wait for.

A ``Stage`` opens runs, plays steps in the test's own process, and starts ``regions-worker``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from redis.asyncio import Redis

from regions_dist.domain.branch import Opening
from regions_dist.domain.execute import execute
from regions_dist.domain.message import StepId
from regions_dist.domain.plan import OutsideMessage, Plan, PostmasterPolicy, RegionEntry
from regions_dist.domain.schedule import schedule
from regions_dist.ports import Claim, Order
from regions_dist.transport import keys
from regions_dist.transport.mail import RedisMail
from regions_dist.transport.run_store import RedisRunStore
from tests.staged_regions import Speaker

if TYPE_CHECKING:
    import signal
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.branch import Branch
    from regions_dist.domain.message import Role
    from regions_dist.domain.outcome import Event, RunView
    from regions_dist.ports import Verdict

__all__ = ["LEASE", "PATIENCE", "Stage", "WorkerProcess", "outside", "plan_of", "region"]

LEASE = 0.5
"""Seconds; short, so that take-overs are quick."""
PATIENCE = 60
"""Seconds after which what should have happened has not."""

_METHODS = {"BroadcastRegion": "broadcast", "Region": "make_replies"}
_METHODS["HeldAfterAnswer"] = "make_replies"
_METHODS["HeldAfterLearning"] = "make_updates"
_ROOT = Path(__file__).parent.parent

Says = tuple[str, "Role", str]
"""Destination, role, content."""


def region(
    name: str,
    *says: Says,
    kind: str = "Speaker",
    connections: Sequence[str] = (),
    **parameters: object,
) -> RegionEntry:
    """A region of a plan; ``kind`` is its type, ``parameters`` are those of its type."""
    if says:
        parameters["says"] = [list(item) for item in says]
    return RegionEntry(
        name=name, type=kind, connections=dict.fromkeys(connections, ""), parameters=parameters
    )


def plan_of(
    regions: Sequence[RegionEntry], *layers: Mapping[str, tuple[str, ...]], **rules: Any
) -> Plan:
    """A plan in which each region of a layer calls the one method of its type."""
    types = {entry.name: entry.type for entry in regions}
    return Plan(
        regions=tuple(regions),
        layer_config=tuple(dict(layer) for layer in layers),
        execution_config=tuple(
            tuple(
                (name, _METHODS.get(types[name], "say"))
                for chain in layer.values()
                for name in chain
            )
            for layer in layers
        ),
        execution_order=tuple(range(len(layers))),
        steps=rules.pop("steps", {}),
        placement=rules.pop("placement", {}),
        postmaster=PostmasterPolicy(**rules),
    )


def outside(destination: str, content: str = "hello", source: str = "user") -> OutsideMessage:
    """A request from outside the plan."""
    return OutsideMessage(source=source, destination=destination, content=content)


class WorkerProcess:
    """A ``regions-worker``, whose log can be waited for."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def logged(self, text: str) -> str:
        """The next line of its log that holds ``text``."""
        return (await self.until(text))[-1]

    async def until(self, text: str) -> list[str]:
        """The lines of its log up to the next one that holds ``text``."""
        assert self._process.stderr is not None
        lines: list[str] = []
        async with asyncio.timeout(PATIENCE):
            async for line in self._process.stderr:
                lines.append(line.decode())
                if text in lines[-1]:
                    return lines
        raise AssertionError(f"the worker ended without having logged {text!r}: {lines}")

    async def ended(self) -> int:
        """Its exit code, awaited; whoever writes to the same log has ended then, too."""
        async with asyncio.timeout(PATIENCE):
            await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode

    async def killed(self) -> None:
        """Kill -9 it, stopped or not, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()


class Stage:
    """Runs on the broker at ``url``; its workers end with it."""

    def __init__(self, url: str, **environment: str) -> None:
        self.url = url
        self.store = RedisRunStore(url)
        self.mail = RedisMail(url, lease=LEASE)
        self.redis: Any = Redis.from_url(url, decode_responses=True)
        self.workers: list[WorkerProcess] = []
        self._environment = {"REGIONS_REDIS_URL": url, "REGIONS_LEASE": str(LEASE)} | environment

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self.workers:
            await worker.killed()
        for client in (self.store.close, self.mail.close, self.redis.aclose):
            await client()

    async def worker(self, *arguments: str) -> WorkerProcess:
        """Start ``regions-worker`` with the staged region types."""
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("regions-worker"),
            *arguments,
            *("--import", "tests.staged_regions"),
            cwd=_ROOT,
            env=os.environ | self._environment,
            stderr=asyncio.subprocess.PIPE,
        )
        self.workers.append(WorkerProcess(process))
        return self.workers[-1]

    async def hosts(self, *names: str) -> WorkerProcess:
        """Start a worker that hosts these regions."""
        return await self.worker(*(word for name in names for word in ("--region", name)))

    async def open(
        self,
        plan: Plan,
        *messages: OutsideMessage,
        run: str = "r",
        stepping: bool = False,
        branch: Branch | None = None,
    ) -> None:
        """Open a run of the plan."""
        opening = Opening(stepping=stepping, branch=branch)
        await self.store.open(run, plan, schedule(plan), messages, opening)

    async def event(self, run: str = "r", *, after: str = "0-0", **wanted: str) -> Event:
        """The run's first event with these fields, awaited."""
        async with asyncio.timeout(PATIENCE), aclosing(self.store.events(run, after)) as events:  # type: ignore[type-var]
            async for event in events:
                if event is None:
                    await self.store.route(run)
                elif wanted.items() <= (event.fields | {"type": event.type}).items():
                    return event
        raise AssertionError(f"no event {wanted}")

    async def succeeded(self, run: str = "r") -> RunView:
        """The run, awaited, when it has succeeded."""
        await self.event(run, type="run", status="succeeded")
        return await self.store.view(run)

    async def at_gate(self, name: str) -> WorkerProcess:
        """The worker whose step of this region has come to the gate, awaited."""
        pid = await self.pid_at_gate(name)
        return next(worker for worker in self.workers if worker.pid == pid)

    async def pid_at_gate(self, name: str) -> int:
        """The process whose step of this region has come to the gate, awaited."""
        _, pid = await self.redis.blpop([f"waiting:{name}"], PATIENCE)
        return int(pid)

    async def let_on(self, name: str, number: int = 1) -> None:
        """Let this many steps of the region through the gate."""
        await self.redis.rpush(f"gate:{name}", *["on"] * number)

    async def claim(self, step: str, name: str, run: str = "r") -> Claim | None:
        """Take a step, as a worker would that stands by for it; None where it needs nobody."""
        standby = self.mail.standby(Order(run, step, name, "say", ""), "the test")
        while (taken := await standby.take()) == "held":
            await standby.pause()
        return taken if isinstance(taken, Claim) else None

    async def finish(self, claim: Claim, *says: Says) -> Verdict:
        """Say this in a claimed step, and commit."""
        order = claim.order
        speaker = Speaker(order.region, says=says)
        step = StepId.parse(order.step)
        effects = await execute(speaker, claim.state, claim.mail, "say", step)
        return await self.mail.commit(claim, effects.state, effects.posted)

    async def play(self, step: str, name: str, *says: Says, run: str = "r") -> Claim:
        """Take a step, say this in it, and commit; what it was given."""
        claim = await self.claim(step, name, run)
        assert claim is not None
        assert await self.finish(claim, *says) == "done"
        return claim

    async def everything(self, run: str = "r") -> dict[str, str]:
        """All that the broker holds of a run, to be compared."""
        names = sorted(await self.redis.keys(f"regions:{{{run}}}:*"))
        return {name: (await self.redis.dump(name)).hex() for name in names}

    async def inbox(self, name: str, run: str = "r") -> list[str]:
        """What waits for a region."""
        entries = await self.redis.xrange(keys.of_run(run, f"in:{name}"))
        return [fields["content"] for _, fields in entries]
