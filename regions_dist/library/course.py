"""The course of one run: it is opened, goes on, is watched until it stops, and ends."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from regions_dist.coordinator.ledger import Ledger
from regions_dist.coordinator.watch import Watcher, has_ended, has_stopped
from regions_dist.domain.branch import Opening
from regions_dist.domain.schedule import schedule
from regions_dist.errors import BadInput, RegionsError, RunStopped
from regions_dist.library.failure import raise_failure
from regions_dist.library.forwarding import Forwarding
from regions_dist.library.workshop import alongside, host_name
from regions_dist.runtime.ending import end

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from regions_dist.domain.outcome import DeadLetter, Event, RunView
    from regions_dist.domain.plan import Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.library.assembly import Assembly
    from regions_dist.library.program import Program
    from regions_dist.library.workshop import Bench, Workshop
    from regions_dist.ports import ProgramRuns

    Start = Callable[[ProgramRuns], Awaitable[object]]

__all__ = ["Course"]

log = logging.getLogger(__name__)

_LAST_WORD: Final = 3.0
"""Seconds that a broker has to answer when a run is given up."""


class Course:
    """Run ``run`` of a program, worked on in ``workshop``. Seconds: ``wait``, ``timeout``.

    ``view`` and the others tell how the run stood when it last stopped.
    """

    def __init__(
        self, run: str, program: Program, workshop: Workshop, wait: float, timeout: float | None
    ) -> None:
        self.view: RunView | None = None
        self.trace: list[dict[str, Any]] = []
        self.dead_letters: list[DeadLetter] = []
        self.states: dict[str, RegionState] = {}
        self._run = run
        self._program = program
        self._workshop = workshop
        self._wait = wait
        self._timeout = timeout
        self._forwarding = Forwarding(run, program.postmaster)
        self._made: Assembly | None = None
        self._call: asyncio.Task[Any] | None = None
        self._seen = "0-0"
        self._printed = 0

    @property
    def has_begun(self) -> bool:
        """Whether the run was opened."""
        return self._made is not None

    async def play(self, layers: Sequence[int]) -> RunView:
        """Let the run go through these layers; how it stands then. Raises what failed it."""
        made = self._made or self._program.assembled(host_name(self._run))
        first = len(made.plan.execution_order)
        plan = self._program.extended(made.plan, layers)

        async def start(runs: ProgramRuns) -> None:
            if self.has_begun:
                await self._forwarding.forward(runs)
                await runs.extend(self._run, plan, schedule(plan), first, ())
            else:
                mail = self._forwarding.waiting()
                opening = Opening(open_ended=True)
                await runs.open(self._run, plan, schedule(plan), mail, opening)
                self._forwarding.passed(len(mail))
            made.plan, self._made = plan, made

        return await self._carried_out(made, plan, start)

    async def resume(self, inbox_limit: int | None, inbox_bytes: int | None) -> RunView:
        """Let the run go on where it was, with larger inboxes if given. Raises what fails it."""
        if self._made is None:
            raise BadInput("there is nothing to resume: no layer was run yet")
        made = self._made

        async def start(runs: ProgramRuns) -> None:
            await runs.resume(self._run, inbox_limit=inbox_limit, inbox_bytes=inbox_bytes)

        return await self._carried_out(made, made.plan, start)

    def interrupt(self) -> list[asyncio.Task[Any]]:
        """Cancel the call that is under way, if any: the task that makes it."""
        tasks = [task for task in (self._call,) if task is not None]
        for task in tasks:
            task.get_loop().call_soon_threadsafe(task.cancel)
        return tasks

    async def close(self) -> None:
        """End the run, and learn how it ended."""
        try:
            async with self._workshop.reached() as runs:
                async with asyncio.timeout(_LAST_WORD):
                    await runs.steer(self._run, "close")
                await self._learn(runs)
        except (RegionsError, TimeoutError) as error:
            log.warning("run %s could not be ended: %s", self._run, error)

    async def _carried_out(self, made: Assembly, plan: Plan, start: Start) -> RunView:
        if self._call is not None:
            raise BadInput("the run is under way: wait for the call that was made before")
        self._call = asyncio.current_task()
        try:
            view = await self._worked_on(made, plan, start)
            async with self._workshop.reached() as runs:
                await self._learn(runs)
        finally:
            self._call = None
            await made.rest()
        raise_failure(view)
        return view

    async def _worked_on(self, made: Assembly, plan: Plan, start: Start) -> RunView:
        """The run when it has stopped; steps under way are finished if it was not stopped."""
        with suppress(RunStopped):
            async with self._workshop.at_work(self._run, made) as bench:
                view = await self._watched(bench, plan, start)
                if view.status != "failed":
                    raise_failure(view)
        return view

    async def _watched(self, bench: Bench, plan: Plan, start: Start) -> RunView:
        """The run when it has stopped. One that is interrupted is paused."""
        forwarding: list[asyncio.Task[None]] = []
        try:
            await start(bench.runs)
            forwarding.append(asyncio.create_task(self._forwarding.run(bench.runs)))
            watching = self._watcher(bench, plan).watch(self._run, self._seen)
            return await alongside(watching, (*bench.duties, *forwarding))
        except BaseException:
            with suppress(RegionsError, TimeoutError):
                async with asyncio.timeout(_LAST_WORD):
                    await bench.runs.steer(self._run, "pause")
            raise
        finally:
            await end(forwarding)

    def _watcher(self, bench: Bench, plan: Plan) -> Watcher:
        watcher = Watcher(
            bench.runs,
            bench.workers,
            Ledger(self._run, plan.execution_order),
            self._wait,
            self._timeout,
            placement={} if bench.hosts_all else plan.placement,
            on_event=self._hear,
        )
        watcher.ends = lambda event: has_stopped(event) or has_ended(event)
        return watcher

    def _hear(self, event: Event) -> None:
        self._seen = event.seq
        fields = event.fields
        if event.type == "message" and fields["outcome"] == "printed":
            self._print(fields["source"], fields["content"])

    def _print(self, source: str, content: str) -> None:
        self._printed += 1
        self._program.postmaster.printer(f"{source}: {content}")

    async def _learn(self, runs: ProgramRuns) -> None:
        """Take over how the run stands; regions made by the registry know it, too."""
        self.view = await runs.view(self._run)
        for answer in self.view.answers[self._printed :]:
            self._print(*answer)  # given after the run had stopped, by steps that were under way
        if sum(self.view.messages.values()) != len(self.trace):
            self.trace = await runs.trace(self._run)
        self.dead_letters = await runs.dead_letters(self._run)
        self.states = await runs.states(self._run)
        for name, region in self._program.registry.regions.items():
            if name in self.states:
                region.restore(self.states[name])
