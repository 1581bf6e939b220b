"""Mail from outside a plan: a sender to hold, and a decorator that passes one in."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from regions_dist.domain.message import role_of
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.library.postmaster import Postmaster

__all__ = ["Addressograph", "Injector", "passed_as"]

P = ParamSpec("P")
R = TypeVar("R")


class Injector:
    """Sends as ``source``; what it sends enters when the next layer of the run starts.

    ``role`` is that of ``send``. To be used as a context manager, before a run or during one.
    Raises BadInput for an unknown role.
    """

    def __init__(self, postmaster: Postmaster, source: str, role: str = "request") -> None:
        self.source = source
        self.role = role_of(role)
        self._postmaster = postmaster
        self._open = True

    def __enter__(self) -> Self:
        self._open = True
        return self

    def __exit__(self, *_: object) -> None:
        self._open = False

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    def send(self, destination: str, content: str, role: str | None = None) -> None:
        """Send in this injector's role, or the one given. Raises BadInput, see Postmaster.post."""
        if not self._open:
            raise BadInput(f"the injector of {self.source!r} was left: open another one")
        self._postmaster.post(self.source, destination, content, role or self.role)

    def request(self, destination: str, content: str) -> None:
        """Send a request."""
        self.send(destination, content, "request")

    def reply(self, destination: str, content: str) -> None:
        """Send a reply."""
        self.send(destination, content, "reply")


def Addressograph(  # noqa: N802  its users' name for it
    postmaster: Postmaster, source: str, role: str = "request", injector_name: str = "injector"
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Decorate a function, sync or async: it gets an Injector as its argument ``injector_name``."""

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        passed_as(injector_name, function, "injector_name")
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def awaited(*arguments: Any, **named: Any) -> Any:
                with Injector(postmaster, source, role) as injector:
                    return await function(*arguments, **{**named, injector_name: injector})

            return awaited  # type: ignore[return-value]

        @wraps(function)
        def called(*arguments: Any, **named: Any) -> R:
            with Injector(postmaster, source, role) as injector:
                return function(*arguments, **{**named, injector_name: injector})

        return called

    return decorate


def passed_as(name: str, function: Callable[..., object], option: str) -> None:
    """See that ``function`` takes an argument of this name. Raises BadInput."""
    parameters = inspect.signature(function).parameters
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    if name not in parameters and not takes_any:
        raise BadInput(
            f"{getattr(function, '__name__', function)!s} takes no argument {name!r}; add one, or "
            f"name another with {option}",
            where=option,
        )
