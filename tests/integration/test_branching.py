"""A run that begins where another stood: the same from there on, and nothing asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.errors import BadInput
from tests.cluster import Stage, outside, plan_of, region
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

SAGE = region("Sage", kind="Region")
ECHO = region("Echo", kind="BroadcastRegion", connections=["Sage", "terminal"])
TURNS = ({"one": ("Echo",)}, {"one": ("Sage",)})
PLAN = plan_of([SAGE, ECHO], *TURNS * 2, {"one": ("Sage",)}).model_copy(
    update={
        "execution_config": (
            (("Echo", "broadcast"),),
            (("Sage", "make_replies"),),
            (("Echo", "broadcast"),),
            (("Sage", "make_replies"),),
            (("Sage", "make_replies"),),
        )
    }
)
MAIL = (outside("Echo", "Why?", source="terminal"), outside("Sage", "Who?", source="Echo"))


@pytest.fixture
def model() -> Iterator[StubModel]:
    numbers = iter(range(1000))
    with StubModel(lambda _: f"answer {next(numbers)}") as model:
        yield model


@pytest.fixture
async def stage(broker_url: str, model: StubModel) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_LLM_URL=model.url) as stage:
        yield stage


async def whole_run(stage: Stage) -> None:
    """The run ``r``, to its end; mail comes from outside while it is under way."""
    await stage.hosts("Sage", "Echo")
    await stage.open(PLAN, *MAIL, stepping=True)
    for place in range(5):
        await stage.event(type="run", status="paused", where=str(place))
        if place:
            await stage.store.inject("r", outside("Sage", f"News {place}?"), f"{place}")
        await stage.store.resume("r", before=place)
    await stage.succeeded()


async def branched(stage: Stage, parent: str, place: int, run: str) -> None:
    """A run that begins at ``place`` of ``parent``, to its end."""
    await stage.open(PLAN, run=run, branch=await stage.store.branch(parent, place))
    await stage.event(run, type="run", status="succeeded")


async def trace_from(stage: Stage, run: str, place: int) -> list[dict[str, Any]]:
    """The trace from a place on, without what two equal runs may differ in."""
    records = [
        {name: value for name, value in record.items() if name not in {"at", "seq"}}
        for record in await stage.store.trace(run)
        if record["id"] >= f"{place:04d}"
    ]
    return sorted(records, key=lambda record: str(record["id"]))


async def test_a_branch_has_the_trace_of_its_parent_and_asks_the_model_nothing(
    stage: Stage, model: StubModel
) -> None:
    await whole_run(stage)
    asked = len(model.chats)
    assert asked >= 5

    for place in range(5):
        run = f"from-{place}"
        await branched(stage, "r", place, run)
        assert await trace_from(stage, run, 0) == await trace_from(stage, "r", place), place
        assert await stage.store.states(run) == await stage.store.states("r")
        turns = (await stage.store.view(run)).layers
        assert [turn.status == "inherited" for turn in turns] == [n < place for n in range(5)]

    assert len(model.chats) == asked


async def test_a_branch_of_a_branch_is_like_the_first(stage: Stage, model: StubModel) -> None:
    await whole_run(stage)
    asked = len(model.chats)

    await branched(stage, "r", 1, "child")
    await branched(stage, "child", 3, "grandchild")

    assert await trace_from(stage, "grandchild", 0) == await trace_from(stage, "r", 3)
    assert await stage.store.states("grandchild") == await stage.store.states("r")
    assert (await stage.store.view("grandchild")).parent == "child"
    assert len(model.chats) == asked


async def test_a_branch_of_an_edited_run_has_its_edits(stage: Stage, model: StubModel) -> None:
    await whole_run(stage)
    posted = [it["id"] for it in await stage.store.trace("r") if it["destination"] == "Sage"]
    question = next(message for message in posted if not message.startswith("0000-000"))
    edited = (await stage.store.branch("r", 0)).edited(question, "Why not?")
    await stage.open(PLAN, run="edited", branch=edited)
    await stage.event("edited", type="run", status="succeeded")
    asked = len(model.chats)

    await branched(stage, "edited", 0, "again")

    assert await trace_from(stage, "again", 0) == await trace_from(stage, "edited", 0)
    assert "Why not?" in {it["content"] for it in await stage.store.trace("again")}
    assert len(model.chats) == asked


async def test_a_branch_leaves_its_parent_as_it_was(stage: Stage) -> None:
    await whole_run(stage)
    before = await stage.everything()

    await branched(stage, "r", 2, "child")

    assert await stage.everything() == before


async def test_a_run_branches_nowhere_it_has_not_been(stage: Stage) -> None:
    await stage.open(PLAN, *MAIL)

    with pytest.raises(BadInput, match="has not begun"):
        await stage.store.branch("r", 1)


async def test_mail_that_waits_to_enter_the_parent_enters_the_branch(stage: Stage) -> None:
    plan = plan_of([region("A"), region("B")], {"one": ("A",)}, {"one": ("B",)})
    await stage.open(plan)
    await stage.store.inject("r", outside("B", "not yet in"), "key")

    await stage.open(plan, run="child", branch=await stage.store.branch("r", 0))

    await stage.play("0000-001-000", "A", run="child")
    claim = await stage.play("0001-001-000", "B", run="child")
    assert [message.content for message in claim.mail] == ["not yet in"]
