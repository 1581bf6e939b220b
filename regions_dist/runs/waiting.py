"""What a run waits for, for whom, since when, and what can be done about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from regions_dist.domain.placement import absence, hosts, start_command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from regions_dist.domain.outcome import Wait
    from regions_dist.domain.plan import Placement
    from regions_dist.runs.stored_runs import Standing

__all__ = ["Waiting", "waits_of"]

_ENDED = {"succeeded", "cancelled"}


@dataclass(frozen=True)
class Waiting:
    """One thing that waits. ``since`` is in seconds from then to now; ``todo`` may be "".

    ``kind`` is "step", "mail" (another try at its delivery, or the next layer) or "resume".
    """

    kind: str
    what: str
    waits_for: str
    since: float | None = None
    todo: str = ""
    step: str | None = None
    worker: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The form of ``status --json``."""
        return asdict(self)


def waits_of(standing: Standing) -> list[Waiting]:
    """What the run waits for, as it stands."""
    record = standing.record
    if record.status in _ENDED or standing.archived:
        return []
    return [*_resume(standing), *_steps(standing), *_mail(standing)]


def _resume(standing: Standing) -> Iterator[Waiting]:
    run, status = standing.record.run, standing.record.status
    if status == "running" and standing.tended:
        return
    why = status.replace("_", " ") if standing.tended else "nobody works on it"
    yield Waiting("resume", f"the run: {why}", "resume", todo=f"regions-coordinator resume {run}")


def _steps(standing: Standing) -> Iterator[Waiting]:
    moves = standing.tended and standing.record.status == "running"
    waits = [wait for wait in standing.record.waits() if moves or (standing.tended and wait.worker)]
    placement = standing.record.plan().placement if waits else {}
    for wait in waits:
        yield _step(wait, standing, placement)


def _step(wait: Wait, standing: Standing, placement: Mapping[str, Placement]) -> Waiting:
    up = {worker.name for worker in standing.workers}
    able = [w.name for w in standing.workers if hosts(w, wait.region, placement)]
    waits_for, todo = f"worker {wait.worker}", ""
    if wait.worker and wait.worker not in up:
        waits_for += ", of which nothing is heard; another worker takes over"
    elif not wait.worker and able:
        waits_for = f"worker {' or '.join(able)} to take it"
    if not able and wait.worker not in up:
        waits_for = absence(wait.region, placement)
        todo = start_command(wait.region, placement)
    what = f"{wait.region}.{wait.method}"
    return Waiting("step", what, waits_for, wait.seconds, todo, wait.step, wait.worker or None)


def _mail(standing: Standing) -> Iterator[Waiting]:
    for message in standing.record.postponed():
        what = f"mail {message.id} from {message.source} to {message.destination}"
        yield Waiting("mail", what, "another try, for nobody has that name")
    for _, held in standing.record.held():
        what = f"mail from {held.source} to {held.destination}"
        yield Waiting("mail", what, "the next layer to start")
