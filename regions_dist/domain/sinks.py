"""Callables of this process that a plan may name as a listener's sink."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Final, TypeVar

from regions_dist.domain.registry import imported_modules
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist.domain.message import Message

__all__ = ["BUILT_IN_SINKS", "named_sink", "register_sink"]

BUILT_IN_SINKS: Final = ("file", "terminal")
_registered: dict[str, Callable[[Message], object]] = {}

C = TypeVar("C", bound="Callable[[Message], object]")


def register_sink(name: str, call: C) -> C:
    """Let listeners of this process write to ``call``, by this name, which a plan may give.

    Raises BadInput for a name that is taken by a built-in sink, has a colon or is empty, and for
    what cannot be called.
    """
    if not name or ":" in name or name in BUILT_IN_SINKS:
        raise BadInput(f"no sink can be called {name!r}: choose another name, without a colon")
    if not callable(call):
        raise BadInput(f"sink {name!r} cannot be called: give a function of one message")
    _registered[name] = call
    return call


def named_sink(name: str) -> Callable[[Message], object]:
    """The callable registered as ``name``, or the function that ``module:function`` names.

    The module must be one that the user of this process gave with --import, and the function one
    that it defines: a plan alone makes nothing callable. Raises BadInput for any other.
    """
    if name in _registered:
        return _registered[name]
    module, colon, function = name.partition(":")
    if not colon:
        known = ", ".join((*BUILT_IN_SINKS, *sorted(_registered)))
        raise BadInput(
            f"there is no sink called {name!r} here: expected one of {known}, or MODULE:FUNCTION "
            "with --import MODULE"
        )
    if module not in imported_modules():
        raise BadInput(
            f"sink {name!r} is not allowed here: start the worker that hosts this listener with "
            f"--import {module}, if you trust that module"
        )
    call = vars(sys.modules[module]).get(function)
    if function.startswith("_") or not inspect.isfunction(call) or call.__module__ != module:
        raise BadInput(f"sink {name!r}: {module} defines no public function {function!r}")
    return call
