"""A household: child processes forked from a warmed parent, that end when their parent ends.

A forkserver imports the heavy libraries once; a child is then a fork of it, up in a few
milliseconds. Where the platform cannot fork (Windows), each child is a fresh interpreter.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from types import ModuleType
from typing import TYPE_CHECKING, Any, Self

from regions_dist.errors import RegionsError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    Ready = Callable[[Mapping[str, Any]], None]

__all__ = ["Household", "last_lines"]

_PRELOAD = ["httpx", "numpy", "pydantic", "redis.asyncio", __name__, "regions_dist.bootstrap"]
_ORPHAN_GRACE = 5.0
"""Seconds that a child has to end by itself once its parent is gone."""


@dataclass
class _Child:
    name: str
    target: Callable[..., object]
    process: BaseProcess
    log: Path
    pipe: Connection[Any, Any]
    report: dict[str, Any] | None = field(default=None)


class Household:
    """A set of child processes: started, waited for and ended together.

    Each child's output goes to its log file, it ignores Ctrl-C (its parent decides), and it
    ends when its parent ends, also when that is killed. Targets are importable functions that
    take a keyword ``ready``: a function to call once with a small dict, when the child is up.
    """

    def __init__(self) -> None:
        self._context = _context()
        self._children: list[_Child] = []

    def start(
        self,
        target: Callable[..., object],
        *args: object,
        name: str,
        log: Path,
        **options: object,
    ) -> BaseProcess:
        """Start ``target(*args, **options, ready=…)``. The child gets this environment."""
        log = log.absolute()
        log.parent.mkdir(parents=True, exist_ok=True)
        reader, writer = self._context.Pipe(duplex=False)
        work = (target, args, options, log, dict(os.environ), writer)
        process = self._context.Process(target=_live, args=work, name=name, daemon=True)
        with _no_main_module(), writer:
            process.start()
        self._children.append(_Child(name, target, process, log, reader))
        return process

    def wait_ready(self, timeout: float) -> dict[str, dict[str, Any]]:
        """What each child reported when it was up, by name; ``timeout`` is in seconds, for all.

        Raises Unavailable, with the last lines of its log, for a child that ended or is late.
        """
        deadline = time.monotonic() + timeout
        while waiting := {c.pipe: c for c in self._children if c.report is None}:
            arrived = wait(list(waiting), max(0.0, deadline - time.monotonic()))
            if not arrived:
                raise _late(next(iter(waiting.values())), timeout)
            for pipe, child in waiting.items():
                if pipe in arrived:
                    child.report = _receive(child)
        return {c.name: c.report for c in self._children if c.report is not None}

    def dead(self) -> list[tuple[str, int]]:
        """Name and exit code of each child that has ended (a signal's code is negative)."""
        codes = [(c.name, c.process.exitcode) for c in self._children]
        return [(name, code) for name, code in codes if code is not None]

    def stop(self, grace: float = 5.0) -> None:
        """End all children, the last started first; those of one target at the same time.

        Each gets SIGTERM, and ``grace`` seconds later SIGKILL. Can be called again.
        """
        newest_first = reversed(self._children)
        for _, alike in itertools.groupby(newest_first, key=lambda child: child.target):
            _end(list(alike), grace)
        self._children.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


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


def _receive(child: _Child) -> dict[str, Any]:
    try:
        return dict(child.pipe.recv())
    except (EOFError, OSError):
        child.process.join(1.0)
        raise Unavailable(
            f"'{child.name}' ended before it was up (exit code {child.process.exitcode});"
            f" its log, {child.log}, ends with:{last_lines(child.log) or ' nothing'}",
            where=child.name,
        ) from None


def _late(child: _Child, timeout: float) -> Unavailable:
    return Unavailable(
        f"'{child.name}' is not up after {timeout:g} s;"
        f" its log, {child.log}, ends with:{last_lines(child.log) or ' nothing'}",
        where=child.name,
    )


def _end(children: list[_Child], grace: float) -> None:
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        child.process.join(max(0.0, deadline - time.monotonic()))
    for child in children:
        child.process.kill()
        child.process.join()
        child.process.close()
        child.pipe.close()


def _live(
    target: Callable[..., object],
    args: tuple[object, ...],
    options: dict[str, object],
    log: Path,
    environment: dict[str, str],
    pipe: Connection[Any, Any],
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _write_to(log)
    os.environ.clear()
    os.environ.update(environment)
    try:
        target(*args, **options, ready=pipe.send)
    except RegionsError as error:
        sys.exit(error.message)


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
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_ORPHAN_GRACE)
    os._exit(1)
