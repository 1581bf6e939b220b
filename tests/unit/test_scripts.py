"""The scripts on a stand-in for the broker that runs their Lua: quick looks at single rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fakeredis
import pytest

from regions_dist.domain.branch import Opening
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
