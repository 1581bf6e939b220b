"""Region methods that do their work at once."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Done", "is_quick", "quick"]

Region = TypeVar("Region")


class Done:
    """What a method gives back that has done its work: it may be awaited, and need not be."""

    def __await__(self) -> Generator[Any, None, None]:
        return
        yield  # what makes this a generator


def quick(method: Callable[[Region], None]) -> Callable[[Region], Done]:
    """A sync region method that can be called or awaited, and never blocks.

    Other sync methods are run in a thread, so that one that blocks stops nobody else.
    """

    @wraps(method)
    def call(region: Region) -> Done:
        method(region)
        return Done()

    vars(call)["quick"] = True
    return call


def is_quick(method: Callable[..., object]) -> bool:
    """Whether ``method`` was made by ``quick``."""
    return getattr(method, "quick", False)
