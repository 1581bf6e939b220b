"""Every example runs: real worker, broker, stores and embedder; the model is a stub with a script.

What the traces must be stands in ``example_traces``, a line a message. To see what a changed
example does now, delete its file there and run this test: it fails, and prints the new lines.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.cli.plan_files import read_plan
from regions_dist.config import RagSettings
from regions_dist.domain.convert import to_full_state
from regions_dist.domain.registry import import_modules
from regions_dist.domain.schedule import schedule
from regions_dist.domain.verify import verify
from regions_dist.embedded.broker import Broker
from regions_dist.resources.documents import read_documents
from regions_dist.resources.embedders import WordLlamaEmbedder
from regions_dist.resources.rag_store import RagStore
from regions_dist.transport.run_store import RedisRunStore
from tests.acceptance.shell import TIMEOUT, Shell
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from regions_dist.domain.plan import Plan, RagSpec

OWN_TYPE = "examples.custom_region.ballot"
import_modules([OWN_TYPE])

EXAMPLES = Path(__file__).parents[2] / "examples"
TRACES = Path(__file__).with_name("example_traces")
NAMES = sorted(file.parent.name for file in EXAMPLES.glob("*/plan.json"))


def plan_of(name: str, file: str = "plan.json") -> Plan:
    """The plan of an example."""
    return read_plan(EXAMPLES / name / file, None, None).plan


def script(request: dict[str, Any]) -> str:
    """The stub's script: ask everyone the request's own text; answer who told it something."""
    told = request["messages"][-1]["content"]
    form = request.get("response_format", {}).get("json_schema")
    if form is None:
        sources = re.findall(r"^From (.+):$", told, re.MULTILINE)
        return f"heard from {', '.join(sources) or 'nobody'}"
    asked = " ".join(dict.fromkeys(re.findall(r"^Request from \w+: (.*)$", told, re.MULTILINE)))
    names = form["schema"]["items"]["properties"]["source"]["enum"]
    return json.dumps([{"source": name, "question": asked or "what is new?"} for name in names])


@pytest.fixture(scope="module")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker with a worker for all regions of all examples."""
    folder = tmp_path_factory.mktemp("examples")
    plans = [plan_of(name) for name in NAMES]
    shell, broker = Shell(folder), Broker(folder / "broker")
    url = broker.start()
    try:
        with StubModel(script) as stub:
            config = shell.write("config.toml", asyncio.run(stores(folder, plans)))
            regions = sorted({entry.name for plan in plans for entry in plan.regions})
            hosts = [word for name in regions for word in ("--region", name)]
            options = ("--config", config, "--redis", url, "--import", OWN_TYPE)
            where = {"REGIONS_LLM_URL": stub.url, "PYTHONPATH": str(EXAMPLES.parent)}
            shell.worker(*hosts, *options, **where)
            yield url
    finally:
        shell.close()
        broker.stop()


async def stores(folder: Path, plans: Iterable[Plan]) -> str:
    """Fill the stores of all plans; the tables of a config that name them."""
    tables: list[str] = []
    for plan in plans:
        for name, spec in plan.resources.rag.items():
            settings = RagSettings(path=folder / f"{name}.db", max_results=spec.max_results)
            await fill(settings, spec, Path(plan.folder))
            tables.append(
                f'[rag.{name}]\npath = "{settings.path}"\nmax_results = {spec.max_results}'
            )
    return "\n".join(tables)


async def fill(settings: RagSettings, spec: RagSpec, folder: Path) -> None:
    """Put a plan's documents into a new store."""
    assert not settings.path.exists(), f"two examples have a store {settings.path.stem!r}"
    store = RagStore(settings, WordLlamaEmbedder())
    await store.add(read_documents([folder / file for file in spec.documents]))
    store.close()


async def run(url: str, name: str) -> list[dict[str, Any]]:
    """Run an example to its end; its trace."""
    plan, store = plan_of(name), RedisRunStore(url)
    try:
        await store.open(name, plan, schedule(plan), plan.messages)
        async with asyncio.timeout(TIMEOUT), aclosing(store.events(name)) as events:  # type: ignore[type-var]
            async for event in events:
                if event and event.type == "run" and event.fields["status"] != "running":
                    break
        assert (await store.view(name)).status == "succeeded"
        return sorted(await store.trace(name), key=lambda record: record["id"])
    finally:
        await store.close()


def line(record: dict[str, Any]) -> str:
    """A message of a trace, in short."""
    who = f"{record['id']}  {record['source']} -> {record['destination']}"
    heard = f"  (heard by {', '.join(record['copies'])})" if record["copies"] else ""
    return f"{who}  {record['role']} {record['outcome']}{heard}: {json.dumps(record['content'])}"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_and_its_mail_goes_where_it_should(broker_url: str, name: str) -> None:
    trace = asyncio.run(run(broker_url, name))
    expected = TRACES / f"{name}.txt"
    wanted = expected.read_text(encoding="utf-8").splitlines() if expected.exists() else []
    assert [line(record) for record in trace] == wanted, "\n".join(map(line, trace))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_has_no_error_and_no_warning(name: str) -> None:
    loaded = read_plan(EXAMPLES / name / "plan.json", None, None)
    assert [*loaded.repairs, *verify(loaded.plan)] == []


@pytest.mark.parametrize("name", NAMES)
def test_an_examples_file_for_the_editor_is_its_plan_with_nodes_apart(name: str) -> None:
    file = EXAMPLES / name / "full_state.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document == to_full_state(plan_of(name))
    assert plan_of(name, file.name) == plan_of(name)
    places = [tuple(node["position"].values()) for node in document["flowNodes"]]
    assert len(places) == len(set(places))
