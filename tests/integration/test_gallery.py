"""The workflows of the reference's gallery, in its own file formats, in Python: here and there.

Files and content are ours; the model is scripted, and its answers hang on the whole prompt.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist import Executor, Injector, Orchestrator, Postmaster, RegionRegistry, verify
from regions_dist.testing import InMemoryRAG, ScriptedLLM, ask_everyone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from regions_dist.testing import Cluster

pytest_plugins = ["regions_dist.testing.fixtures"]

COMPAT = Path(__file__).parents[1] / "compat"
FORMS = ("pair", "full_state")
MEMORIES = ("The journey went over the pass.", "Rose told of the journey at night.")

Route = tuple[str, str, str, str]
"""Source, destination, role, outcome."""


@dataclass(frozen=True)
class Workflow:
    """Whom the user asks, and every route that a message must take, with how many take it."""

    asked: str
    routes: Mapping[Route, int]
    learns: bool = False


def requests(source: str, *destinations: str) -> Iterator[Route]:
    """Requests that are delivered."""
    yield from ((source, name, "request", "delivered") for name in destinations)


def replies(destination: str, *sources: str) -> Iterator[Route]:
    """Replies that are delivered to one region."""
    yield from ((name, destination, "reply", "delivered") for name in sources)


def answer(source: str) -> Iterator[Route]:
    """An answer that is printed."""
    yield (source, "terminal", "reply", "printed")


def routes(*parts: Iterable[Route]) -> Counter[Route]:
    """All of them, counted."""
    return Counter(route for part in parts for route in part)


READERS = ("Formalist", "Chronicler", "Layman")
SENSES = ("Past", "Future", "Others", "Senses")
WORKFLOWS = {
    "lookup": Workflow(
        "Historian",
        routes(
            requests("terminal", "Historian"),
            requests("Historian", "Biography", "HistoricalFacts"),
            replies("Historian", "Biography", "HistoricalFacts"),
            answer("Historian"),
        ),
    ),
    "refine": Workflow(
        "BroadcastPrompt",
        routes(
            requests("terminal", "BroadcastPrompt", "DraftA", "DraftB", "CombineReplies"),
            replies("CombineReplies", "DraftA", "DraftB"),
            answer("CombineReplies"),
        ),
    ),
    "literary_critique": Workflow(
        "Editor",
        routes(
            requests("terminal", "Editor"),
            requests("Editor", "Critic"),
            requests("Critic", *READERS),
            *(requests(name, "Poem") for name in READERS),
            *(replies(name, "Poem") for name in READERS),
            replies("Critic", *READERS),
            # The second round.
            requests("Critic", *READERS),
            replies("Critic", *READERS),
            replies("Editor", "Critic"),
            answer("Editor"),
        ),
    ),
    "double_dialectic": Workflow(
        "Intake",
        routes(
            requests("terminal", "Intake", "Thesis", "Antithesis", "Judge"),
            *(requests(name, "Rules", "Synthesis") for name in ("Thesis", "Antithesis")),
            *(replies(name, "Rules") for name in ("Thesis", "Antithesis")),
            # Both feed their argument forward to all they are connected to.
            replies("Rules", "Thesis", "Antithesis"),
            replies("Synthesis", "Thesis", "Antithesis"),
            # One synthesis for each question, and the router keeps its source.
            replies("Exchange", "Synthesis", "Synthesis"),
            replies("Analysis", "Synthesis", "Synthesis"),
            replies("Judge", "Synthesis", "Synthesis"),
            requests("Judge", "Analysis"),
            replies("Judge", "Analysis"),
            answer("Judge"),
        ),
    ),
    "default_mode": Workflow(
        "Cache",
        routes(
            requests("terminal", "Cache", "Self", "Narrator"),
            requests("Self", *SENSES),
            requests("Past", "Episodes"),
            requests("Future", "World"),
            requests("Others", "Episodes", "World"),
            requests("Senses", "World"),
            replies("Past", "Episodes"),
            replies("Future", "World"),
            replies("Others", "Episodes", "World"),
            replies("Senses", "World"),
            replies("Self", *SENSES),
            answer("Self"),
            requests("Narrator", "Self", "Plans", "Monitor"),
            requests("Plans", "Values"),
            replies("Plans", "Values"),
            replies("Narrator", "Self", "Plans", "Monitor"),
            answer("Narrator"),
            # Whoever a store has answered it can ask in turn; it learns what they say.
            requests("Episodes", "Past", "Others"),
            replies("Episodes", "Past", "Others"),
        ),
        learns=True,
    ),
}


def script(prompt: str, schema: Mapping[str, Any] | None) -> str:
    """Ask everybody; an answer tells whether its prompt was the same."""
    if schema is not None:
        return ask_everyone(schema, "What of the journey?")
    return f"The journey, {hashlib.sha256(prompt.encode()).hexdigest()[:8]}."


def program(workflow: str, form: str) -> tuple[RegionRegistry, Orchestrator, Postmaster]:
    """The program of a workflow's files, which somebody has asked something."""
    state = COMPAT / f"{workflow}_full_state.json"
    pair = [COMPAT / f"{workflow}_{part}.json" for part in ("regions", "executions")]
    regions, executions = pair if form == "pair" else [state, state]
    registry = RegionRegistry().load(regions)
    postmaster = Postmaster(registry, printer=lambda _: None)
    with Injector(postmaster, "terminal") as user:
        user.request(WORKFLOWS[workflow].asked, "How was the journey?")
    return registry, Orchestrator().load(executions), postmaster


def comparable(executor: Executor) -> list[dict[str, Any]]:
    """The trace, times aside."""
    kept = [{k: v for k, v in r.items() if k not in {"seq", "at"}} for r in executor.trace]
    return sorted(kept, key=lambda record: str(record["id"]))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("workflow", WORKFLOWS)
async def test_a_workflow_of_the_gallery_runs_and_its_mail_goes_where_it_should(
    regions_cluster: Cluster, workflow: str, form: str
) -> None:
    store = InMemoryRAG(*MEMORIES)
    registry, orchestrator, postmaster = program(workflow, form)
    registry.default_llm, registry.default_rag = ScriptedLLM(script=script), store
    assert verify(registry, orchestrator, postmaster)
    with Executor(registry, orchestrator, postmaster) as here:
        await here.run_plan()

    assert _routes(here) == WORKFLOWS[workflow].routes
    assert (store.memories != InMemoryRAG(*MEMORIES).memories) is WORKFLOWS[workflow].learns
    listeners = [name for name, entry in registry.items() if entry.type == "ListenerRegion"]
    heard = {tuple(r["copies"]) for r in here.trace if r["outcome"] == "delivered"}
    assert heard == {tuple(listeners)}

    registry, orchestrator, postmaster = program(workflow, form)
    model, store = ScriptedLLM(script=script), InMemoryRAG(*MEMORIES)
    regions_cluster.host(*registry, llm=model, rag=store)
    with Executor(registry, orchestrator, postmaster, redis=regions_cluster.url) as there:
        await there.run_plan()

    assert comparable(there) == comparable(here)
    assert there.states == here.states


def _routes(executor: Executor) -> Counter[Route]:
    keys = ("source", "destination", "role", "outcome")
    return Counter(tuple(record[key] for key in keys) for record in executor.trace)
