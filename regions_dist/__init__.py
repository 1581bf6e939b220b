"""Regions, distributed: language-model agents over the machines you own.

Everything here is loaded when it is first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from regions_dist.domain.message import Message
    from regions_dist.domain.regions import (
        BaseRegion,
        BroadcastRegion,
        FeedForwardRegion,
        ListenerRegion,
        RAGRegion,
        Region,
    )
    from regions_dist.domain.registry import register_region_type
    from regions_dist.domain.sinks import register_sink
    from regions_dist.errors import (
        ArchiveProblem,
        BadAnswer,
        BadInput,
        BrokerRefused,
        BrokerUnavailable,
        FileProblem,
        ModelUnavailable,
        NoSuchRun,
        PlanRefused,
        RegionsError,
        RunLost,
        RunStopped,
        StepFailed,
        StoreProblem,
        StoreRefused,
        Unavailable,
        Undeliverable,
        WorkerMissing,
    )
    from regions_dist.library.entry import RegionEntry
    from regions_dist.library.execute import Execute
    from regions_dist.library.executor import Executor
    from regions_dist.library.injector import Addressograph, Injector
    from regions_dist.library.orchestrator import Orchestrator
    from regions_dist.library.postmaster import Postmaster
    from regions_dist.library.registry import RegionRegistry
    from regions_dist.library.small_model import small_model
    from regions_dist.library.verify import verify
    from regions_dist.resources.dynamic_rag import DynamicRAGSystem
    from regions_dist.resources.llm_link import LLMLink

__all__ = [  # noqa: RUF022  grouped by what they are for
    # What regions tell each other
    "Message",
    # Region types
    "BaseRegion",
    "BroadcastRegion",
    "FeedForwardRegion",
    "ListenerRegion",
    "RAGRegion",
    "Region",
    "register_region_type",
    "register_sink",
    # A program: its regions, its layers, its mail
    "Orchestrator",
    "Postmaster",
    "RegionEntry",
    "RegionRegistry",
    "verify",
    # Running it
    "Addressograph",
    "Execute",
    "Executor",
    "Injector",
    # Models and stores
    "DynamicRAGSystem",
    "LLMLink",
    "small_model",
    # Errors
    "ArchiveProblem",
    "BadAnswer",
    "BadInput",
    "BrokerRefused",
    "BrokerUnavailable",
    "FileProblem",
    "ModelUnavailable",
    "NoSuchRun",
    "PlanRefused",
    "RegionsError",
    "RunLost",
    "RunStopped",
    "StepFailed",
    "StoreProblem",
    "StoreRefused",
    "Unavailable",
    "Undeliverable",
    "WorkerMissing",
]

_HOMES: Final = {
    "Message": "domain.message",
    "register_region_type": "domain.registry",
    "register_sink": "domain.sinks",
    "DynamicRAGSystem": "resources.dynamic_rag",
    "LLMLink": "resources.llm_link",
    "Addressograph": "library.injector",
    "Execute": "library.execute",
    "Executor": "library.executor",
    "Injector": "library.injector",
    "Orchestrator": "library.orchestrator",
    "Postmaster": "library.postmaster",
    "RegionEntry": "library.entry",
    "RegionRegistry": "library.registry",
    "small_model": "library.small_model",
    "verify": "library.verify",
    **dict.fromkeys((name for name in __all__ if name.endswith("Region")), "domain.regions"),
}
"""Where each name is at home; the others are errors."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES.get(name, 'errors')}")
    globals()[name] = value = getattr(home, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
