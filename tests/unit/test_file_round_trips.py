"""Any plan, written in any of its file forms and read again, is the same plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from regions_dist.cli.planning import app
from regions_dist.domain.convert import to_executions, to_full_state, to_plan, to_regions
from regions_dist.domain.files import Loaded, load_pair, load_plan, parse_json
from regions_dist.errors import FileProblem
from tests.any_plan import any_drawing, any_json, any_plan

if TYPE_CHECKING:
    import pytest

    from regions_dist.domain.drawing import Drawing
    from regions_dist.domain.plan import Plan

calm = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A machine that is busy with other tests is no fault."""

drawn_plans = any_plan().flatmap(lambda plan: st.tuples(st.just(plan), any_drawing(plan)))


def read(document: object) -> Any:
    """What a file says that ``document`` is written to."""
    return parse_json(json.dumps(document, ensure_ascii=False), "file")


def load(document: object) -> Loaded:
    return load_plan(read(document), origin="file")


def listed(value: object) -> object:
    """Objects as lists: the order of what they hold counts."""
    if isinstance(value, dict):
        return [(key, listed(one)) for key, one in value.items()]
    return [listed(one) for one in value] if isinstance(value, list) else value


def ordered(plan: Plan) -> object:
    return listed(plan.model_dump(mode="json"))


@calm
@given(drawn_plans)
def test_a_plan_file_holds_plan_and_drawing(drawn: tuple[Plan, Drawing]) -> None:
    plan, drawing = drawn

    again = load(to_plan(plan, drawing))

    assert again == Loaded(plan, (), drawing)
    assert ordered(again.plan) == ordered(plan)


@calm
@given(drawn_plans)
def test_a_full_state_holds_plan_and_drawing(drawn: tuple[Plan, Drawing]) -> None:
    plan, drawing = drawn

    again = load(to_full_state(plan, drawing))

    assert again == Loaded(plan, (), drawing)
    assert ordered(again.plan) == ordered(plan)


@calm
@given(any_plan())
def test_a_pair_of_files_holds_the_plan(plan: Plan) -> None:
    pair = read(to_regions(plan)), read(to_executions(plan))

    again = load_pair(*pair, origins=("regions", "executions"))

    assert again == Loaded(plan, ())
    assert ordered(again.plan) == ordered(plan)


@calm
@given(drawn_plans)
def test_converted_to_a_full_state_and_back_a_plan_file_is_what_it_was(
    drawn: tuple[Plan, Drawing],
) -> None:
    file = to_plan(*drawn)
    loaded = load(file)
    state = load(to_full_state(loaded.plan, loaded.drawing))

    assert to_plan(state.plan, state.drawing) == file
    assert ordered(state.plan) == ordered(loaded.plan)


@settings(calm, max_examples=25)
@given(drawn=drawn_plans)
def test_the_command_converts_both_ways_without_a_loss(
    tmp_path_factory: pytest.TempPathFactory, drawn: tuple[Plan, Drawing]
) -> None:
    folder = tmp_path_factory.mktemp("converted")

    def converted(document: str, *options: str) -> str:
        file = folder / "plan.json"
        file.write_text(document, encoding="utf-8")
        ended = CliRunner().invoke(app, ["convert", str(file), *options])
        assert (ended.exit_code, ended.stderr) == (0, "")
        return ended.stdout

    plan = converted(json.dumps(to_plan(*drawn)))

    again = converted(converted(plan, "--to", "full-state"), "--to", "plan")

    assert json.loads(again) == json.loads(plan)
    assert load(json.loads(plan)) == Loaded(drawn[0], (), drawn[1])


def places_in(value: object, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside ``value``."""
    if not isinstance(value, (dict, list)):
        return [here]
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    return [here, *(place for key, one in inside for place in places_in(one, (*here, key)))]


@st.composite
def any_file(draw: st.DrawFn) -> Any:
    """A plan file or a full state in which one value is another."""
    document = read(draw(st.sampled_from([to_plan, to_full_state]))(*draw(drawn_plans)))
    *way, last = draw(st.sampled_from(places_in(document)[1:]))
    inside = document
    for key in way:
        inside = inside[key]
    inside[last] = draw(any_json)
    return document


@calm
@given(any_file())
def test_a_file_that_somebody_wrote_into_is_refused_or_mended_for_good(document: Any) -> None:
    try:
        loaded = load(document)
    except FileProblem:
        return

    assert load(to_plan(loaded.plan, loaded.drawing)) == Loaded(loaded.plan, (), loaded.drawing)
