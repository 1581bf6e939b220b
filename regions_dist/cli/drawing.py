"""A plan as a picture in the terminal: layers, their chains, and what each region does there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.columns import Columns
from rich.console import Group
from rich.panel import Panel
from rich.text import Text

from regions_dist.domain.schedule import schedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, RenderableType

    from regions_dist.domain.plan import Plan
    from regions_dist.domain.schedule import Chain, Place

__all__ = ["draw"]

_IDLE = "(nothing in this layer)"


def draw(plan: Plan, console: Console) -> None:
    """Draw what ``plan`` runs, in running order; plain lines where ``console`` is no terminal."""
    places = schedule(plan)
    for number, place in enumerate(places, start=1):
        heading = f"layer {place.layer} ({number} of {len(places)})"
        if console.is_terminal:
            console.print(_layer(plan, place, heading))
        else:
            for line in _lines(plan, place, heading):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
    if not places:
        console.print("nothing to run: the execution order is empty", highlight=False)


def _layer(plan: Plan, place: Place, heading: str) -> Panel:
    rows = [_row(plan, place, chain) for chain in place.chains]
    inside = Group(*rows) if rows else Text("no chains", style="dim")
    return Panel(inside, title=Text(heading, style="bold"), title_align="left", border_style="dim")


def _row(plan: Plan, place: Place, chain: Chain) -> RenderableType:
    cells: list[RenderableType] = [Text(f"\n{chain.name}", style="cyan")]
    for region, methods in _turns(plan, place, chain):
        if len(cells) > 1:
            cells.append(Text("\n→", style="dim"))
        cells.append(_box(region, methods))
    return Columns(cells)


def _box(region: str, methods: list[str]) -> Panel:
    text = Text("\n".join(methods)) if methods else Text(_IDLE, style="dim")
    return Panel(text, title=Text(region, style="bold green"), title_align="left", expand=False)


def _lines(plan: Plan, place: Place, heading: str) -> Iterator[str]:
    yield heading
    for chain in place.chains:
        turns = _turns(plan, place, chain)
        done = (f"{region}: {', '.join(methods) or _IDLE}" for region, methods in turns)
        yield f"  {chain.name}: {' -> '.join(done)}"


def _turns(plan: Plan, place: Place, chain: Chain) -> list[tuple[str, list[str]]]:
    """The regions of ``chain`` in order, each with its methods there."""
    regions = dict.fromkeys(plan.layer_config[place.layer][chain.name])
    return [
        (region, [step.method for step in chain.steps if step.region == region])
        for region in regions
    ]
