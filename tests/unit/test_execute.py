"""The step: state and mail in, new state and numbered mail out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from regions_dist.domain import registry
from regions_dist.domain.execute import build, execute
from regions_dist.domain.message import Message, StepId
from regions_dist.domain.plan import RegionEntry
from regions_dist.domain.region import BaseRegion, RegionState
from regions_dist.domain.regions import BroadcastRegion, RAGRegion, Region
from regions_dist.domain.state_codec import dump_state, load_state
from regions_dist.errors import BadInput, ModelUnavailable
from regions_dist.testing import ScriptedLLM, ScriptedRAG

if TYPE_CHECKING:
    from collections.abc import Mapping

STEP = StepId(2, 1, 0)
ASKED = Message("user", "R", "request", "Where?", id="0000-000-000-000000")
TOLD = Message("A", "R", "reply", "It is so. \U0001f989", id="0001-001-000-000000", hops=1)


class Counter(BaseRegion):
    """Notes in which order its methods run."""

    methods: ClassVar[tuple[str, ...]] = ("count", "count_later")
    parameters: ClassVar[Mapping[str, str]] = {"start": ""}

    def __init__(
        self,
        name: str,
        task: str = "",
        connections: dict[str, str] | None = None,
        start: int = 0,
    ) -> None:
        super().__init__(name, task, connections)
        self.start = start
        self.counted: list[str] = []

    def count(self) -> None:
        self.counted.append("now")

    async def count_later(self) -> None:
        self.counted.append("later")


async def test_a_first_step_starts_from_the_regions_own_connections() -> None:
    region = Region("R", "task", ScriptedLLM("Here."), {"A": "a"})

    effects = await execute(region, None, [ASKED, TOLD], "make_replies", STEP)

    assert effects.state == RegionState({"A": "a"}, (), (TOLD,))
    assert effects.posted == (
        Message("R", "user", "reply", "Here.", id="0002-001-000-000000", parent=ASKED.id),
    )


async def test_a_later_step_starts_from_the_state_of_the_one_before() -> None:
    state = RegionState({"B": "b"}, (ASKED,), (TOLD,))

    effects = await execute(BaseRegion("R", "", {"A": "a"}), state, [], "clear_replies", STEP)

    assert effects.state == RegionState({"B": "b"}, (ASKED,), ())


async def test_posted_mail_is_numbered_and_a_forward_keeps_its_source() -> None:
    region = BroadcastRegion("R", connections={"X": "", "Y": ""})

    effects = await execute(region, None, [TOLD], "broadcast", STEP)

    assert [(message.id, message.source) for message in effects.posted] == [
        ("0002-001-000-000000", "A"),
        ("0002-001-000-000001", "A"),
    ]


async def test_a_region_used_again_posts_only_what_the_new_step_posts() -> None:
    region = BroadcastRegion("R", connections={"X": ""})
    first = await execute(region, None, [TOLD], "broadcast", STEP)

    second = await execute(region, first.state, [], "broadcast", StepId(3, 1, 0))

    assert (len(first.posted), second.posted) == (1, ())


async def test_warnings_come_with_the_effects() -> None:
    answer = '[{"source": "X", "question": "Who?"}, {"source": "A", "question": "Who?"}]'
    region = Region("R", "task", ScriptedLLM(answer), {"A": "a"})

    effects = await execute(region, None, [ASKED], "make_questions", STEP)

    assert len(effects.warnings) == 1


async def test_a_step_that_fails_can_be_tried_again_as_if_for_the_first_time() -> None:
    region = Region("R", "task", ScriptedLLM(ModelUnavailable("down"), "Here."))
    with pytest.raises(ModelUnavailable):
        await execute(region, None, [ASKED], "make_replies", STEP)
    assert (region.requests, region.posted) == ([], [])

    effects = await execute(region, None, [ASKED], "make_replies", STEP)

    assert [message.content for message in effects.posted] == ["Here."]


async def test_fault_a_sync_method_runs_before_its_turn() -> None:
    region = Counter("R")

    later = execute(region, None, [], "count", STEP)
    await execute(region, None, [], "count_later", STEP)
    await later

    assert region.counted == ["later", "now"]


@pytest.mark.parametrize("method", ["_post", "post", "__init__", "__repr__", "receive", "", "nope"])
async def test_fault_a_plan_may_call_private_methods(method: str) -> None:
    with pytest.raises(BadInput, match=r"may call; it has clear_replies") as caught:
        await execute(BaseRegion("R"), None, [], method, STEP)

    assert caught.value.where == f"R.{method}"


def test_a_region_is_built_of_its_entry_and_the_resources_it_needs() -> None:
    rag = ScriptedRAG()
    entry = RegionEntry(
        name="Facts",
        type="RAGRegion",
        task="know",
        connections={"A": "a"},
        parameters={"threshold": 0, "reply_with_actors": None},
    )

    region = build(entry, {"rag": rag, "llm": ScriptedLLM()})

    assert isinstance(region, RAGRegion)
    assert (region.name, region.task, region.connections) == ("Facts", "know", {"A": "a"})
    assert (region.rag, region.threshold, region.reply_with_actors) == (rag, 0, False)


def test_fault_a_threshold_on_a_plain_region_breaks_the_build() -> None:
    entry = RegionEntry(name="R", type="Region", parameters={"threshold": 0.5})

    assert isinstance(build(entry, {"llm": ScriptedLLM()}), Region)


def test_a_missing_resource_is_named() -> None:
    with pytest.raises(BadInput, match=r"'R': a Region needs a resource 'llm'"):
        build(RegionEntry(name="R", type="Region"), {})


def test_an_unknown_type_is_bad_input_that_lists_the_known_ones() -> None:
    with pytest.raises(BadInput, match=r"'Wizard'.*BroadcastRegion.*--import"):
        build(RegionEntry(name="R", type="Wizard"), {})


def test_fault_custom_region_classes_cannot_be_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(registry, "_registered", {})
    registry.register_region_type(Counter)

    region = build(RegionEntry(name="R", type="Counter", parameters={"start": 3}), {})

    assert isinstance(region, Counter)
    assert region.start == 3


def test_a_state_comes_back_from_its_text() -> None:
    state = RegionState({"A": "Bär"}, (ASKED,), (TOLD,))

    assert load_state(dump_state(state)) == state
    assert dump_state(state) == dump_state(load_state(dump_state(state)))
    assert dump_state(state).isascii()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"connections": 1}'])
def test_other_text_is_no_state(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        load_state(text)
