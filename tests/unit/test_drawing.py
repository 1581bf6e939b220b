"""How a plan looks in the terminal."""

from __future__ import annotations

import io

from rich.console import Console

from regions_dist.cli.drawing import draw
from regions_dist.domain.plan import Plan


def plan(order: tuple[int, ...] = (1, 0)) -> Plan:
    return Plan.model_validate(
        {
            "regions": [{"name": name, "type": "Region"} for name in ("A", "B", "C[x]")],
            "layer_config": [{"chain_1": ["A", "B"], "chain_2": ["C[x]"]}, {"chain_1": ["B"]}],
            "execution_config": [
                [("A", "make_replies"), ("C[x]", "broadcast"), ("C[x]", "clear_replies")],
                [("B", "make_questions")],
            ],
            "execution_order": order,
        }
    )


def drawn(shown: Plan, console: Console) -> str:
    with console.capture() as capture:
        draw(shown, console)
    return capture.get()


def test_without_a_terminal_a_plan_is_plain_lines_in_running_order() -> None:
    assert drawn(plan(), Console(file=io.StringIO())).splitlines() == [
        "layer 1 (1 of 2)",
        "  chain_1: B: make_questions",
        "layer 0 (2 of 2)",
        "  chain_1: A: make_replies -> B: (nothing in this layer)",
        "  chain_2: C[x]: broadcast, clear_replies",
    ]


def test_a_layer_that_runs_twice_is_drawn_twice() -> None:
    picture = drawn(plan((1, 1)), Console(file=io.StringIO()))
    assert picture.count("layer 1") == 2


def test_a_terminal_gets_a_box_for_each_region_with_its_methods() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80)
    picture = drawn(plan(), console)
    assert picture.count("╭─ layer") == 2
    assert "╭─ C[x] " in picture
    assert "│ clear_replies │" in picture
    assert "→" in picture


def test_a_plan_that_runs_nothing_says_so() -> None:
    picture = drawn(plan(()), Console(file=io.StringIO()))
    assert picture == "nothing to run: the execution order is empty\n"
