"""A region that watches the traffic of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from regions_dist.domain.quick import quick
from regions_dist.domain.region import BaseRegion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regions_dist.domain.message import Message
    from regions_dist.domain.plan import RegionEntry

__all__ = ["ListenerRegion"]


class ListenerRegion(BaseRegion):
    """Watches traffic: it writes to nobody and has no connections.

    ``listening`` tells the runtime, which reads the trace, whether to give each routed message to
    ``out_process``: a callable of one message, or the name of a sink. A sync one is called in a
    thread, an async one is awaited. ``delay`` is kept for files; nothing waits that long.
    """

    methods: ClassVar[tuple[str, ...]] = ("start", "stop")
    parameters: ClassVar[Mapping[str, str]] = {
        "out_process": "Where it writes: file, terminal, or a sink of the worker that hosts it.",
        "delay": "Kept for older files; nothing waits that long.",
    }

    def __init__(
        self,
        name: str,
        out_process: Callable[[Message], object] | str = "",
        delay: float = 0.5,
    ) -> None:
        super().__init__(name)
        self.out_process = out_process
        self.delay = delay
        self.listening = False

    @quick
    def start(self) -> None:
        """Listen from here on."""
        self.listening = True

    @quick
    def stop(self) -> None:
        """Listen no more."""
        self.listening = False

    @classmethod
    def from_entry(
        cls,
        entry: RegionEntry,
        resources: Mapping[str, object],  # noqa: ARG003  the superclass's signature
    ) -> ListenerRegion:
        """A listener made of a plan's entry, of which it takes the name and ``delay``."""
        return cls(entry.name, **cls._own_parameters(entry))
