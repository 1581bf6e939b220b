"""How a run that has not succeeded is told to who waits for it: as an error of its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from regions_dist import errors
from regions_dist.errors import RegionsError, RunStopped, StepFailed

if TYPE_CHECKING:
    from regions_dist.domain.outcome import RunView

__all__ = ["raise_failure"]

_BY_CODE: dict[str, type[RegionsError]] = {
    cls.code: cls for cls in (getattr(errors, name) for name in errors.__all__)
}


def raise_failure(view: RunView) -> None:
    """Raise why the run was stopped, if it was: RunStopped, or what its failed step raised."""
    if view.status == "cancelled":
        raise RunStopped(f"run {view.run} was cancelled", where=view.run, code="cancelled")
    if view.status == "timed_out":
        message = f"run {view.run} was stopped: its time is up; it can be resumed"
        raise RunStopped(message, where=view.run, code="timed-out")
    if view.status == "failed" and view.error is not None:
        cls = _BY_CODE.get(view.error.code, StepFailed)
        raise cls(view.error.message, where=view.error.where, code=view.error.code)
