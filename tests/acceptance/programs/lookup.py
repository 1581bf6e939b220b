"""The lookup workflow as users of the reference write it; only the import is another.

Arguments: a model and embedding server, and a broker for a run on the cluster. With ``named`` as a
third one, model and stores are left to the workers. Prints the trace, as JSON in one line.
"""

import asyncio
import json
import sys

from regions_dist import (
    Addressograph,
    DynamicRAGSystem,
    Execute,
    Executor,
    Injector,
    LLMLink,
    Orchestrator,
    Postmaster,
    RegionEntry,
    RegionRegistry,
    verify,
)

server, broker, *more = [*sys.argv[1:], ""]
named = "named" in more

registry = RegionRegistry()
registry.register(
    RegionEntry(
        "Guide",
        "Region",
        "Tell travellers when and with whom they sail",
        {"Ferries": "Know the ferries", "Captains": "Know the captains"},
        llm=None if named else LLMLink(url=server.removeprefix("http://"), name="guide"),
    )
)
for name, task in (("Ferries", "Know the ferries"), ("Captains", "Know the captains")):
    store = DynamicRAGSystem(f"{name}.db", server, "stub", name=name)
    registry.register(
        RegionEntry(name, "RAGRegion", task, {}, rag=name if named else store, threshold=0.1)
    )

orchestrator = Orchestrator()
orchestrator.add_to_layer(0, "chain0", ["Guide"])
orchestrator.add_to_layer(1, "chain0", ["Ferries"])
orchestrator.add_to_layer(1, "chain1", ["Captains"])
orchestrator.add_to_layer(2, "chain0", ["Guide"])
orchestrator.append_method(0, "Guide", "make_questions")
orchestrator.append_method(1, "Ferries", "make_replies")
orchestrator.append_method(1, "Captains", "make_replies")
orchestrator.append_method(2, "Guide", "make_replies")

postmaster = Postmaster(registry, undeliverable="return", print_address="terminal")


async def fill_stores() -> None:
    """Store what the stores know."""
    for name, fact in (
        ("Ferries", "the ferry of captain Rose sails at nine"),
        ("Captains", "captain Rose sails the morning ferry"),
    ):
        store = DynamicRAGSystem(f"{name}.db", server, "stub", name=name)
        await store.store_document(fact, ["Rose"], document_id="one")
        await store.aclose()


@Addressograph(postmaster, "terminal", role="request", injector_name="terminal")
def ask(question: str, terminal: Injector) -> None:
    """Ask the guide."""
    terminal.send("Guide", question)


@Execute(registry, orchestrator, postmaster, executor_name="ex", redis=broker or None)
async def travel(ex: Executor) -> Executor:
    """Run the first layer, look, and run the others."""
    await ex.run_layer(0)
    await ex.run_layer(1)
    await ex.run_layer(2)
    return ex


async def main() -> None:
    """Ask, run and tell."""
    await fill_stores()
    assert verify(registry, orchestrator, postmaster)
    ask("When sails captain Rose?")
    executor = await travel()
    sys.stdout.write(json.dumps(executor.trace) + "\n")


asyncio.run(main())
