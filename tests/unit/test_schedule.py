"""A plan unrolled into places, chains and steps."""

from __future__ import annotations

from regions_dist.domain.message import StepId
from regions_dist.domain.plan import Plan
from regions_dist.domain.schedule import schedule

PLAN = Plan(
    regions=(),
    layer_config=({"one": ("A", "B"), "two": ("C",)}, {"only": ("A",)}),
    execution_config=(
        (("C", "c1"), ("B", "b1"), ("A", "a1"), ("B", "b2"), ("Outside", "x"), ("A", "a2")),
        (("A", "a3"),),
    ),
    execution_order=(1, 0, 1),
)


def methods(plan: Plan, place: int) -> dict[str, list[str]]:
    chains = schedule(plan)[place].chains
    return {
        chain.name: [f"{step.region}.{step.method}" for step in chain.steps] for chain in chains
    }


def test_layers_run_in_execution_order_and_may_run_twice() -> None:
    assert [place.layer for place in schedule(PLAN)] == [1, 0, 1]


def test_all_methods_of_a_region_run_at_its_turn_in_the_listed_order() -> None:
    assert methods(PLAN, 1) == {"one": ["A.a1", "A.a2", "B.b1", "B.b2"], "two": ["C.c1"]}


def test_an_entry_outside_the_chains_never_runs() -> None:
    steps = [step for place in schedule(PLAN) for chain in place.chains for step in chain.steps]

    assert "Outside" not in {step.region for step in steps}


def test_a_region_listed_twice_in_a_chain_takes_one_turn() -> None:
    plan = PLAN.model_copy(update={"layer_config": ({"one": ("A", "B", "A")}, {})})

    assert methods(plan, 1) == {"one": ["A.a1", "A.a2", "B.b1", "B.b2"]}


def test_a_step_is_known_by_its_place_in_the_order_so_that_a_layer_may_run_twice() -> None:
    first, _, last = schedule(PLAN)

    assert first.chains[0].steps[0].id == StepId(0, 1, 0)
    assert last.chains[0].steps[0].id == StepId(2, 1, 0)


def test_step_ids_are_unique_and_their_text_sorts_in_plan_order() -> None:
    ids = [step.id for place in schedule(PLAN) for chain in place.chains for step in chain.steps]
    texts = [str(step) for step in ids]

    assert texts == sorted(set(texts))
    assert [StepId.parse(text) for text in texts] == ids


def test_only_the_chosen_layers_run_and_places_count_without_the_others() -> None:
    places = schedule(PLAN, layers={1})

    assert [place.layer for place in places] == [1, 1]
    assert [place.chains[0].steps[0].id.place for place in places] == [0, 1]
