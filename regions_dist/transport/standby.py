"""When a standby may take a lease over."""

from __future__ import annotations

from regions_dist.transport.clocks import Clocks, Span

__all__ = ["LeaseWatch"]


class LeaseWatch:
    """Watches a lease for a beat. It is dead when it was seen, over its whole life of ``lease``
    seconds, without one.

    The watch must be unbroken. A look that took long means that the broker was away, and a pause
    that was long that this process was stopped or its machine asleep: for so long the owner's
    beats may have had nowhere to go, or nobody to be seen by. Then the watch begins anew, and the
    owner, who beats three times a lease, is heard first.
    """

    def __init__(self, lease: float, clocks: Clocks) -> None:
        self._lease = lease
        self._now = clocks.steady
        self._seen, self._since = "", self._now()
        self._clocks = clocks
        self._step = Span(clocks)

    def dead(self) -> str:
        """The last beat that was seen, if the lease is dead by now, else ""; then look."""
        self._mind_the_gap()
        return self._seen if self._now() - self._since >= self._lease else ""

    def saw(self, beat: str) -> None:
        """Take note of what the look showed."""
        self._mind_the_gap()
        if beat != self._seen:
            self._seen, self._since = beat, self._now()

    def _mind_the_gap(self) -> None:
        if self._step.seconds() > self._lease / 2:
            self._seen = ""
        self._step = Span(self._clocks)
