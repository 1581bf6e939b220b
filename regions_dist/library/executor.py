"""Runs a program, layer by layer or as a whole, in this process or on the cluster."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Self

from regions_dist.domain.names import run_name_problem
from regions_dist.errors import BadInput
from regions_dist.library.course import Course
from regions_dist.library.program import Program
from regions_dist.runtime.ending import end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from regions_dist.domain.outcome import DeadLetter, RunView
    from regions_dist.domain.region import RegionState
    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.library.registry import RegionRegistry
    from regions_dist.library.workshop import Workshop

__all__ = ["Executor"]


class Executor:
    """One run of a program. To be used as a context manager, ``with`` or ``async with``.

    Without ``redis``, a broker's URL, everything happens in this process. With it, regions that
    have Python objects (a model, a store, a callable, a type given as a class) are hosted by this
    process, the others by workers; one that is missing is waited for ``wait`` seconds. ``timeout``
    bounds each call, in seconds. ``run`` is the run's name. ``steps`` and ``placement`` are those
    of a plan's file.

    The regions are read when the run opens, the layers with each call. Leaving the context ends
    the run: it has succeeded if it was not in the middle of a layer, else it is cancelled; one
    that has failed stays so.
    """

    def __init__(  # noqa: PLR0913  what a run needs, and how to carry it out
        self,
        registry: RegionRegistry,
        orchestrator: Orchestrator,
        postmaster: Postmaster,
        *,
        redis: str | None = None,
        run: str | None = None,
        wait: float = 60.0,
        timeout: float | None = None,
        steps: Mapping[str, Any] | None = None,
        placement: Mapping[str, Any] | None = None,
    ) -> None:
        self.run = run or f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(2)}"
        if problem := run_name_problem(self.run):
            raise BadInput(f"run {self.run!r} {problem}", where="run")
        program = Program(registry, orchestrator, postmaster, steps or {}, placement or {})
        self._orchestrator = orchestrator
        self._postmaster = postmaster
        self._course = Course(self.run, program, _workshop(redis, wait), wait, timeout)
        self._is_open = False

    async def run_layer(self, layer: int) -> RunView:
        """Run one layer; the run as it stands then.

        Raises BadInput for a layer that is not there, PlanRefused for a plan with errors, and what
        failed the run: StepFailed, ModelUnavailable, Undeliverable, RunStopped, …
        """
        count = len(self._orchestrator.layer_config)
        if type(layer) is not int or not 0 <= layer < count:
            raise BadInput(
                f"there is no layer {layer!r}: there are {count}, and they count from 0",
                where="layer",
            )
        return await self._opened().play([layer])

    async def run_plan(self) -> RunView:
        """Run all layers in their order; the run as it stands then. Raises as ``run_layer``."""
        return await self._opened().play(self._orchestrator.layers().execution_order)

    async def resume(
        self, *, inbox_limit: int | None = None, inbox_bytes: int | None = None
    ) -> RunView:
        """Let a run go on that has failed, timed out or been interrupted; failed steps run again.

        Where an inbox was full, it may hold more now. Raises as ``run_layer``.
        """
        return await self._opened().resume(inbox_limit, inbox_bytes)

    @property
    def view(self) -> RunView | None:
        """The run as it stood when the last call returned, or at its end; None before the first."""
        return self._course.view

    @property
    def answers(self) -> list[tuple[str, str]]:
        """What was printed so far: source and content of each answer."""
        return list(self.view.answers) if self.view else []

    @property
    def trace(self) -> list[dict[str, Any]]:
        """What became of each message so far, in routing order."""
        return self._course.trace

    @property
    def dead_letters(self) -> list[DeadLetter]:
        """The messages that nobody could be given so far."""
        return self._course.dead_letters

    @property
    def states(self) -> dict[str, RegionState]:
        """What each region knows that has done something so far."""
        return self._course.states

    def __enter__(self) -> Self:
        if self._is_open or self._course.has_begun:
            raise BadInput("an Executor is for one run: make another one for another run")
        self._postmaster.serve(self.run)
        self._is_open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._left()
        self._course.interrupt()
        if self._course.has_begun:
            closing = threading.Thread(target=lambda: asyncio.run(self._course.close()))
            closing.start()
            closing.join()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self._left()
        await end(self._course.interrupt())
        if self._course.has_begun:
            await self._course.close()

    def _left(self) -> None:
        self._is_open = False
        self._postmaster.serve("")

    def _opened(self) -> Course:
        if self._is_open:
            return self._course
        raise BadInput(
            "an Executor runs something only between 'with Executor(...) as' and its end"
        )


def _workshop(redis: str | None, wait: float) -> Workshop:
    if redis is None:
        from regions_dist.library.in_process import InProcess  # noqa: PLC0415

        return InProcess()
    from regions_dist.library.on_cluster import OnCluster  # noqa: PLC0415  loads client libraries

    return OnCluster(redis, wait)
