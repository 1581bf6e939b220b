"""Whether a call that failed is tried again, and after how long."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from regions_dist.resources.refusals import pause

if TYPE_CHECKING:
    from regions_dist.errors import ModelUnavailable

__all__ = ["Failure", "Tries"]

log = logging.getLogger(__name__)

_LOADING_PAUSE: Final = 2.0


@dataclass(frozen=True, slots=True)
class Failure:
    """How a try ended without an answer: with which problem, and whether and when to try again.

    ``loading``: the server will answer once it has loaded its model.
    """

    problem: ModelUnavailable
    again: bool = False
    pause: float | None = None
    loading: bool = False


class Tries:
    """The tries of one call: ``retries`` after the first, besides those while a model loads.

    For that it waits ``patience`` seconds in all, as for an answer that is slow to begin.
    """

    def __init__(self, retries: int, patience: float) -> None:
        self._retries = retries
        self._patience = patience
        self._failed = 0
        self._loading = 0.0

    def pause_after(self, failure: Failure) -> float:
        """Seconds until the next try. Raises the failure's problem where there is none."""
        if failure.loading and self._loading < self._patience:
            if not self._loading:
                log.info("%s; waiting for it", failure.problem.message)
            self._loading += _LOADING_PAUSE
            return _LOADING_PAUSE
        if not failure.again or self._failed == self._retries:
            raise failure.problem
        self._failed += 1
        return pause(self._failed - 1) if failure.pause is None else failure.pause
