"""The file forms of a plan: what loads, what is repaired, what is refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.domain.convert import to_executions, to_full_state, to_plan, to_regions
from regions_dist.domain.drawing import UNDRAWN, Drawing
from regions_dist.domain.files import Loaded, load_messages, load_pair, load_plan, parse_json
from regions_dist.domain.verify import verify
from regions_dist.errors import FileProblem

if TYPE_CHECKING:
    from regions_dist.domain.plan import Plan

TESTS = Path(__file__).parents[1]
WORKFLOWS = ("lookup", "refine")


def read(path: Path) -> Any:
    return parse_json(path.read_text(encoding="utf-8"), path.name)


def compat_pair(workflow: str) -> Loaded:
    names = (f"{workflow}_regions.json", f"{workflow}_executions.json")
    documents = [read(TESTS / "compat" / name) for name in names]
    return load_pair(*documents, origins=names)


def compat_full_state(workflow: str) -> Loaded:
    name = f"{workflow}_full_state.json"
    return load_plan(read(TESTS / "compat" / name), origin=name)


def wild() -> dict[str, Any]:
    document: dict[str, Any] = read(TESTS / "unit" / "plans" / "wild.json")
    return document


def load(document: object) -> Loaded:
    return load_plan(document, origin="plan.json")


def plan_of(*regions: object, **more: object) -> dict[str, Any]:
    return {"regions": list(regions), "layer_config": [], "execution_config": [], **more}


def region(**fields: object) -> dict[str, Any]:
    return {"name": "R", "type": "Region", "task": "t", "connections": {}, **fields}


def rag(**fields: object) -> dict[str, Any]:
    return region(type="RAGRegion", **fields)


def threshold_of(loaded: Loaded) -> object:
    return loaded.plan.regions[0].parameters["threshold"]


def meaning(plan: Plan) -> object:
    """What the two compat forms share; their texts and their actors differ in the files."""
    regions = {one.name: (one.type, set(one.connections)) for one in plan.regions}
    return regions, plan.layer_config, plan.execution_config, plan.execution_order


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_pair_and_full_state_of_a_reference_workflow_mean_the_same_plan(workflow: str) -> None:
    pair, state = compat_pair(workflow).plan, compat_full_state(workflow).plan

    assert meaning(pair) == meaning(state)
    assert [finding for plan in (pair, state) for finding in verify(plan)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_full_state_of_the_reference_needs_no_repair(workflow: str) -> None:
    assert compat_full_state(workflow).repairs == ()


def test_connections_missing_in_a_node_come_from_its_edges_with_the_targets_task() -> None:
    document = read(TESTS / "compat" / "refine_full_state.json")
    expected = load(document).plan.entry("DraftA")
    del document["flowNodes"][2]["data"]["params"]["connections"]

    loaded = load(document)

    found = loaded.plan.entry("DraftA")
    combine = loaded.plan.entry("CombineReplies")
    assert expected is not None
    assert found is not None
    assert combine is not None
    assert found.connections == {"CombineReplies": combine.task}
    assert set(found.connections) == set(expected.connections)
    assert [repair.where for repair in loaded.repairs] == ["flowEdges[3]"]


@pytest.mark.parametrize("make", ["lookup", "refine", "wild"])
def test_every_form_written_loads_back_to_the_same_plan(make: str) -> None:
    plan = load(wild()).plan if make == "wild" else compat_full_state(make).plan
    state, pair = to_full_state(plan), (to_regions(plan), to_executions(plan))

    for loaded in (load(to_plan(plan)), load(state), load_pair(*pair, origins=("r", "e"))):
        assert (loaded.plan, loaded.repairs) == (plan, ())


def test_what_is_written_is_json() -> None:
    plan = load(wild()).plan

    for document in (to_plan(plan), to_full_state(plan)):
        assert load(json.loads(json.dumps(document))).plan == plan


def test_a_plan_file_is_written_as_the_editor_writes_it() -> None:
    """The editor's tests hold it to the same file."""
    text = (TESTS / "unit" / "plans" / "odd.json").read_text(encoding="utf-8")
    loaded = load(parse_json(text, "odd.json"))

    written = to_plan(loaded.plan, loaded.drawing)

    assert loaded.repairs == ()
    assert json.dumps(written, indent=2, ensure_ascii=False) == text.strip()


def test_in_a_full_state_who_acts_first_stands_at_the_left_and_nobody_on_another() -> None:
    nodes = to_full_state(compat_pair("refine").plan)["flowNodes"]
    places = {node["data"]["params"]["name"]: node["position"] for node in nodes}

    assert places["BroadcastPrompt"]["x"] < places["DraftA"]["x"] < places["CombineReplies"]["x"]
    assert places["DraftA"]["x"] == places["DraftB"]["x"]
    assert len({(place["x"], place["y"]) for place in places.values()}) == len(nodes)


def test_the_folder_is_kept_beside_the_plan_and_not_written() -> None:
    plan = load_plan(wild(), origin="plan.json", folder="somewhere").plan

    assert plan.folder == "somewhere"
    assert "somewhere" not in json.dumps(to_plan(plan))


def test_each_repair_names_file_place_and_what_was_done() -> None:
    repairs = load(wild()).repairs

    assert {(repair.where, repair.code) for repair in repairs} == {
        ("regions[0].connections", "repaired-connections"),
        ("regions[0].colour", "unknown-key"),
        ("regions[1].connections", "repaired-connections"),
        ("regions[1].threshold", "repaired-threshold"),
        ("regions[2].connections", "repaired-connections"),
    }
    assert all(repair.severity == "warning" for repair in repairs)
    assert all(repair.message.startswith(f"plan.json: {repair.where}: ") for repair in repairs)


def test_a_list_of_connections_gets_the_tasks_of_the_regions_named() -> None:
    assert load(wild()).plan.regions[0].connections == {"Facts": "Know facts"}


def test_what_makes_no_sense_in_a_drawing_is_passed_over_in_silence() -> None:
    positions = {"R": [1, 2.5], "A": [1], "B": ["1", 2], "C": [True, 0], "D": [10**400, 0]}
    colors = [{"one": 3, "two": -1, "three": "red"}, None]

    drawn = load(plan_of(drawing={"positions": positions, "chain_colors": colors}))

    assert (drawn.plan, drawn.repairs) == (load(plan_of()).plan, ())
    assert drawn.drawing == Drawing({"R": (1, 2.5)}, ({"one": 3}, {}))
    assert load(plan_of(drawing=[])).drawing == UNDRAWN


def test_places_and_colours_of_a_full_state_survive_as_a_plan_file() -> None:
    document = read(TESTS / "compat" / "refine_full_state.json")
    first = load(document)

    plan = load(to_plan(first.plan, first.drawing))
    state = to_full_state(plan.plan, plan.drawing)

    assert state["chainColors"] == document["chainColors"]
    assert places_of(state) == places_of(document)


def places_of(state: dict[str, Any]) -> list[object]:
    return [node["position"] for node in state["flowNodes"]]


def test_threshold_0_stays_0() -> None:
    loaded = load(plan_of(rag(threshold=0)))

    assert threshold_of(loaded) == 0
    assert loaded.repairs == ()


def test_threshold_null_becomes_the_default_of_the_type() -> None:
    loaded = load(plan_of(rag(threshold=None)))

    assert threshold_of(loaded) == 0.5
    assert [repair.code for repair in loaded.repairs] == ["repaired-threshold"]


def test_threshold_as_text_is_read_as_a_number() -> None:
    assert threshold_of(load(plan_of(rag(threshold="0.65")))) == 0.65


@pytest.mark.parametrize("value", ["abc", "nan", "", 1.5, -2, "7", True, [0.5], {}])
def test_threshold_that_is_no_number_from_minus_1_to_1_is_refused(value: object) -> None:
    with pytest.raises(FileProblem, match="number from -1 to 1") as caught:
        load(plan_of(region(), rag(threshold=value)))

    assert caught.value.where == "regions[1].threshold"
    assert json.dumps(value) in caught.value.message
    assert caught.value.message.startswith("plan.json: regions[1].threshold: ")


def test_threshold_on_a_plain_region_does_not_break_the_build() -> None:
    silent = load(plan_of(region(threshold=None, reply_with_actors=False)))
    loud = load(plan_of(region(threshold=0.7)))

    assert silent.repairs == ()
    assert silent.plan.regions[0].parameters == loud.plan.regions[0].parameters == {}
    assert [(one.code, one.where) for one in loud.repairs] == [
        ("dropped-parameter", "regions[0].threshold")
    ]


def test_one_unknown_key_does_not_refuse_the_file() -> None:
    loaded = load(plan_of(region(colour="red"), author="me"))

    assert {repair.where for repair in loaded.repairs} == {"regions[0].colour", "author"}


def test_an_unknown_type_loads_for_verify_to_name_it() -> None:
    entry = load(plan_of(region(type="Oracle", mood="bright"))).plan.regions[0]

    assert (entry.type, entry.parameters) == ("Oracle", {"mood": "bright"})


def test_missing_type_and_task_are_filled() -> None:
    loaded = load(plan_of({"name": "R"}))

    assert (loaded.plan.regions[0].type, loaded.plan.regions[0].task) == ("Region", "")
    assert [one.where for one in loaded.repairs] == ["regions[0].type", "regions[0].task"]


def test_layers_of_unequal_length_are_padded() -> None:
    short = load(plan_of(region(), layer_config=[{"c": ["R"]}, {}], execution_order=[1]))
    long = load(plan_of(region(), execution_config=[[["R", "make_replies"]]]))

    assert short.plan.execution_config == ((), ())
    assert long.plan.layer_config == ({},)
    assert [one.code for one in (*short.repairs, *long.repairs)] == ["padded-layers"] * 2


def test_a_missing_order_is_the_order_in_which_layers_are_listed() -> None:
    executions = {"layer_config": [{}, {}], "execution_config": [[], []]}
    pair = load_pair([region()], executions, origins=("r.json", "e.json"))
    plan = load(plan_of(region(), **executions))

    assert pair.plan.execution_order == plan.plan.execution_order == (0, 1)
    assert [one.message.split(":")[0] for one in pair.repairs] == ["e.json"]
    assert plan.repairs == ()


@pytest.mark.parametrize("index", [-1, 2, 0.0, True, "0", None])
def test_a_negative_or_too_large_layer_index_is_refused(index: object) -> None:
    layers = {"layer_config": [{}, {}], "execution_config": [[], []]}

    with pytest.raises(FileProblem, match="layer's index from 0 to 1") as caught:
        load(plan_of(region(), **layers, execution_order=[0, index]))

    assert caught.value.where == "execution_order[1]"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (plan_of({"type": "Region"}), "regions[0].name"),
        (plan_of(region(name=7)), "regions[0].name"),
        (plan_of("R"), "regions[0]"),
        (plan_of(region(task=["t"])), "regions[0].task"),
        (plan_of(region(connections="Facts")), "regions[0].connections"),
        (plan_of(region(connections=["A", 2])), "regions[0].connections[1]"),
        (plan_of(region(connections={"A": 2})), "regions[0].connections.A"),
        (plan_of(rag(reply_with_actors=2)), "regions[0].reply_with_actors"),
        (plan_of(region(), layer_config=[{"c": "R"}]), "layer_config[0].c"),
        (plan_of(region(), layer_config=[["R"]]), "layer_config[0]"),
        (plan_of(region(), execution_config=[[["R"]]]), "execution_config[0][0]"),
        (plan_of(region(), execution_config={}), "execution_config"),
        (plan_of(region(), postmaster={"undeliverable": "burn"}), "postmaster.undeliverable"),
        (plan_of(region(), postmaster={"cc": [1]}), "postmaster.cc[0]"),
        (plan_of(region(), steps={"*": {"retries": "2"}}), "steps.*.retries"),
        (plan_of(region(), placement={"R": "nas"}), "placement.R"),
        (
            plan_of(region(), resources={"rag": {"f": {"documents": "a"}}}),
            "resources.rag.f.documents",
        ),
        (plan_of(region(), version=2), "version"),
        ({"regions": [region()], "layer_config": []}, "execution_config"),
        ({"flowNodes": [{"id": "1"}]}, "flowNodes[0].data"),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_its_place(document: object, where: str) -> None:
    with pytest.raises(FileProblem, match="expected") as caught:
        load(document)

    assert caught.value.where == where
    assert caught.value.message.startswith(f"plan.json: {where}: found ")


def test_a_lone_regions_or_executions_file_is_told_what_is_missing() -> None:
    with pytest.raises(FileProblem, match="--executions FILE"):
        load([region()])
    with pytest.raises(FileProblem, match="holds layers but no regions"):
        load({"layer_config": [], "execution_config": []})
    with pytest.raises(FileProblem, match="a plan"):
        load({"hello": 1})
    with pytest.raises(FileProblem, match="swapped"):
        load_pair({}, [region()], origins=("a", "b"))


def test_broken_json_names_file_line_and_column() -> None:
    with pytest.raises(FileProblem, match=r"^plan.json: line 2, column 6: is not JSON") as caught:
        parse_json('{"a": 1,\n "b" 2}', "plan.json")

    assert caught.value.where == "line 2, column 6"


@pytest.mark.parametrize(
    "text", ["", "[NaN]", "[1e999]", "[" * 100_000, '["\\ud800"]', "[" + "9" * 5000 + "]"]
)
def test_text_that_is_no_json_is_a_file_problem(text: str) -> None:
    with pytest.raises(FileProblem, match=r"^plan.json"):
        parse_json(text, "plan.json")


def test_a_byte_order_mark_is_no_hindrance() -> None:
    assert parse_json("\ufeff[1]", "plan.json") == [1]


def test_messages_are_read_alone_too() -> None:
    good = {"source": "terminal", "destination": "R", "content": "Hi", "id": 4}

    messages, repairs = load_messages([good], "mail.json")

    assert (messages[0].destination, messages[0].role) == ("R", "request")
    assert [repair.where for repair in repairs] == ["[0].id"]


@pytest.mark.parametrize(
    ("field", "value"), [("role", "question"), ("content", 5), ("destination", None)]
)
def test_an_unknown_role_or_a_wrong_field_of_a_message_is_refused(
    field: str, value: object
) -> None:
    good = {"source": "terminal", "destination": "R", "role": "request", "content": "Hi"}

    with pytest.raises(FileProblem, match=r"^mail.json: \[1\].*expected") as caught:
        load_messages([good, {**good, field: value}], "mail.json")

    assert caught.value.where == f"[1].{field}"


def test_loading_leaves_the_document_as_it_was() -> None:
    document = wild()
    before = copy.deepcopy(document)
    load(document)

    assert document == before
