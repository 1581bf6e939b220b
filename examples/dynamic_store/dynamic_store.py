"""A store that changes: search, add, update, remove. No language model is needed."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from regions_dist import DynamicRAGSystem

HERE = Path(__file__).parent
QUESTION = "Where is the spare key?"


async def best(store: DynamicRAGSystem, question: str) -> tuple[int, str]:
    """Number and text of what is most similar to a question."""
    (found,) = await store.retrieve_similar(question, threshold=-1, max_results=1)
    return found.id, found.text


async def main() -> None:
    """Let a store change, and look what it finds each time."""
    with tempfile.TemporaryDirectory() as folder:
        store = DynamicRAGSystem(Path(folder) / "notes.db")
        await store.store([HERE / "notes.jsonl"])
        await store.store_document("The ladder stands in the shed.", ["Bruno"])
        key, text = await best(store, QUESTION)
        print("found:", text)

        await store.update_chunk(key, "The spare key lies under the stone.")
        print("after the update:", (await best(store, QUESTION))[1])

        await store.delete_chunk(key)
        print("after the removal:", (await best(store, QUESTION))[1])

        about = await store.retrieve_by_actor(["Bruno"], threshold=0.5)
        print("about Bruno:", "; ".join(memory.text for memory in about))
        print("left:", (await store.get_stats()).chunks, "texts")
        await store.aclose()


if __name__ == "__main__":
    asyncio.run(main())
