"""A new run that begins where another one once stood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from regions_dist.domain.schedule import schedule
from regions_dist.errors import BadInput
from regions_dist.runs.origin import with_origin

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.config import Settings
    from regions_dist.domain.branch import Branch
    from regions_dist.domain.outcome import LayerTurn
    from regions_dist.domain.plan import Plan
    from regions_dist.domain.region import RegionState
    from regions_dist.domain.schedule import Place
    from regions_dist.transport.run_record import RunRecord

__all__ = ["Replay", "replay_of"]


@dataclass(frozen=True)
class Replay:
    """What the new run runs, and what it begins with."""

    plan: Plan
    layers: tuple[int, ...] | None
    branch: Branch
    only_recorded: bool


def replay_of(
    settings: Settings,
    record: RunRecord,
    plan: Plan | None,
    layers: tuple[int, ...] | None,
    from_layer: int | None,
    edits: Mapping[str, str] | None = None,
    *,
    from_place: int | None = None,
) -> Replay:
    """The replay of the run of ``record``, all of it, from the first turn of a layer on.

    ``from_place`` says the turn itself, for a layer that has several. Without either it starts at
    the first edited message's layer, or, with no edits, at the run's first layer; then it is
    given recorded answers only. ``plan`` and ``layers`` are those of the run where they are not
    given. Raises BadInput where the run has not come so far, where it began with other layers
    than ``plan``, and for edits of messages that it has not.
    """
    edits = edits or {}
    run = record.run
    stored, turns = record.plan(), record.view().layers
    ran = tuple(turn.index for turn in turns)
    if plan is None:
        plan, layers = with_origin(settings, run, stored), layers or ran
    places = schedule(plan, layers)
    first = max(_first(turns), min((_place_of(run, edit, record) for edit in edits), default=0))
    chosen = from_place if from_layer is None else _turn_of(places, from_layer)
    place = first if chosen is None else chosen
    _refuse_other_beginning(run, schedule(stored, ran), places, place)
    _refuse_unbegun(run, record.view().parent, turns, place)
    branch = _edited(_fitted(record.branch(place), stored, plan), edits)
    return Replay(plan, layers, branch, only_recorded=chosen is None and not edits)


def _place_of(run: str, message: str, record: RunRecord) -> int:
    """The turn in which a message was posted or came from outside."""
    if message not in {routed["id"] for routed in record.trace()}:
        raise BadInput(
            f"--edit {message}: run {run!r} has no such message; its ids: "
            f"regions-coordinator trace {run} --json",
            where=message,
        )
    return int(message.partition("-")[0])


def _edited(branch: Branch, edits: Mapping[str, str]) -> Branch:
    for message, text in edits.items():
        try:
            branch = branch.edited(message, text)
        except LookupError:
            raise BadInput(
                f"--edit {message}: nobody holds that message any more when the run begins there; "
                f"choose an earlier --from-layer, or leave it out",
                where=message,
            ) from None
    return branch


def _first(turns: Sequence[LayerTurn]) -> int:
    return sum(turn.status == "inherited" for turn in turns)


def _turn_of(places: Sequence[Place], layer: int) -> int:
    order = [place.layer for place in places]
    if layer not in order:
        raise BadInput(f"--from-layer {layer}: the run has only these layers, in order: {order}")
    return order.index(layer)


def _refuse_other_beginning(
    run: str, old: Sequence[Place], new: Sequence[Place], place: int
) -> None:
    for number, (then, now) in enumerate(zip(old, new, strict=False)):
        if number < place and then != now:
            raise BadInput(
                f"run {run!r} began otherwise than this plan: turn {number + 1}, of layer "
                f"{then.layer}, differs; only layers from --from-layer on may be changed",
                where=run,
            )


def _refuse_unbegun(run: str, parent: str, turns: Sequence[LayerTurn], place: int) -> None:
    begun = [turn for turn in turns if turn.status not in {"inherited", "waiting"}]
    if 0 <= place - _first(turns) < len(begun):
        return
    if place < _first(turns):
        raise BadInput(
            f"run {run!r} itself began later, with what run {parent!r} held; choose a later layer, "
            f"or: --replay {parent}",
            where=run,
        )
    raise BadInput(
        f"run {run!r} has not come to that layer yet, only to layer "
        f"{begun[-1].index if begun else 'none'}; let it go on first (regions-coordinator resume "
        f"{run}), or choose an earlier layer",
        where=run,
    )


def _fitted(branch: Branch, old: Plan, new: Plan) -> Branch:
    """The branch as the new plan can take it up: connections that it changed are changed."""
    known = {entry.name for entry in new.regions}
    lost = sorted({message.destination for message in branch.inbox} - known)
    if lost:
        raise BadInput(
            f"there is unread mail for {', '.join(lost)}: the plan must keep that region"
        )
    states = {
        region: _rewired(region, state, old, new)
        for region, state in branch.states.items()
        if region in known
    }
    return replace(branch, states=states)


def _rewired(region: str, state: RegionState, old: Plan, new: Plan) -> RegionState:
    before, now = old.entry(region), new.entry(region)
    if before is None or now is None or before.connections == now.connections:
        return state
    return replace(state, connections=now.connections)
