"""Three machines, each a process group with a config and a home of its own: one has the model, one
the stores, one the regions. The model is a stub.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.config import RagSettings
from regions_dist.resources.embedders import WordLlamaEmbedder
from regions_dist.resources.rag_store import RagStore
from tests.acceptance.shell import Shell, plan_of
from tests.stub_model import StubModel, default_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

LOOKUP = Path(__file__).parents[2] / "examples" / "lookup"
STORES = ("facts", "biographies")


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Shell, Shell, Shell]]:
    """The one with the model, the one with the stores, the one with the regions."""
    shells = []
    for name in ("model", "store", "regions"):
        (tmp_path / name).mkdir()
        shells.append(Shell(tmp_path / name))
    yield shells[0], shells[1], shells[2]
    for shell in shells:
        shell.close()


def asks_in_the_words_of_the_request(request: dict[str, Any]) -> str:
    """A stub's script: questions are the request's own text, answers all that is known."""
    words = json.dumps(request).replace("Request from terminal: ", "Request: ")
    return default_answer(json.loads(words))


async def fill(path: Path, documents: list[dict[str, Any]]) -> None:
    """Make a store of these documents."""
    store = RagStore(RagSettings(path=path), WordLlamaEmbedder())
    for document in documents:
        await store.store_document(document["content"], document["actors"])
    store.close()


def test_the_lookup_is_answered_right_and_the_regions_machine_knows_no_models_url(
    machines: tuple[Shell, Shell, Shell], broker_url: str
) -> None:
    gpu, disk, cpu = machines
    broker = ("--redis", broker_url)
    for name in STORES:
        lines = (LOOKUP / f"{name}.jsonl").read_text("utf-8").splitlines()
        asyncio.run(fill(disk.folder / f"{name}.db", [json.loads(line) for line in lines]))
    tables = [f'[rag.{name}]\npath = "{disk.folder / name}.db"\n' for name in STORES]
    config = disk.write("config.toml", "\n".join(tables))
    with StubModel(asks_in_the_words_of_the_request) as stub:
        gpu.worker("--llm", "default", "--name", "gpu", *broker, REGIONS_LLM_URL=stub.url)
        disk.worker("--rag", "facts", "--rag", "biographies", "--config", config, *broker)
        regions = ("--region", "Historian", "--region", "Facts", "--region", "Biographies")
        cpu.worker(*regions, "--name", "cpu", *broker)
        ended = cpu.coordinator("run", LOOKUP / "plan.json", *broker)
        assert ended.code == 0, ended.err
        assert "Clara Reed found a silver bell in the old well." in ended.out
        assert stub.chats
        assert not list(cpu.home.rglob("*.db"))
        assert stub.url not in "".join(cpu.environment.values())
        listed = cpu.coordinator("workers", "--json", *broker).document
        served = {offer["name"]: offer for worker in listed for offer in worker["resources"]}
        assert served.keys() == {"default", *STORES}
        assert {"host", "model", "slots", "in_use", "queue", "health"} <= served["default"].keys()
        told = cpu.coordinator("workers", *broker).out
        assert "llm default  on gpu  stub  0 of 1 slots in use  0 calls waiting  ok" in told


def test_a_run_says_that_it_waits_for_a_model_and_goes_on_when_one_is_served(
    machines: tuple[Shell, Shell, Shell], broker_url: str
) -> None:
    gpu, _, cpu = machines
    broker = ("--redis", broker_url)
    cpu.worker("--region", "Solo", *broker)
    plan = cpu.write("plan.json", plan_of("make_replies"))
    run = cpu.start("regions-coordinator", "run", plan, "--ask", "Solo=Why?", *broker)
    run.wait_for("waiting for the model 'default': no machine serves it; start regions-worker")
    waited = cpu.coordinator("workers", *broker).out
    assert "llm default  no worker serves it  1 call waiting" in waited
    with StubModel(lambda _: "because") as stub:
        gpu.worker("--llm", "default", *broker, REGIONS_LLM_URL=stub.url)
        ended = run.end()
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err


def test_a_model_that_nobody_serves_ends_the_wait_of_a_run_that_can_be_resumed(
    machines: tuple[Shell, Shell, Shell], broker_url: str
) -> None:
    gpu, _, cpu = machines
    broker = ("--redis", broker_url)
    cpu.worker("--region", "Solo", *broker)
    plan = cpu.write("plan.json", plan_of("make_replies"))
    once = (*("--ask", "Solo=Why?", "--run-id", "one", "--wait", "1"), *broker)
    for command in (("run", plan, *once), ("resume", "one", "--wait", "1", *broker)):
        ended = cpu.coordinator(*command)
        assert ended.code == 3
        assert (
            "Solo stands still after 1 s, waiting for the model 'default': no machine serves it; "
            "start regions-worker --llm default, then: regions-coordinator resume one"
        ) in ended.err
        assert cpu.coordinator("status", "one", "--json", *broker).document["status"] == "paused"
        *_, nobodys = cpu.coordinator("workers", "--json", *broker).document
        (wanted,) = nobodys["resources"]
        assert (nobodys["name"], wanted["name"], wanted["queue"]) == ("", "default", 1)
    with StubModel(lambda _: "because") as stub:
        gpu.worker("--llm", "default", *broker, REGIONS_LLM_URL=stub.url)
        ended = cpu.coordinator("resume", "one", *broker)
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err


def test_what_a_machine_does_not_have_it_cannot_serve(shell: Shell, broker_url: str) -> None:
    ended = shell.start("regions-worker", "--llm", "big", "--redis", broker_url).end()
    assert ended.code == 2
    assert "--llm big: this machine has none of that name; add [llm.big] with its url" in ended.err
    file = shell.start(
        "regions-worker", "--rag", "default", "--gguf", "x.gguf", "--redis", "redis://"
    )
    assert (file.end().code, "goes with one --llm NAME" in file.err) == (2, True)
