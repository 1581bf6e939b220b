"""regions-rag: fill and search a RAG store from the shell."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer

from regions_dist.cli.options import (
    INTERRUPTED,
    Config,
    LogFormat,
    Quiet,
    RedisUrl,
    Verbose,
    Version,
    app_of,
    run_app,
    set_up_logging,
)
from regions_dist.config import Settings, load_settings
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from regions_dist.resources.chunk_rows import Memory
    from regions_dist.resources.documents import Document
    from regions_dist.resources.ingest import Added
    from regions_dist.resources.rag_store import RagStore

__all__ = ["main"]

Outcome = TypeVar("Outcome")

app = app_of("Fill and search a RAG store.")

Store = Annotated[str, typer.Argument(metavar="STORE", help="A path, or a name from the config.")]
Identity = Annotated[
    str, typer.Argument(metavar="ID", help="A chunk's number, as search shows it, or a document.")
]
Actors = Annotated[str, typer.Option(metavar="A,B", help="Who it is about, separated by commas.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback(epilog="Example: regions-rag add facts.db notes.md people.jsonl")
def _options(version: Version = False) -> None:
    pass


@app.command(epilog="Example: regions-rag add facts.db notes.md people.jsonl --actors Ada,Bruno")
def add(
    store: Store,
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Documents.")],
    actors: Actors = "",
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Store documents. A file is one; a .json or .jsonl file holds many.

    In JSON a document is an object with its text as "content", and, where wanted, a list of names
    as "actors" and a text as "document_id". What is stored already is left as it is, so that the
    same command goes on after an interruption.
    """
    from regions_dist.resources.documents import read_documents

    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    documents = read_documents(files, _names(actors))
    _tell_empty(documents)
    added = _carry_out(_add(settings, store, documents, quiet=quiet))
    if as_json:
        _print_json(asdict(added))
    else:
        there = f"; {added.unchanged} documents were there already" if added.unchanged else ""
        typer.echo(f"stored {added.documents} documents in {added.chunks} chunks{there}")


@app.command(epilog='Example: regions-rag search facts.db "Who keeps bees?" --threshold 0.5')
def search(
    store: Store,
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="What to look for.")] = "",
    actors: Actors = "",
    threshold: Annotated[float, typer.Option(help="Lowest similarity, up to 1.")] = 0.0,
    top: Annotated[int | None, typer.Option(min=1, help="At most so many chunks.")] = None,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Print the chunks most similar to a text, or those about --actors, best first."""
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    if bool(query.strip()) == bool(_names(actors)):
        raise BadInput("expected either a QUERY or --actors", where="query")
    found = asyncio.run(_search(settings, store, query, _names(actors), threshold, top))
    if as_json:
        _print_json([asdict(memory) for memory in found])
        return
    for memory in found:
        typer.echo(_line(memory))
    if not found:
        typer.echo(f"nothing has a similarity of {threshold} or more", err=True)


@app.command(epilog='Example: regions-rag update facts.db 12 "Ada keeps goats now."')
def update(
    store: Store,
    identity: Identity,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The new text.")],
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Give a chunk, or a whole document, a new text; its actors stay."""
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    asyncio.run(_update(settings, store, identity, text))


@app.command(epilog="Example: regions-rag stats facts.db --json")
def stats(
    store: Store,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Print what a store holds."""
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    counts = asyncio.run(_stats(settings, store))
    if as_json:
        _print_json(counts)
        return
    for name, value in counts.items():
        typer.echo(f"{name:<10} {value}")


@app.command(epilog="Example: regions-rag remove facts.db 12")
def remove(
    store: Store,
    identity: Identity,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Remove a chunk, or a whole document."""
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    asyncio.run(_remove(settings, store, identity))


@app.command(epilog="Example: regions-rag reindex facts.db")
def reindex(
    store: Store,
    as_json: Json = False,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Make all vectors anew, for another embedder than the one the store was made with.

    The store is used as before until all are made. The same command goes on after an interruption.
    """
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    count = _carry_out(_reindex(settings, store, quiet=quiet))
    if as_json:
        _print_json({"chunks": count})
    else:
        typer.echo(f"made {count} vectors anew")


@app.command(epilog="Example: regions-rag export facts.db > facts.jsonl")
def export(
    store: Store,
    redis: RedisUrl = None,
    config: Config = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
    log_format: LogFormat = "text",
) -> None:
    """Print all chunks as JSON lines, which add takes back."""
    settings = _set_up(redis, config, verbose, log_format, quiet=quiet)
    asyncio.run(_export(settings, store))


def _set_up(
    redis: str | None,
    config: Path | None,
    verbose: int,
    form: Literal["text", "json"],
    *,
    quiet: bool,
) -> Settings:
    set_up_logging(verbose, quiet=quiet, form=form)
    return load_settings(file=config, redis=redis)


def _carry_out(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Do long work to its end, or until Ctrl-C."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo("interrupted; the same command goes on from here", err=True)
        raise typer.Exit(INTERRUPTED) from None


async def _add(settings: Settings, store: str, documents: list[Document], *, quiet: bool) -> Added:
    from regions_dist.cli.long_work import long_work
    from regions_dist.cli.named_store import opened

    async with opened(settings, store, new=True) as rag:
        with long_work("storing", quiet=quiet) as told:
            return await rag.add(documents, told)


async def _search(
    settings: Settings,
    store: str,
    query: str,
    actors: Sequence[str],
    threshold: float,
    top: int | None,
) -> list[Memory]:
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        if actors:
            return await rag.retrieve_by_actor(actors, threshold, top)
        return await rag.retrieve_similar(query, threshold, top)


async def _update(settings: Settings, store: str, identity: str, text: str) -> None:
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        if await _is_chunk(rag, identity):
            await rag.update_chunk(int(identity), text)
        else:
            await rag.update_document(identity, text)


async def _stats(settings: Settings, store: str) -> dict[str, Any]:
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        return {"path": str(rag.path), **asdict(await rag.get_stats())}


async def _remove(settings: Settings, store: str, identity: str) -> None:
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        if await _is_chunk(rag, identity):
            await rag.delete_chunk(int(identity))
        else:
            await rag.delete_document(identity)


async def _reindex(settings: Settings, store: str, *, quiet: bool) -> int:
    from regions_dist.cli.long_work import long_work
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        with long_work("embedding", quiet=quiet) as told:
            return await rag.reindex(told)


async def _export(settings: Settings, store: str) -> None:
    from regions_dist.cli.named_store import opened

    async with opened(settings, store) as rag:
        async for document in rag.documents():
            for part in document.parts:
                line = {"content": part.text, "actors": part.actors, "document_id": document.id}
                typer.echo(json.dumps(line, ensure_ascii=False))


async def _is_chunk(rag: RagStore, identity: str) -> bool:
    return identity.isdecimal() and await rag.has_chunk(int(identity))


def _names(actors: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in actors.split(",") if name.strip())


def _tell_empty(documents: Sequence[Document]) -> None:
    for document in documents:
        if not any(part.text.strip() for part in document.parts):
            typer.echo(f"warning: {document.id}: has no text; nothing of it is stored", err=True)


def _line(memory: Memory) -> str:
    """One line, whatever the text holds."""
    text = " ".join(memory.text.split())
    about = f"  ({', '.join(memory.actors)})" if memory.actors else ""
    return f"{memory.similarity:.3f}  {memory.id:>4}  {text}{about}"


def _print_json(document: object) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def main() -> None:
    """The console script."""
    run_app(app)
