"""The same programs in this process and on a broker: the same fates, knowledge and failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from regions_dist import (
    BaseRegion,
    BroadcastRegion,
    Executor,
    Injector,
    Orchestrator,
    Postmaster,
    RegionRegistry,
    RegionsError,
    StepFailed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from regions_dist.domain.message import Role


class Scribe(BaseRegion):
    """Says what it is told to; says what it has heard so far; fails, at first or always."""

    methods: ClassVar[tuple[str, ...]] = ("say", "tell", "fail", "stumble", *BaseRegion.methods)
    parameters: ClassVar[Mapping[str, str]] = {"says": ""}
    stumbled: ClassVar[set[str]] = set()

    def __init__(
        self,
        name: str,
        task: str = "",
        connections: Mapping[str, str] | None = None,
        says: Sequence[tuple[str, Role, str]] = (),
    ) -> None:
        super().__init__(name, task, connections)
        self.says = says

    async def say(self) -> None:
        """Say all of it."""
        for destination, role, content in self.says:
            self.post(destination, content, role)

    def tell(self) -> None:
        """Say what was heard, in a thread."""
        heard = [message.content for message in (*self.requests, *self.replies)]
        self.post("terminal", f"{self.name} heard {heard}", "reply")

    def fail(self) -> None:
        """Fail."""
        raise StepFailed(f"{self.name} is not able to")

    def stumble(self) -> None:
        """Say everything and fail, once."""
        self.post("terminal", "half", "reply")
        if self.name not in self.stumbled:
            self.stumbled.add(self.name)
            raise ValueError("not yet")


@dataclass
class Case:
    """A program, and what is done with it: layers to run, mail to send between them."""

    says: dict[str, list[tuple[str, str, str]]]
    layers: list[dict[str, list[str]]]
    methods: list[list[tuple[str, str]]]
    plays: list[Any] = field(default_factory=lambda: ["plan"])
    mail: list[tuple[str, str]] = field(default_factory=list)
    rules: dict[str, Any] = field(default_factory=dict)
    steps: dict[str, Any] = field(default_factory=dict)
    hubs: dict[str, list[str]] = field(default_factory=dict)
    cc: bool = False


A_AND_B: dict[str, list[tuple[str, str, str]]] = {
    "A": [("B", "request", "a1"), ("B", "reply", "a2"), ("Nobody", "request", "lost")],
    "B": [("A", "reply", "b1"), ("terminal", "reply", "b2"), ("terminal", "request", "b3")],
}
BOTH = [{"one": ["A"], "two": ["B"]}, {"one": ["A", "B"]}]
ONE = [{"one": ["A", "B"]}, {"one": ["A", "B"]}]
"""For runs that fail: whether a step of another chain was under way then is a matter of luck."""
ALL = [
    [("A", "say"), ("B", "say"), ("A", "tell")],
    [("A", "say"), ("B", "tell"), ("B", "say"), ("A", "tell")],
]
CASES: dict[str, Case] = {
    "chains side by side": Case(A_AND_B, BOTH, ALL),
    "a layer that runs twice": Case(A_AND_B, BOTH, ALL, plays=[1, 0, 1]),
    "mail from outside, before, between and after": Case(
        A_AND_B, BOTH, ALL, plays=[0, ("B", "between"), 1, ("A", "late")], mail=[("A", "early")]
    ),
    "mail from outside for nobody": Case(
        A_AND_B, BOTH, ALL, mail=[("Who", "?"), ("terminal", "!")]
    ),
    "an entry outside the chains": Case(A_AND_B, [{"one": ["A"]}], [[("B", "say"), ("A", "say")]]),
    "empty layers": Case(A_AND_B, [{}, BOTH[0], {}], [[], ALL[0], []]),
    "a step that fails": Case(
        A_AND_B, BOTH, [[("A", "say"), ("A", "fail")], ALL[1]], steps={"*": {"retries": 0}}
    ),
    "a step that fails and is let pass": Case(
        A_AND_B,
        BOTH,
        [[("A", "fail"), ("A", "say"), ("B", "say")], ALL[1]],
        steps={"A": {"retries": 0, "on_failure": "continue"}},
    ),
    "a step that is tried again": Case(
        A_AND_B, BOTH, [[("A", "stumble"), ("A", "say")], ALL[1]], steps={"*": {"backoff": 0}}
    ),
    "a ring of hubs": Case(
        {},
        [{"one": ["X"]}, {"one": ["Y"]}] * 3,
        [[("X", "broadcast")], [("Y", "broadcast")]] * 3,
        mail=[("X", "round")],
        hubs={"X": ["Y", "terminal"], "Y": ["X"]},
        rules={"max_hops": 3},
    ),
    "an inbox that is too small": Case(
        A_AND_B,
        ONE,
        ALL,
        mail=[("terminal", "!")],
        rules={"inbox_limit": 1},
        steps={"*": {"retries": 0}},
    ),
    "returned": Case(
        A_AND_B,
        BOTH,
        ALL,
        mail=[("Who", "from nobody")],
        rules={"undeliverable": "return", "rts_prepend": "Back: ", "rts_source": "Post"},
    ),
    "returned as they are": Case(A_AND_B, BOTH, ALL, rules={"undeliverable": "return"}),
    "rerouted": Case(
        A_AND_B, BOTH, ALL, rules={"undeliverable": "reroute", "reroute_destination": "A"}
    ),
    "rerouted to the print address": Case(
        A_AND_B, BOTH, ALL, rules={"undeliverable": "reroute", "reroute_destination": "terminal"}
    ),
    "tried again": Case(A_AND_B, BOTH, ALL, rules={"undeliverable": "retry", "retries": 1}),
    "an error": Case(A_AND_B, ONE, ALL, rules={"undeliverable": "error"}),
    "copies": Case(A_AND_B, BOTH, ALL, cc=True),
    "another print address": Case(A_AND_B, BOTH, ALL, rules={"print_address": "B"}),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_program_does_the_same_in_process_and_on_the_cluster(
    name: str, broker_url: str
) -> None:
    here = await outcome(CASES[name], None)
    there = await outcome(CASES[name], broker_url)

    assert here == there
    assert here["trace"], "something is routed in each of these"


async def outcome(case: Case, redis: str | None) -> dict[str, Any]:
    """All that can be told of the run, times aside."""
    Scribe.stumbled.clear()
    printed: list[str] = []
    registry = RegionRegistry()
    for name, says in case.says.items():
        registry.register(name, Scribe, says=says)
    for name, connections in case.hubs.items():
        registry.register(name, Hub, connections=connections)
    if case.cc:
        registry.register("Ear", "ListenerRegion")
    orchestrator = Orchestrator(case.layers, case.methods)
    postmaster = Postmaster(registry, **case.rules, printer=printed.append)
    with Injector(postmaster, "user") as user:
        for destination, content in case.mail:
            user.request(destination, content)
    error: RegionsError | None = None
    async with Executor(
        registry, orchestrator, postmaster, redis=redis, run="r", steps=case.steps
    ) as executor:
        try:
            await play(case, executor, postmaster)
        except RegionsError as raised:
            error = raised
    assert executor.view is not None
    return {
        "trace": sorted(
            (
                {k: v for k, v in record.items() if k not in {"seq", "at"}}
                for record in executor.trace
            ),
            key=lambda record: record["id"],
        ),
        "dead": {(letter.id, letter.reason, letter.role) for letter in executor.dead_letters},
        "states": executor.states,
        "printed": sorted(printed),
        "answers": sorted(executor.answers),
        "status": executor.view.status,
        "layers": [(turn.index, turn.status) for turn in executor.view.layers],
        "messages": {fate: n for fate, n in executor.view.messages.items() if n},
        "error": error and (type(error), error.code, error.where, error.message),
    }


async def play(case: Case, executor: Executor, postmaster: Postmaster) -> None:
    for turn in case.plays:
        if turn == "plan":
            await executor.run_plan()
        elif isinstance(turn, int):
            await executor.run_layer(turn)
        else:
            with Injector(postmaster, "user", role="reply") as user:
                user.send(*turn)


class Hub(BroadcastRegion):
    """A broadcast region that this process hosts, for it was given as a class."""
