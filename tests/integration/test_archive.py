"""Finished runs leave the broker for files: whole, once, and only when nobody can miss them there.

Sweeping is done in the test's own process; one sweeper is a process of its own, to be killed.
"""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.coordinator.archiving import sweep
from regions_dist.domain.plan import StepPolicy
from regions_dist.errors import NoSuchRun
from regions_dist.ports import AnnouncedRun
from regions_dist.transport import keys
from regions_dist.transport.archive import archived, archived_runs, file_of
from regions_dist.transport.scripts import source
from regions_dist.transport.sweeping import RedisArchive
from tests.cluster import PATIENCE, Stage, outside, plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from regions_dist.domain.plan import Plan

A, B, EAR = region("A"), region("B"), region("Ear", kind="ListenerRegion")
FIRST, OTHER = "0000-001-000", "0000-002-000"
NO_RETRY = {"*": StepPolicy(retries=0)}
NOTHING_TO_DO = plan_of([A], {})
LARGE = "large " * 10_000

HALTED_SWEEPER = """
import asyncio, sys
from pathlib import Path
from regions_dist.coordinator.archiving import sweep
from regions_dist.transport.sweeping import RedisArchive

class Halted(RedisArchive):
    async def forget(self, record):
        print("written", record.run, flush=True)
        await asyncio.Event().wait()

asyncio.run(sweep(Halted(sys.argv[1], Path(sys.argv[2])), keep=0))
"""


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
async def archive(broker_url: str, tmp_path: Path) -> AsyncIterator[RedisArchive]:
    archive = RedisArchive(broker_url, tmp_path)
    yield archive
    await archive.close()


def parallel(**rules: Any) -> Plan:
    """A and B at the same time, and a listener afterwards."""
    return plan_of([A, B, EAR], {"one": ("A",), "two": ("B",)}, {"three": ("A",)}, **rules)


async def broken_off(stage: Stage) -> None:
    """The run ``r``: A has said all kinds of things when B fails; a message waits for its retry."""
    await stage.open(parallel(undeliverable="retry"), outside("B", LARGE), outside("A"))
    await stage.store.inject("r", outside("A", "late"), "key")
    says = [("B", "request", LARGE), ("terminal", "reply", "said"), ("Nobody", "request", "lost")]
    await stage.play(FIRST, "A", *says)  # type: ignore[arg-type]
    await stage.redis.xadd(keys.of_run("r", "out"), {"id": "stray"})
    await stage.store.route("r")
    claim = await stage.claim(OTHER, "B")
    assert claim is not None
    await stage.mail.record_answer(claim, "0:digest", "an answer")
    await stage.mail.fail(claim, "step-failed", "B failed", go_on=False)


async def kept_by(redis: Any, run: str = "r") -> dict[str, Any]:
    """All that stands under the run's tag, by the names in the run."""
    root = keys.of_run(run, "")
    held: dict[str, Any] = {}
    async for key in redis.scan_iter(f"{root}*"):
        kind = await redis.type(key)
        if kind == "hash":
            value: Any = await redis.hgetall(key)
        elif kind == "stream":
            value = [[entry, fields] for entry, fields in await redis.xrange(key)]
        else:
            value = dict(await redis.zrange(key, 0, -1, withscores=True))
        if value:
            held[key.removeprefix(root)] = value
    return held


async def announced(stage: Stage) -> set[str]:
    """The runs that a new worker would hear of."""
    return {fields["run"] for _, fields in await stage.redis.xrange(keys.ANNOUNCEMENTS)}


async def test_the_newest_finished_runs_stay_and_the_older_ones_are_archived(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    names = [f"run-{number}" for number in range(5)]
    for name in names:
        await stage.open(NOTHING_TO_DO, run=name)

    assert await sweep(archive, keep=2) == 3

    assert await stage.store.runs() == ["run-4", "run-3"]
    assert await announced(stage) == {"run-3", "run-4"}
    assert [one.run for one in archived_runs(tmp_path)] == ["run-2", "run-1", "run-0"]
    assert await sweep(archive, keep=2) == 0


async def test_the_oldest_is_the_one_that_finished_first_whenever_it_was_opened(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    await stage.open(plan_of([A], {"one": ("A",)}))
    await stage.open(NOTHING_TO_DO, run="later")
    await stage.play(FIRST, "A")

    await sweep(archive, keep=1)

    assert [one.run for one in archived_runs(tmp_path)] == ["later"]


async def test_an_archive_holds_every_key_of_its_run_and_the_broker_none_afterwards(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    await broken_off(stage)
    before = await kept_by(stage.redis)
    assert {"retry", "waiting", "dead", "bodies", "held", "answers:" + OTHER} <= before.keys()

    assert await sweep(archive, keep=0) == 1

    file = file_of(tmp_path, "r")
    head, *lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    assert {line["key"]: line["value"] for line in lines} == before
    assert (head["run"], head["version"], head["status"]) == ("r", 1, "failed")
    assert head["started"] <= head["finished"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["r.jsonl"]
    assert not [key async for key in stage.redis.scan_iter("*{r}*")]


async def test_an_archived_run_tells_what_it_told_before(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    await broken_off(stage)
    before = await stage.store.whole("r")
    told = await stage.store.view("r"), await stage.store.trace("r")

    await sweep(archive, keep=0)

    record = archived(tmp_path, "r")
    assert record
    assert (record.view(), record.trace()) == told
    assert record.view().answers == (("A", "said"),)
    assert record.plan() == parallel(undeliverable="retry")
    assert record.dead_letters() == before.dead_letters() != []
    assert record.states() == before.states() != {}
    assert record.inbox("B") == before.inbox("B") != []
    assert record.branch(0) == before.branch(0)
    with pytest.raises(NoSuchRun):
        await stage.store.view("r")


async def test_runs_that_live_or_are_paused_are_never_archived(
    stage: Stage, archive: RedisArchive
) -> None:
    plan = plan_of([A], {"one": ("A",)})
    await stage.open(plan, run="live")
    await stage.open(plan, run="paused")
    await stage.store.steer("paused", "pause")

    assert await sweep(archive, keep=0) == 0
    for run in "live", "paused":
        assert not await archive.put_away(AnnouncedRun(run, "failed", 0.0, 0.0))

    assert {(await stage.store.view(run)).status for run in ("live", "paused")} == {
        "running",
        "paused",
    }


async def test_failed_timed_out_and_cancelled_runs_go_when_they_are_old(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    plan = plan_of([A], {"one": ("A",)}, steps=NO_RETRY)
    for run in "cancelled", "timed_out", "failed":
        await stage.open(plan, run=run)
    await stage.store.steer("cancelled", "cancel")
    await stage.store.steer("timed_out", "time_out")
    claim = await stage.claim(FIRST, "A", "failed")
    assert claim is not None
    await stage.mail.fail(claim, "step-failed", "no", go_on=False)

    assert await sweep(archive, keep=1) == 2

    assert [one.status for one in archived_runs(tmp_path)] == ["timed_out", "cancelled"]
    assert await stage.store.resume("failed") == "running"


async def test_of_two_sweepers_at_once_one_sweeps(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    for number in range(3):
        await stage.open(NOTHING_TO_DO, run=f"run-{number}")
    async with archive.alone() as first:
        assert first
        assert await sweep(archive, keep=0) == 0
        assert archived_runs(tmp_path) == []
    assert not await stage.redis.exists(keys.SWEEPER)
    assert await sweep(archive, keep=0) == 3


async def test_two_who_archive_the_same_runs_without_knowing_of_each_other_lose_nothing(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    for number in range(20):
        await stage.open(NOTHING_TO_DO, outside("A"), run=f"run-{number}")
    before = {run: await kept_by(stage.redis, run) for run in await stage.store.runs()}
    other = RedisArchive(stage.url, tmp_path)
    runs = await archive.announced()

    async def put_all_away(by: RedisArchive) -> list[bool]:
        return [await by.put_away(run) for run in runs]

    one, two = await asyncio.gather(put_all_away(archive), put_all_away(other))
    await other.close()

    assert [mine ^ yours for mine, yours in zip(one, two, strict=True)] == [True] * 20
    for run, held in before.items():
        record = archived(tmp_path, run)
        assert record
        assert {name: _plain(value) for _, name, value in record.parts() if value} == held


def _plain(value: Any) -> Any:
    return [list(entry) for entry in value] if isinstance(value, list) else value


async def test_a_sweeper_killed_between_file_and_deletion_is_made_good_by_the_next(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    await broken_off(stage)
    before = await kept_by(stage.redis)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HALTED_SWEEPER, stage.url, tmp_path, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert await process.stdout.readline() == b"written r\n"
    process.kill()
    await process.communicate()

    assert archived(tmp_path, "r")
    assert await kept_by(stage.redis) == before
    assert await stage.redis.pttl(keys.SWEEPER) > 0
    await stage.redis.delete(keys.SWEEPER)  # as it does itself, after half a minute
    assert await sweep(archive, keep=0) == 1

    assert not await kept_by(stage.redis)
    record = archived(tmp_path, "r")
    assert record
    assert {name: _plain(value) for _, name, value in record.parts() if value} == before


async def test_what_came_to_a_run_since_it_was_read_keeps_it_in_the_broker(
    stage: Stage, archive: RedisArchive
) -> None:
    await broken_off(stage)
    read = await stage.store.whole("r")

    assert await stage.store.inject("r", outside("B", "just now"), "another key") == "held"
    assert not await archive.forget(read)

    read = await stage.store.whole("r")
    await stage.store.resume("r")
    assert not await archive.forget(read)

    await stage.store.steer("r", "cancel")
    assert not await archive.forget(read)
    assert await archive.forget(await stage.store.whole("r"))


async def test_nothing_that_is_called_late_brings_a_forgotten_run_back(
    stage: Stage, archive: RedisArchive
) -> None:
    await stage.open(parallel(), outside("A"))
    held = await stage.claim(FIRST, "A")
    failing = await stage.claim(OTHER, "B")
    assert held is not None
    assert failing is not None
    await stage.mail.fail(failing, "step-failed", "B failed", go_on=False)
    assert await sweep(archive, keep=0) == 1

    assert await stage.finish(held, ("terminal", "reply", "late")) == "gone"
    assert await stage.mail.fail(held, "step-failed", "late", go_on=True) == "gone"
    assert await stage.claim(FIRST, "A") is None
    await stage.mail.record_answer(held, "0:digest", "late")
    await stage.mail.forget_answer(held, "0:digest")
    await stage.mail.note(held, "retrying", "late")
    assert await stage.mail.route("r") is None
    renew = stage.redis.register_script(source("renew"))
    assert await renew(keys=[keys.of_run("r", "run")], args=["A", held.token]) == 0
    for call in (
        stage.store.resume("r"),
        stage.store.steer("r", "cancel"),
        stage.store.inject("r", outside("A"), "key"),
        stage.store.redeliver("r", "letter"),
        stage.store.whole("r"),
    ):
        with pytest.raises(NoSuchRun):
            await call

    assert not [key async for key in stage.redis.scan_iter("*{r}*")]
    assert await announced(stage) == set()


async def test_a_worker_goes_on_when_a_run_that_it_could_have_resumed_is_archived(
    stage: Stage, archive: RedisArchive
) -> None:
    await stage.hosts("A")
    fragile = region("A", kind="Repairable")
    await stage.open(plan_of([fragile], {"one": ("A",)}, steps=NO_RETRY))
    await stage.event(type="run", status="failed")
    assert await sweep(archive, keep=0) == 1

    await stage.open(plan_of([A], {"one": ("A",)}), run="next")

    await stage.succeeded("next")


async def test_announcements_of_runs_that_were_never_opened_end_after_an_hour(
    stage: Stage, archive: RedisArchive
) -> None:
    await stage.redis.xadd(keys.ANNOUNCEMENTS, {"run": "long ago"}, id="1-1")
    await stage.redis.xadd(keys.ANNOUNCEMENTS, {"run": "just now"})
    await stage.open(NOTHING_TO_DO)

    await sweep(archive)

    assert await announced(stage) == {"just now", "r"}


async def test_a_run_that_cannot_be_read_stays_and_the_others_go(
    stage: Stage, archive: RedisArchive, caplog: pytest.LogCaptureFixture
) -> None:
    for run in "damaged", "foreign", "sound":
        await stage.open(NOTHING_TO_DO, run=run)
    await stage.redis.hset(keys.of_run("damaged", "plan"), "document", "{")
    await stage.redis.set(keys.of_run("foreign", "dead"), "a text")

    assert await sweep(archive, keep=0) == 1

    assert await announced(stage) == {"damaged", "foreign"}
    for run in "damaged", "foreign":
        assert f"run '{run}' cannot be archived" in caplog.text


async def test_without_room_for_its_file_a_run_stays(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.open(NOTHING_TO_DO)
    home = tmp_path / "file"
    home.write_text("no folder", encoding="utf-8")
    archive = RedisArchive(stage.url, home)

    assert await sweep(archive, keep=0) == 0

    await archive.close()
    assert f"stays in the broker: {home}" in caplog.text
    assert await stage.store.runs() == ["r"]


async def test_a_later_run_of_the_same_name_does_not_overwrite_the_archive(
    stage: Stage, archive: RedisArchive, tmp_path: Path
) -> None:
    for _ in range(2):
        await stage.open(NOTHING_TO_DO)
        await sweep(archive, keep=0)

    newest, oldest = archived_runs(tmp_path)
    assert (newest.run, oldest.run) == ("r", "r")
    assert newest.file == file_of(tmp_path, "r")
    assert newest.started > oldest.started
