"""The scripts on a stand-in for the broker that runs their Lua: quick looks at single rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fakeredis
import pytest

from regions_dist.domain.branch import Opening
from regions_dist.domain.message import Message
from regions_dist.domain.schedule import schedule
from regions_dist.transport import codec, keys
from regions_dist.transport.scripts import source
from tests.cluster import outside, plan_of, region

if TYPE_CHECKING:
    from regions_dist.domain.plan import OutsideMessage, Plan

A, B = region("A"), region("B")
STEP = "0000-001-000"


class Scripts:
    """One run on a fresh stand-in."""

    def __init__(self) -> None:
        self.redis: Any = fakeredis.FakeRedis(decode_responses=True)

    def __call__(self, name: str, *arguments: str) -> Any:
        """Run a script on the run."""
        return self.redis.register_script(source(name))(keys=[self.key("run")], args=arguments)

    def key(self, name: str) -> str:
        """A key of the run."""
        return keys.of_run("r", name)

    def open(self, plan: Plan, *messages: OutsideMessage) -> int:
        """Open the run."""
        arguments = codec.opening_arguments(plan, schedule(plan), messages, Opening())
        return int(self("open", *arguments))

    def status(self) -> str:
        """The run's status."""
        return str(self.redis.hget(self.key("run"), "status"))


@pytest.fixture
def scripts() -> Scripts:
    return Scripts()


def test_open_is_done_once(scripts: Scripts) -> None:
    plan = plan_of([A], {"one": ("A",)})

    assert [scripts.open(plan, outside("A")) for _ in range(2)] == [1, 0]
    assert scripts.redis.xlen(scripts.key("in:A")) == 1


def test_a_claim_repeated_by_the_same_token_gets_the_same_epoch(scripts: Scripts) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))

    replies = [scripts("claim", "A", STEP, "token", "owner", "", "1-1", "say") for _ in range(2)]

    assert [reply[:2] for reply in replies] == [["taken", "1"]] * 2


def test_a_held_lease_is_taken_only_from_whom_was_seen_to_be_dead(scripts: Scripts) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    scripts("claim", "A", STEP, "first", "owner", "", "1-1", "say")
    held = scripts("claim", "A", STEP, "second", "heir", "", "1-1", "say")
    assert held == ["held", "1:0", "owner"]

    assert scripts("renew", "A", "first") == 1
    assert scripts("claim", "A", STEP, "second", "heir", "1:0", "1-1", "say") == [
        "held",
        "1:1",
        "owner",
    ]

    assert scripts("claim", "A", STEP, "second", "heir", "1:1", "1-1", "say")[:2] == ["taken", "2"]
    assert scripts("renew", "A", "first") == 0


def test_what_a_worker_held_is_freed_and_fenced_and_nothing_else(scripts: Scripts) -> None:
    scripts.open(plan_of([A, B], {"one": ("A",), "two": ("B",)}))
    other = "0000-002-000"
    scripts("claim", "A", STEP, "gone.1", "owner", "", "1-1", "say")
    scripts("claim", "B", other, "gone2.1", "another", "", "1-1", "say")

    assert [scripts("release", "gone.") for _ in range(2)] == [["A"], []]

    commit = scripts("commit", "A", STEP, "1", "gone.1", "{}", "1", "9", "0", "0", "0")
    assert commit == "fenced"
    assert scripts("claim", "A", STEP, "heir.1", "heir", "", "1-1", "say")[:2] == ["taken", "2"]
    assert scripts("claim", "B", other, "heir.2", "heir", "", "1-1", "say")[0] == "held"


def test_freeing_tells_watchers_that_the_step_waits_in_a_live_run_only(scripts: Scripts) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    scripts("claim", "A", STEP, "first.1", "owner", "", "1-1", "say")
    scripts("release", "first.")
    scripts("claim", "A", STEP, "second.1", "owner", "", "1-1", "say")
    scripts("steer", "cancel", "", "", "", "")

    assert scripts("release", "second.") == ["A"]

    events = [e for _, e in scripts.redis.xrange(scripts.key("events")) if e["type"] == "step"]
    assert [(e["status"], e.get("message")) for e in events] == [
        ("queued", None),
        ("running", None),
        ("queued", "its worker has ended"),
        ("running", None),
    ]


def test_freeing_writes_nothing_for_a_run_that_is_not_there(scripts: Scripts) -> None:
    assert scripts("release", "gone.") == []
    assert list(scripts.redis.scan_iter()) == []


@pytest.mark.parametrize(
    ("epoch", "token", "verdict"),
    [("1", "token", "done"), ("0", "token", "fenced"), ("1", "another", "fenced")],
)
def test_a_commit_needs_epoch_and_token(
    scripts: Scripts, epoch: str, token: str, verdict: str
) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    scripts("claim", "A", STEP, "token", "owner", "", "1-1", "say")

    assert scripts("commit", "A", STEP, epoch, token, "{}", "1", "9", "0", "0", "0") == verdict
    assert scripts.status() == ("succeeded" if verdict == "done" else "running")


def test_a_cancelled_run_stays_cancelled_when_its_last_mail_is_undeliverable(
    scripts: Scripts,
) -> None:
    plan = plan_of([A], {"one": ("A",)}, {"one": ("A",)}, undeliverable="error")
    posted = codec.flat(Message("A", "Nobody", "request", "hello", id=f"{STEP}-000000"))
    scripts.open(plan)
    scripts("claim", "A", STEP, "token", "owner", "", "1-1", "say")
    scripts("commit", "A", STEP, "1", "token", "{}", "0", "9", "0", "0", "0", *posted)

    scripts("steer", "cancel", "", "", "")
    scripts("route")

    assert scripts.status() == "cancelled"


def test_warnings_of_a_commit_are_told_before_it_is_done(scripts: Scripts) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    scripts("claim", "A", STEP, "token", "owner", "", "1-1", "say")
    scripts("commit", "A", STEP, "1", "token", "{}", "1", "9", "0", "0", "1", "odd")

    told = [
        e.get("message", e["status"])
        for _, e in scripts.redis.xrange(scripts.key("events"))
        if e["type"] == "step"
    ]
    assert told == ["queued", "running", "odd", "done"]


def test_all_keys_of_a_run_share_its_hash_tag(scripts: Scripts) -> None:
    scripts.open(plan_of([A, B], {"one": ("A",)}), outside("B"), outside("Nobody"))
    scripts("claim", "A", STEP, "token", "owner", "", "1-1", "say")

    assert all(key.startswith("regions:{r}:") for key in scripts.redis.scan_iter())


def sizes(scripts: Scripts) -> list[str]:
    """What ``forget`` is told of the run's keys."""
    count = {"hash": scripts.redis.hlen, "stream": scripts.redis.xlen, "zset": scripts.redis.zcard}
    told = []
    for key in scripts.redis.scan_iter(scripts.key("*")):
        kind = scripts.redis.type(key)
        told += [kind, key.removeprefix(scripts.key("")), str(count[kind](key))]
    return told


def finished(scripts: Scripts) -> str:
    """When the run finished, as the broker has it."""
    return str(scripts.redis.hget(scripts.key("run"), "finished"))


@pytest.mark.parametrize("final", ["cancel", "time_out"])
def test_a_final_run_is_forgotten_with_all_its_keys(scripts: Scripts, final: str) -> None:
    scripts.open(plan_of([A, B], {"one": ("A",)}, undeliverable="retry"), outside("Nobody"))
    scripts("steer", final, "", "", "", "")
    assert scripts.redis.zcard(scripts.key("retry")) == 1

    assert scripts("forget", finished(scripts), *sizes(scripts)) == 1
    assert scripts.redis.keys() == []


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_run_that_is_not_final_is_not_forgotten(scripts: Scripts, state: str) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    if state == "paused":
        scripts("steer", "pause", "", "", "", "")
    before = sorted(scripts.redis.keys())

    assert scripts("forget", finished(scripts), *sizes(scripts)) == 0
    assert sorted(scripts.redis.keys()) == before


def test_a_run_that_has_changed_since_it_was_archived_is_not_forgotten(scripts: Scripts) -> None:
    scripts.open(plan_of([A], {"one": ("A",)}))
    scripts("steer", "time_out", "", "", "", "")
    as_archived = [finished(scripts), *sizes(scripts)]

    scripts("inject", "key", "99", "user", "A", "request", "just now", "")
    assert scripts("forget", *as_archived) == 0

    as_archived = ["1", *sizes(scripts)]
    assert scripts("forget", *as_archived) == 0
    assert scripts.status() == "timed_out"


def test_forgetting_a_run_that_is_not_there_writes_nothing(scripts: Scripts) -> None:
    assert scripts("forget", "", "hash", "run", "0") == 0
    assert scripts.redis.keys() == []
