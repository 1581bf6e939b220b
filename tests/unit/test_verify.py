"""What ``verify`` finds in a plan, by code and place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from regions_dist.domain.files import load_plan, parse_json
from regions_dist.domain.plan import Plan, PostmasterPolicy, RegionEntry, StepPolicy
from regions_dist.domain.verify import Finding, verify

LAYERS = ({"ask": ("Asker",)}, {"answer": ("Facts",)})
METHODS = ((("Asker", "make_questions"),), (("Facts", "make_replies"),))
ASKER = RegionEntry(name="Asker", type="Region", task="Ask", connections={"Facts": "Know"})
FACTS = RegionEntry(name="Facts", type="RAGRegion", task="Know")
EAR = RegionEntry(name="Ear", type="ListenerRegion")


def plan(**changes: Any) -> Plan:
    fields: dict[str, Any] = {
        "regions": (ASKER, FACTS),
        "layer_config": LAYERS,
        "execution_config": METHODS,
        "execution_order": (0, 1),
    }
    return Plan(**{**fields, **changes})


def with_methods(*entries: tuple[str, str]) -> Plan:
    """The sound plan with more entries in its first layer."""
    return plan(execution_config=((*METHODS[0], *entries), METHODS[1]))


def found(checked: Plan) -> set[tuple[str, str, str]]:
    return {(one.severity, one.code, one.where) for one in verify(checked)}


def codes(checked: Plan) -> set[str]:
    return {one.code for one in verify(checked)}


def named(*names: str) -> Plan:
    return plan(regions=(ASKER, FACTS, *(RegionEntry(name=n, type="Region") for n in names)))


def test_a_sound_plan_has_no_findings() -> None:
    assert verify(plan()) == []


def test_a_finding_has_the_form_of_verify_json() -> None:
    finding = Finding("error", "bad-order", "wrong", "execution_order[0]")

    assert finding.as_dict() == {
        "severity": "error",
        "code": "bad-order",
        "message": "wrong",
        "where": "execution_order[0]",
    }


def test_an_unknown_type_is_a_finding_and_escapes_as_no_error() -> None:
    checked = plan(regions=(ASKER, FACTS.model_copy(update={"type": "Oracle"})))

    assert found(checked) == {("error", "unknown-type", "regions[1].type")}
    assert "RAGRegion" in verify(checked)[0].message


@pytest.mark.parametrize(
    "method", ["_post", "__init__", "__repr__", "receive", "post", "start", "fly"]
)
def test_a_plan_may_not_call_what_its_type_does_not_declare(method: str) -> None:
    assert found(with_methods(("Asker", method))) == {
        ("error", "unknown-method", "execution_config[0][1]")
    }


def test_duplicate_names() -> None:
    assert ("error", "duplicate-name", "regions[2].name") in found(named("Facts"))


@pytest.mark.parametrize("name", ["", "  "])
def test_empty_names(name: str) -> None:
    assert ("error", "empty-name", "regions[2].name") in found(named(name))


@pytest.mark.parametrize("name", ["a{b", "a}", "a\nb", "a\x7f", "n" * 101, "\ud800"])
def test_bad_names(name: str) -> None:
    checked = plan(regions=(ASKER, FACTS, RegionEntry.model_construct(name=name, type="Region")))

    assert "bad-name" in codes(checked)


@pytest.mark.parametrize("name", ["n" * 100, "Zoë's facts (2)", "历史", "a.b"])
def test_names_people_use_are_good(name: str) -> None:
    assert codes(named(name)) == {"region-never-runs"}


def test_a_chain_with_an_unknown_region() -> None:
    checked = plan(layer_config=({"ask": ("Asker", "Nobody")}, LAYERS[1]))

    assert found(checked) == {("error", "unknown-region", "layer_config[0].ask[1]")}


def test_a_region_in_two_chains_of_a_layer() -> None:
    checked = plan(layer_config=({"a": ("Asker",), "b": ("Asker",)}, LAYERS[1]))

    assert ("error", "region-in-two-chains", "layer_config[0]") in found(checked)


@pytest.mark.parametrize("index", [-1, 2])
def test_a_negative_or_too_large_layer_index(index: int) -> None:
    checked = plan(execution_order=(0, index, 1))

    assert found(checked) == {("error", "bad-order", "execution_order[1]")}


def test_layers_of_unequal_length_in_a_plan_built_by_hand() -> None:
    assert ("error", "bad-order", "execution_order[1]") in found(plan(execution_config=METHODS[:1]))


@pytest.mark.parametrize(
    ("destination", "code"), [(None, "reroute-missing"), ("Nobody", "reroute-unknown")]
)
def test_reroute_needs_a_region_to_reroute_to(destination: str | None, code: str) -> None:
    rules = PostmasterPolicy(undeliverable="reroute", reroute_destination=destination)

    assert found(plan(postmaster=rules)) == {("error", code, "postmaster.reroute_destination")}


@pytest.mark.parametrize("destination", ["Facts", "terminal"])
def test_reroute_to_a_region_or_to_print_is_sound(destination: str) -> None:
    rules = PostmasterPolicy(undeliverable="reroute", reroute_destination=destination)

    assert verify(plan(postmaster=rules)) == []


@pytest.mark.parametrize("name", ["Nobody", "Facts"])
def test_a_cc_that_is_no_listener(name: str) -> None:
    checked = plan(postmaster=PostmasterPolicy(cc=(name,)))

    assert found(checked) == {("error", "cc-unknown", "postmaster.cc")}


@pytest.mark.parametrize(
    "changes", [{"regions": ()}, {"execution_order": ()}, {"execution_config": ((), ())}]
)
def test_a_plan_in_which_nothing_runs_is_empty(changes: dict[str, Any]) -> None:
    assert "empty-plan" in codes(plan(**changes))


def test_an_entry_outside_the_layers_chains_is_not_skipped_in_silence() -> None:
    assert found(with_methods(("Facts", "make_updates"))) == {
        ("warning", "entry-outside-chains", "execution_config[0][1]")
    }


def test_an_entry_for_an_unknown_region() -> None:
    assert found(with_methods(("Nobody", "make_replies"))) == {
        ("warning", "entry-unknown-region", "execution_config[0][1]")
    }


def test_a_layer_and_a_region_that_never_run() -> None:
    assert found(plan(execution_order=(0,))) == {
        ("warning", "layer-never-runs", "layer_config[1]"),
        ("warning", "region-never-runs", "regions[1]"),
    }


def test_a_connection_to_nobody() -> None:
    asker = ASKER.model_copy(update={"connections": {"Facts": "", "Nobody": "", "terminal": ""}})

    assert found(plan(regions=(asker, FACTS))) == {
        ("warning", "connection-unknown", "regions[0].connections")
    }


def test_a_listener_without_start_and_stop() -> None:
    assert codes(plan(regions=(ASKER, FACTS, EAR))) == {
        "listener-without-start",
        "listener-without-stop",
    }


def test_a_listener_that_no_cc_names_hears_nothing() -> None:
    deaf = plan(regions=(ASKER, FACTS, EAR), postmaster=PostmasterPolicy(cc=()))

    assert ("warning", "listener-hears-nothing", "regions[2]") in found(deaf)


def test_steps_and_placement_for_nobody() -> None:
    rules = {key: StepPolicy() for key in ("*", "Facts", "Facts.make_replies", "Facts.fly", "No")}
    checked = plan(steps=rules, placement={"Facts": {"pool": "big"}, "No": {"pool": "big"}})

    assert found(checked) == {
        ("warning", "steps-unknown", "steps.Facts.fly"),
        ("warning", "steps-unknown", "steps.No"),
        ("warning", "placement-unknown", "placement.No"),
    }


def test_a_region_called_like_the_print_address_gets_no_mail() -> None:
    assert "name-is-print-address" in codes(named("terminal"))


EARLY = {("warning", "replies-before-questions", "regions[1]")}


def test_replies_before_questions() -> None:
    assert found(plan(execution_order=(1, 0))) == EARLY


def test_replies_beside_questions_in_another_chain_of_the_layer() -> None:
    together = plan(
        layer_config=({**LAYERS[0], **LAYERS[1]},),
        execution_config=((*METHODS[0], *METHODS[1]),),
        execution_order=(0,),
    )

    assert found(together) == EARLY


def test_replies_behind_questions_in_the_same_chain_are_in_time() -> None:
    chained = plan(
        layer_config=({"only": ("Asker", "Facts")},),
        execution_config=((*METHODS[0], *METHODS[1]),),
        execution_order=(0,),
    )

    assert verify(chained) == []


def test_replies_to_a_message_from_outside_are_in_time() -> None:
    mail = {"source": "terminal", "destination": "Facts", "content": "Who?"}

    assert verify(plan(execution_order=(1, 0), messages=(mail,))) == []


def test_a_region_nobody_is_connected_to_is_asked_from_outside() -> None:
    alone = ASKER.model_copy(update={"connections": {}})

    assert verify(plan(regions=(alone, FACTS), execution_order=(1, 0))) == []


def test_errors_come_before_warnings() -> None:
    checked = plan(execution_order=(0, 7))

    assert [one.severity for one in verify(checked)] == ["error", "warning", "warning"]


def test_the_plan_of_the_files_tests_is_sound() -> None:
    path = Path(__file__).parent / "plans" / "wild.json"
    document = parse_json(path.read_text(encoding="utf-8"), path.name)

    assert verify(load_plan(document, origin=path.name).plan) == []
