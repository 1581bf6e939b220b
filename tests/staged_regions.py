"""Region types for tests with real processes: they say what a test lists, and wait where it says.

A worker knows them by ``--import tests.staged_regions``. They meet the test at the broker, under
keys of no run: ``waiting:<region>`` tells who has come to the gate, ``gate:<region>`` lets one on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Any, ClassVar, cast

from redis.asyncio import Redis

from regions_dist.domain.message import MAX_BYTES
from regions_dist.domain.region import BaseRegion
from regions_dist.domain.regions import RAGRegion, Region
from regions_dist.domain.registry import register_region_type
from regions_dist.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.message import Role

__all__ = [
    "Blocker",
    "Deadly",
    "Garbler",
    "HeldAfterAnswer",
    "HeldAfterLearning",
    "HeldAtDoor",
    "HeldSpeaker",
    "Repairable",
    "Shouter",
    "Speaker",
    "Stone",
]


def _broker() -> Any:
    return Redis.from_url(os.environ["REGIONS_REDIS_URL"], decode_responses=True)


async def _pass_gate(name: str) -> None:
    async with _broker() as broker, broker.pipeline(transaction=False) as at_once:
        at_once.rpush(f"waiting:{name}", os.getpid())
        at_once.blpop([f"gate:{name}"], 0)
        await at_once.execute()


@register_region_type
class Speaker(BaseRegion):
    """Says what its entry lists under ``says``: destination, role and content each."""

    methods: ClassVar[tuple[str, ...]] = ("say", *BaseRegion.methods)
    parameters: ClassVar[Mapping[str, str]] = {"says": ""}

    def __init__(
        self,
        name: str,
        task: str = "",
        connections: Mapping[str, str] | None = None,
        says: Sequence[tuple[str, Role, str]] = (),
    ) -> None:
        super().__init__(name, task, connections)
        self.says = says

    async def say(self) -> None:
        """Say all of it."""
        for destination, role, content in self.says:
            self.post(destination, content, role)


@register_region_type
class HeldSpeaker(Speaker):
    """Comes to the gate when all is said, before the commit."""

    async def say(self) -> None:
        """Say all of it, and wait to be let on."""
        await super().say()
        await _pass_gate(self.name)


@register_region_type
class HeldAtDoor(Speaker):
    """Waits at a door of the test's, whatever the broker does, until it is let on."""

    parameters: ClassVar[Mapping[str, str]] = {"says": "", "port": ""}

    def __init__(self, *arguments: Any, port: int = 0, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.port = port

    async def say(self) -> None:
        """Say all of it, and wait to be let on."""
        await super().say()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await reader.read()
        finally:
            writer.close()


@register_region_type
class Blocker(Speaker):
    """Blocks its worker's event loop for some seconds: what a step must be allowed to do."""

    parameters: ClassVar[Mapping[str, str]] = {"says": "", "seconds": "", "busy": ""}

    def __init__(
        self, *arguments: Any, seconds: float = 2.0, busy: bool = False, **others: Any
    ) -> None:
        super().__init__(*arguments, **others)
        self.seconds, self.busy = seconds, busy

    async def say(self) -> None:
        """Say all of it, slowly."""
        await super().say()
        until = time.monotonic() + self.seconds
        while self.busy and time.monotonic() < until:
            pass
        time.sleep(max(0.0, until - time.monotonic()))  # noqa: ASYNC251 blocking is the point


@register_region_type
class Garbler(Speaker):
    """Posts what is no text, as a region type with a fault may."""

    async def say(self) -> None:
        """Post a number."""
        self.post("terminal", cast("str", 42), "reply")


@register_region_type
class Shouter(Speaker):
    """Says more than a message may hold."""

    async def say(self) -> None:
        """Post 8 MiB and a byte."""
        self.post("B", "x" * (MAX_BYTES + 1), "reply")


@register_region_type
class Stone(Speaker):
    """Comes to the gate, and blocks its worker's event loop for good."""

    async def say(self) -> None:
        """Tell who has come, and never come back."""
        async with _broker() as broker:
            await broker.rpush(f"waiting:{self.name}", os.getpid())
        threading.Event().wait()


@register_region_type
class Deadly(Speaker):
    """Kills the worker that runs it."""

    async def say(self) -> None:
        """Die."""
        os.kill(os.getpid(), signal.SIGKILL)


@register_region_type
class Repairable(Speaker):
    """Fails until the key ``mended:<region>`` is there."""

    async def say(self) -> None:
        """Say all of it, once mended."""
        async with _broker() as broker:
            if not await broker.exists(f"mended:{self.name}"):
                raise StepFailed("not mended yet")
        await super().say()


@register_region_type
class HeldAfterAnswer(Region):
    """Comes to the gate between the model's answer and the commit."""

    async def make_replies(self) -> None:
        """Answer, and wait to be let on."""
        await super().make_replies()
        await _pass_gate(self.name)


@register_region_type
class HeldAfterLearning(RAGRegion):
    """Comes to the gate between what its store has learned and the commit."""

    async def make_updates(self) -> None:
        """Let the store learn, and wait to be let on."""
        await super().make_updates()
        await _pass_gate(self.name)
