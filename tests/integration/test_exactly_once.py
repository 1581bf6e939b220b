"""A step's effects happen once or not at all, whoever is killed, stopped or cut off, and when."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest

from regions_dist.config import EmbeddingSettings, RagSettings, Settings
from regions_dist.domain.plan import OutsideMessage
from regions_dist.machine import Machine
from regions_dist.transport import keys
from regions_dist.transport.mail import RedisMail
from tests.cluster import LEASE, Stage, outside, plan_of, region
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.cluster import Says, WorkerProcess

A, B, ONE, TWO = region("A"), region("B"), region("One"), region("Two")
FIRST, SECOND = "0000-001-000", "0001-001-000"
WORDS: Says = ("B", "reply", "words")


@pytest.fixture
def model() -> Iterator[StubModel]:
    with StubModel(lambda _: "forty-two") as model:
        yield model


@pytest.fixture
async def stage(broker_url: str, model: StubModel) -> AsyncIterator[Stage]:
    async with Stage(broker_url, REGIONS_LLM_URL=model.url) as stage:
        yield stage


async def two_workers_for(stage: Stage, *names: str) -> None:
    """Both host ``names``; a first layer that needs both shows that both are there."""
    await stage.hosts("One", *names)
    await stage.hosts("Two", *names)


BOTH = {"one": ("One",), "two": ("Two",)}


async def done_once(stage: Stage, step: str) -> None:
    """The step's record, its event and its lease say that it was done, once."""
    entries = await stage.redis.xrange(keys.of_run("r", "events"))
    done = [e for _, e in entries if e.get("step") == step and e.get("status") == "done"]
    assert len(done) == 1
    assert await stage.redis.hexists(keys.of_run("r", "done"), step)
    region_of_step = done[0]["region"]
    assert not await stage.redis.exists(keys.of_run("r", f"lease:{region_of_step}"))


@pytest.mark.alone
async def test_killed_between_answer_and_commit_the_answer_is_used_by_who_takes_over(
    stage: Stage, model: StubModel
) -> None:
    asked = region("Sage", kind="HeldAfterAnswer")
    await two_workers_for(stage, "Sage")
    plan = plan_of([asked, ONE, TWO], BOTH, {"one": ("Sage",)})
    await stage.open(plan, outside("Sage", "what is it?", source="terminal"))
    clock = asyncio.get_running_loop().time
    owner = await stage.at_gate("Sage")
    killed = clock()
    await owner.killed()

    heir = await stage.at_gate("Sage")

    assert heir is not owner
    assert clock() - killed < 2 * LEASE
    await stage.let_on("Sage")
    view = await stage.succeeded()
    assert view.answers == (("Sage", "forty-two"),)
    assert view.messages == {"delivered": 1, "printed": 1}
    assert len(model.chats) == 1
    assert await stage.inbox("Sage") == []
    await done_once(stage, SECOND)


async def test_killed_right_after_its_commit_nothing_is_done_twice(stage: Stage) -> None:
    await two_workers_for(stage, "A")
    held = region("A", WORDS, kind="HeldSpeaker")
    await stage.open(plan_of([held, B, ONE, TWO], BOTH, {"one": ("A",), "two": ("B",)}))
    owner = await stage.at_gate("A")
    await stage.let_on("A")
    await stage.event(step=SECOND, status="done")
    await owner.killed()

    claim = await stage.play("0001-002-000", "B")

    assert claim.mail == ()  # of another chain: it waits, once
    assert await stage.inbox("B") == ["words"]
    assert (await stage.succeeded()).messages == {"delivered": 1}
    await done_once(stage, SECOND)


async def test_a_repeated_commit_is_a_duplicate_and_changes_nothing(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}), outside("A"))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    assert await stage.finish(claim, WORDS) == "done"
    before = await stage.everything()

    assert await stage.finish(claim, WORDS) == "duplicate"
    assert await stage.mail.fail(claim, "late", "too late", go_on=True) == "duplicate"

    assert await stage.everything() == before


async def test_a_commit_whose_reply_is_lost_is_sent_again_and_counts_once(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}))
    claim = await stage.claim(FIRST, "A")
    assert claim is not None
    async with cut_once(stage.url, tmp_path / "line", stage.mail._scripts["commit"].sha) as url:
        stage.mail, direct = RedisMail(url, lease=LEASE), stage.mail
        verdict = await stage.finish(claim, WORDS)
        await stage.mail.close()
        stage.mail = direct

    assert verdict == "duplicate"  # the first one's reply was lost: it was done
    assert await stage.inbox("B") == ["words"]
    assert len(await stage.store.trace("r")) == 1
    await done_once(stage, FIRST)


@asynccontextmanager
async def cut_once(url: str, path: Path, mark: str) -> AsyncIterator[str]:
    """A line to the broker that breaks once: when the reply to what holds ``mark`` comes back."""
    parts, whole = urlsplit(url), ["one line"]

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(parts.path)
        while asked := await reader.read(1 << 20):
            far_writer.write(asked)
            answer = await far_reader.read(1 << 20)
            if mark.encode() in asked and not answer.startswith(b"-NOSCRIPT") and whole:
                whole.clear()
                break
            writer.write(answer)
        for end in (writer, far_writer):
            end.close()
            await end.wait_closed()

    async with await asyncio.start_unix_server(carry, path):
        yield urlunsplit(parts._replace(path=str(path)))
    assert not whole


async def test_an_owner_stopped_and_resumed_after_a_take_over_commits_nothing(
    stage: Stage,
) -> None:
    await two_workers_for(stage, "A")
    held = region("A", WORDS, kind="HeldSpeaker")
    await stage.open(plan_of([held, B, ONE, TWO], BOTH, {"one": ("A",)}, {"one": ("B",)}))
    owner = await stage.at_gate("A")
    owner.signal(signal.SIGSTOP)
    heir = await stage.at_gate("A")
    owner.signal(signal.SIGCONT)

    await owner.logged(f"{SECOND} A.say is abandoned")
    assert await stage.inbox("B") == []
    assert await stage.redis.hexists(keys.of_run("r", "done"), SECOND) == 0
    await stage.let_on("A", 2)  # who is abandoned may still stand at the gate
    assert "done" in await heir.logged(SECOND)
    assert await stage.inbox("B") == ["words"]


async def test_a_claim_that_was_overtaken_is_fenced_and_so_is_a_forged_one(stage: Stage) -> None:
    await stage.open(plan_of([A, B], {"one": ("A",)}, {"one": ("B",)}))
    slow = await stage.claim(FIRST, "A")
    quick = await stage.claim(FIRST, "A")
    assert slow is not None
    assert quick is not None
    assert quick.epoch == slow.epoch + 1

    assert await stage.finish(slow, WORDS) == "fenced"
    assert await stage.finish(replace(slow, epoch=quick.epoch), WORDS) == "fenced"
    assert await stage.finish(replace(quick, epoch=slow.epoch), WORDS) == "fenced"
    assert await stage.mail.fail(slow, "late", "too late", go_on=False) == "fenced"

    assert (await stage.store.view("r")).status == "running"
    assert await stage.finish(quick, WORDS) == "done"
    assert await stage.inbox("B") == ["words"]


async def test_a_live_owner_that_blocks_for_several_leases_is_not_taken_over(
    stage: Stage,
) -> None:
    await two_workers_for(stage, "A")
    slow = region("A", WORDS, kind="Blocker")
    await stage.open(plan_of([slow, B, ONE, TWO], BOTH, {"one": ("A",)}))

    view = await stage.succeeded()

    assert view.layers[1].seconds > 3 * LEASE
    assert await stage.redis.hget(keys.of_run("r", "fence"), "A") == "1"
    assert view.messages == {"delivered": 1}


async def first_to(stage: Stage, *, be_killed_at: int) -> WorkerProcess:
    """Let the chain run, and kill the worker at the gate of this turn."""
    for _ in range(be_killed_at):
        await stage.at_gate("A")
        await stage.let_on("A")
    return await stage.at_gate("A")


async def test_killed_anywhere_in_a_chain_each_step_of_it_counts_once(stage: Stage) -> None:
    held = region("A", ("terminal", "reply", "a word"), kind="HeldSpeaker")
    await two_workers_for(stage, "A")
    await stage.open(plan_of([held, ONE, TWO], BOTH, *[{"one": ("A",)}] * 4))
    await (await first_to(stage, be_killed_at=2)).killed()
    for _ in range(2):
        await stage.at_gate("A")
        await stage.let_on("A")

    view = await stage.succeeded()

    assert view.answers == (("A", "a word"),) * 4
    assert view.messages == {"printed": 4}
    assert await stage.redis.hgetall(keys.of_run("r", "done")) == {
        "0000-001-000": "1",
        "0000-002-000": "1",
        "0001-001-000": "1",
        "0002-001-000": "2",
        "0003-001-000": "4",
        "0004-001-000": "5",
    }


async def test_standing_by_takes_no_room_from_a_workers_own_work(stage: Stage) -> None:
    one_at_a_time = ("--region", "A", "--region", "One", "--concurrency", "1")
    await stage.worker(*one_at_a_time)
    await stage.worker(*one_at_a_time)
    held = region("A", ("terminal", "reply", "a word"), kind="HeldSpeaker")
    for run in ("first", "second"):
        await stage.open(plan_of([held], {"one": ("A",)}), run=run)

    assert await stage.at_gate("A") is not await stage.at_gate("A")

    await stage.let_on("A", 2)
    for run in ("first", "second"):
        assert (await stage.succeeded(run)).answers == (("A", "a word"),)


async def test_what_a_store_has_learned_counts_once_when_its_worker_is_killed_before_the_commit(
    broker_url: str, model: StubModel, tmp_path: Path
) -> None:
    store = tmp_path / "store.db"
    places = {"REGIONS_RAG_PATH": str(store), "REGIONS_EMBEDDING_URL": model.url}
    fact = OutsideMessage(source="user", destination="S", role="reply", content="Tom has an owl.")
    async with Stage(broker_url, **places) as stage:
        await two_workers_for(stage, "S")
        scribe = region("S", kind="HeldAfterLearning")
        await stage.open(plan_of([scribe, ONE, TWO], BOTH, {"one": ("S",)}), fact)
        await (await stage.at_gate("S")).killed()
        await stage.at_gate("S")
        await stage.let_on("S")
        await stage.succeeded()

    machine = Machine(
        Settings(
            rag={"default": RagSettings(path=store)},
            embedding={"default": EmbeddingSettings(url=model.url)},
        )
    )
    stats = await machine.store("default").get_stats()
    await machine.aclose()
    assert (stats.documents, stats.chunks) == (1, 1)
