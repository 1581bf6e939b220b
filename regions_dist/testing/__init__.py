"""For tests of your own plans and region types: scripted models, mocks, a cluster in one process.

The fixtures of ``regions_dist.testing.fixtures`` are pytest's. Everything is loaded when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from regions_dist.testing.cluster import Cluster
    from regions_dist.testing.model import ScriptedLLM, ask_everyone
    from regions_dist.testing.regions import MockListenerRegion, MockRAGRegion, MockRegion
    from regions_dist.testing.signals import Heard, Signal
    from regions_dist.testing.stores import InMemoryRAG, ScriptedRAG

__all__ = [  # noqa: RUF022  grouped by what they are for
    # Models and stores
    "InMemoryRAG",
    "ScriptedLLM",
    "ScriptedRAG",
    "ask_everyone",
    # Regions
    "MockListenerRegion",
    "MockRAGRegion",
    "MockRegion",
    # A cluster in this process
    "Cluster",
    # What a test waits for
    "Heard",
    "Signal",
]

_HOMES: Final = {
    "Cluster": "cluster",
    "Heard": "signals",
    "InMemoryRAG": "stores",
    "MockListenerRegion": "regions",
    "MockRAGRegion": "regions",
    "MockRegion": "regions",
    "ScriptedLLM": "model",
    "ScriptedRAG": "stores",
    "Signal": "signals",
    "ask_everyone": "model",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
