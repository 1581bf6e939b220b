"""What holds a layer: the chains that are not home yet, and mail that is not settled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from regions_dist.domain.message import OUTSIDE, StepId

if TYPE_CHECKING:
    from collections.abc import Iterator

    from regions_dist.domain.message import Message
    from regions_dist.domain.schedule import Place, Step

__all__ = ["Barrier"]


@dataclass
class _Track:
    """How far a chain is: its next step, whether one is under way, its unsettled mail."""

    steps: tuple[Step, ...]
    next: int = 0
    busy: bool = False
    mail: int = 0
    home: bool = False


class Barrier:
    """The barrier of one place in the execution order."""

    def __init__(self, place: Place) -> None:
        self._tracks = {n: _Track(chain.steps) for n, chain in enumerate(place.chains, start=1)}
        self._tracks[OUTSIDE] = _Track((), home=True)

    @property
    def open(self) -> bool:
        """Whether nothing holds the layer any more."""
        return all(track.home and not track.mail for track in self._tracks.values())

    def under_way(self) -> Iterator[Step]:
        """The steps that were released and are not over."""
        for track in self._tracks.values():
            if track.busy:
                yield track.steps[track.next - 1]

    def posted(self, message: Message) -> None:
        """A message holds its chain until it is settled."""
        self._tracks[_chain(message)].mail += 1

    def settled(self, message: Message) -> None:
        """A message holds its chain no more."""
        self._tracks[_chain(message)].mail -= 1

    def over(self, step: StepId) -> None:
        """A step is over."""
        self._tracks[step.chain].busy = False

    def release(self) -> Iterator[Step]:
        """The next step of each chain of which nothing is under way; the others come home."""
        for track in self._tracks.values():
            if track.busy or track.mail or track.home:
                continue
            if track.next == len(track.steps):
                track.home = True
                continue
            track.busy = True
            track.next += 1
            yield track.steps[track.next - 1]


def _chain(message: Message) -> int:
    return int(message.id.split("-")[1])
