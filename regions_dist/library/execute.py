"""A decorator that passes an open Executor into a function."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from regions_dist.library.executor import Executor
from regions_dist.library.injector import passed_as

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.library.registry import RegionRegistry

__all__ = ["Execute"]

R = TypeVar("R")


def Execute(  # noqa: N802  its users' name for it
    registry: RegionRegistry,
    orchestrator: Orchestrator,
    postmaster: Postmaster,
    executor_name: str = "executor",
    **options: Any,
) -> Callable[[Callable[..., Awaitable[R]]], Callable[..., Coroutine[Any, Any, R]]]:
    """Decorate an async function: it gets an open Executor as its argument ``executor_name``.

    Each call is a run of its own. ``options`` are those of Executor, ``redis`` for example.
    """

    def decorate(function: Callable[..., Awaitable[R]]) -> Callable[..., Coroutine[Any, Any, R]]:
        passed_as(executor_name, function, "executor_name")

        @wraps(function)
        async def called(*arguments: Any, **named: Any) -> R:
            async with Executor(registry, orchestrator, postmaster, **options) as executor:
                return await function(*arguments, **{**named, executor_name: executor})

        return called

    return decorate
