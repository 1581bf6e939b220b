"""A household: child processes forked from a warmed parent, that end when their parent ends.

A forkserver imports the heavy libraries once; a child is then a fork of it, up in a few
milliseconds. Where the platform cannot fork (Windows), each child is a fresh interpreter.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from operator import itemgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from regions_dist.errors import BadInput, RegionsError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess
    from pathlib import Path

__all__ = ["BAD_INPUT_CODE", "LOST_CODE", "Child", "Household", "last_lines", "warm_up"]

BAD_INPUT_CODE = 2
"""Exit code of a child whose target raised BadInput: it would do so again."""
LOST_CODE = 255
"""multiprocessing's exit code for a child of a forkserver that was killed."""

_PRELOAD = ["httpx", "numpy", "pydantic", "redis.asyncio", __name__, "regions_dist.bootstrap"]
_ORPHAN_GRACE = 5.0
"""Seconds that a child has to end by itself once its parent is gone."""
_REAPED_WITHIN = 1.0
_KILLED_WITHIN = 10.0


class Child:
    """A child process, and the pipe that it alone holds: once that is closed, it is gone.

    So its death is seen at once, even where the forkserver, which would tell, was killed too.
    """

    def __init__(
        self, name: str, process: BaseProcess, pipe: Connection[Any, Any], log: Path | None
    ) -> None:
        self.name = name
        self.log = log
        self.report: dict[str, Any] | None = None
        """What it told when it was up."""
        self.code: int | None = None
        """Its exit code once it is gone: negative for a signal, LOST_CODE where nobody knows it."""
        self._process = process
        self.pipe = pipe

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid or 0

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if not self.wait(0.0):
            with suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, number)

    def wait(self, timeout: float) -> bool:
        """Whether it is gone within ``timeout`` seconds."""
        deadline = time.monotonic() + timeout
        while self.code is None and wait([self.pipe], max(0.0, deadline - time.monotonic())):
            self.receive()
        return self.code is not None

    async def up(self, within: float) -> dict[str, Any]:
        """What it reports once it is up.

        Raises Unavailable, with the last lines of its log, if it ends or is late (seconds).
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self.starts:
                    await self._hear()
        return self.reported(within)

    async def ended(self) -> int:
        """Its exit code, once it is gone. One task may wait at a time."""
        while self.code is None:
            await self._hear()
        return self.code

    def close(self) -> None:
        """Let go of a child that is gone."""
        self.pipe.close()
        with suppress(ValueError):  # its exit code never came
            self._process.close()

    @property
    def starts(self) -> bool:
        """Whether it is neither up nor gone."""
        return self.report is None and self.code is None

    def reported(self, within: float) -> dict[str, Any]:
        """What it reported; ``within`` is how long it had. Raises as ``up`` does."""
        if self.report is not None:
            return self.report
        problem = f"is not up after {within:g} s"
        if self.code is not None:
            problem = f"ended before it was up (exit code {self.code})"
        raise Unavailable(f"'{self.name}' {problem}{self._said()}", where=self.name)

    def receive(self) -> None:
        """Take what has come by the pipe: its report, or the news that it is gone."""
        try:
            self.report = dict(self.pipe.recv())
        except (EOFError, OSError):
            self.code = self._exit_code()

    def _said(self) -> str:
        if self.log is None:
            return ""
        return f"; its log, {self.log}, ends with:{last_lines(self.log) or ' nothing'}"

    async def _hear(self) -> None:
        readable, pipe = asyncio.Event(), self.pipe.fileno()
        loop = asyncio.get_running_loop()
        loop.add_reader(pipe, readable.set)
        try:
            await readable.wait()
        finally:
            loop.remove_reader(pipe)
        self.receive()

    def _exit_code(self) -> int:
        self._process.join(_REAPED_WITHIN)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join(_REAPED_WITHIN)
        code = self._process.exitcode
        return LOST_CODE if code is None else code


class Household:
    """A set of child processes: started, waited for and ended together.

    Each child's output goes to its log file, it ignores Ctrl-C (its parent decides), and it
    ends when its parent ends, also when that is killed: it gets SIGTERM twice. Targets are
    importable functions that take a keyword ``ready``: a function to call once with a small
    dict, when the child is up. One that raises BadInput ends with the exit code 2.
    """

    def __init__(self) -> None:
        self._context = _context()
        self._children: dict[str, tuple[Callable[..., object], Child]] = {}

    def start(
        self,
        target: Callable[..., object],
        *args: object,
        name: str,
        log: Path | None,
        **options: object,
    ) -> Child:
        """Start ``target(*args, **options, ready=…)``. The child gets this environment.

        It takes the place of a child of the same name that is gone. Without a ``log`` it writes
        where this process does. Raises Unavailable where no process can be started.
        """
        if log:
            log = log.absolute()
            log.parent.mkdir(parents=True, exist_ok=True)
        reader, writer = self._context.Pipe(duplex=False)
        work = (target, args, options, log, dict(os.environ), writer)
        process = self._context.Process(target=_live, args=work, name=name, daemon=True)
        with _no_main_module(), writer:
            _launch(process)
        if name in self._children:
            self._children[name][1].close()
        child = Child(name, process, reader, log)
        self._children[name] = (target, child)
        return child

    def wait_ready(self, timeout: float) -> dict[str, dict[str, Any]]:
        """What each child reported when it was up, by name; ``timeout`` is in seconds, for all.

        Raises Unavailable, with the last lines of its log, for a child that ended or is late.
        """
        deadline = time.monotonic() + timeout
        children = [child for _, child in self._children.values()]
        while starting := {child.pipe: child for child in children if child.starts}:
            arrived = wait(list(starting), max(0.0, deadline - time.monotonic()))
            for pipe, child in starting.items():
                if pipe in arrived:
                    child.receive()
                if pipe in arrived or not arrived:
                    child.reported(timeout)
        return {child.name: child.reported(timeout) for child in children}

    def dead(self) -> list[tuple[str, int]]:
        """Name and exit code of each child that has ended (a signal's code is negative)."""
        children = [child for _, child in self._children.values() if child.wait(0.0)]
        return [(child.name, child.code) for child in children if child.code is not None]

    def stop(self, grace: float = 5.0) -> None:
        """End all children, the last started first; those of one target at the same time.

        Each gets SIGTERM, and ``grace`` seconds later SIGKILL. Can be called again.
        """
        newest_first = reversed(self._children.values())
        for _, alike in itertools.groupby(newest_first, key=itemgetter(0)):
            _end([child for _, child in alike], grace)
        self._children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def warm_up() -> None:
    """Start the process that others are forked from, so that the first of them is up at once."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        from multiprocessing import forkserver  # noqa: PLC0415 not on Windows

        _context()
        forkserver.ensure_running()


def last_lines(log: Path, count: int = 5) -> str:
    """The end of a log file, indented; "" where there is none."""
    with suppress(OSError), log.open(encoding="utf-8", errors="replace") as lines:
        return "".join(f"\n  {line.rstrip()}" for line in deque(lines, maxlen=count))
    return ""


def _context() -> ForkServerContext | SpawnContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOAD)
    return context


@contextmanager
def _no_main_module() -> Iterator[None]:
    # A child would import its parent's __main__ anew: a console script with the whole command
    # line behind it, or a user's script without a guard, which would run a second time.
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _launch(process: BaseProcess) -> None:
    try:
        process.start()
    except (EOFError, OSError) as error:
        reason = str(error) or "the process that starts others has ended"
        raise Unavailable(f"'{process.name}' cannot be started: {reason}") from None


def _end(children: list[Child], grace: float) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + grace
    for child in children:
        child.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.signal(signal.SIGKILL)
        child.wait(_KILLED_WITHIN)
        child.close()


def _live(
    target: Callable[..., object],
    args: tuple[object, ...],
    options: dict[str, object],
    log: Path | None,
    environment: dict[str, str],
    pipe: Connection[Any, Any],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.register_at_fork(after_in_child=pipe.close)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if log:
        _write_to(log)
    os.environ.clear()
    os.environ.update(environment)
    try:
        target(*args, **options, ready=pipe.send)
    except RegionsError as error:
        sys.stderr.write(f"error: {error.message}\n")
        sys.exit(BAD_INPUT_CODE if isinstance(error, BadInput) else 1)


def _write_to(log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    # Twice, since a worker drains when told once, and there is nobody left to wait for that; to a
    # thread each, since two for the process as a whole may become one.
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    time.sleep(_ORPHAN_GRACE)
    os._exit(1)
