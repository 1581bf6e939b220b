"""How far long work is: a bar on a terminal, plain lines anywhere else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["long_work"]

_STEPS: Final = 10
"""Plain lines, at most, for the whole of the work."""


@contextmanager
def long_work(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Gives what to call with chunks done and in all; shows it on stderr unless ``quiet``."""
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _lines(title, console)
        return
    columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=quiet) as bar:
        task = bar.add_task(title)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(title: str, console: Console) -> Callable[[int, int], None]:
    said = -1

    def told(done: int, total: int) -> None:
        nonlocal said
        step = done * _STEPS // max(total, 1)
        if step > said:
            said = step
            console.print(f"{title}: {done} of {total} chunks", soft_wrap=True, highlight=False)

    return told
