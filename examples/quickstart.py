# A first walk, cell by cell: run it as a script, or open it as a notebook (# %% starts a cell).
# It needs no broker, and fetches a small language model (93 MB, once) for the last cells.

# %% A region is an object with a task, an inbox and an outbox.
import asyncio
import tempfile
from pathlib import Path

from regions_dist import (
    BroadcastRegion,
    DynamicRAGSystem,
    Executor,
    Injector,
    Orchestrator,
    Postmaster,
    RegionRegistry,
    small_model,
    verify,
)

postman = BroadcastRegion("Postman", connections={"Ada": "keeps bees", "Bruno": "sells honey"})
print(postman.name, "can:", ", ".join(postman.methods))

# %% By hand: put a message into its inbox, call a method, and take out what it has sent.
message = {"source": "you", "destination": "Postman", "role": "reply", "content": "Good morning!"}
postman.inbox.put_nowait(message)
postman.broadcast()
while not postman.outbox.empty():
    sent = postman.outbox.get_nowait()
    print(sent["source"], "->", sent["destination"], sent["content"])

# %% A store of texts. What comes back is what is most similar, and how similar it is.
folder = tempfile.TemporaryDirectory()
store = DynamicRAGSystem(Path(folder.name) / "garden.db")


async def fill() -> None:
    await store.store_document("The tulips were planted in October.")
    await store.store_document("The old apple tree was cut in March.")
    for memory in await store.retrieve_similar("When were the tulips planted?", threshold=0.3):
        print(round(memory.similarity, 2), memory.text)


asyncio.run(fill())

# %% A team: who there is, what they do and when, and who carries the mail.
registry = RegionRegistry(default_rag=store)
registry.register("Gardener", "Region", "Answer questions about the garden.", ["Notebook"])
registry.register("Notebook", "RAGRegion", "Knows what was planted and when.", threshold=0.3)

orchestrator = Orchestrator(
    [{"ask": ["Gardener"]}, {"look": ["Notebook"]}, {"answer": ["Gardener"]}],
    [
        [("Gardener", "make_questions")],
        [("Notebook", "make_replies")],
        [("Gardener", "make_replies")],
    ],
)
postmaster = Postmaster(registry)
print("it can run:", verify(registry, orchestrator, postmaster))


# %% Run it. Put LLMLink("127.0.0.1:8080") in the place of small_model() for your own server.
async def ask(question: str) -> Executor:
    async with small_model() as model:
        registry.default_llm = model
        with Injector(postmaster, "terminal") as user:
            user.request("Gardener", question)
        async with Executor(registry, orchestrator, postmaster) as executor:
            await executor.run_plan()
        return executor


executor = asyncio.run(ask("When were the tulips planted?"))

# %% Everything that was said is kept.
for record in executor.trace:
    print(record["source"], "->", record["destination"], record["outcome"], record["content"])

folder.cleanup()
