"""regions-rag as people have it: a process of its own each time."""

from __future__ import annotations

import json
import signal
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.shell import TIMEOUT
from tests.stub_model import word_vector

if TYPE_CHECKING:
    from tests.acceptance.shell import Command, Ended, Shell
    from tests.stub_model import StubModel

pytestmark = pytest.mark.usefixtures("stub")

COMMANDS = ("add", "search", "update", "stats", "remove", "reindex", "export")
BEES = "Ada keeps bees in the garden."
BREAD = {"content": "Bruno bakes bread.", "actors": ["Bruno"], "document_id": "bread"}
MANY = 600
"""Chunks that take more than one batch."""


class EmbeddingGate:
    """Holds the embedder's answer for one text back until it is opened."""

    def __init__(self, stub: StubModel, text: str) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.seen: list[str] = []
        self._text = text
        stub.embedding = self._embed

    def _embed(self, text: str) -> list[float]:
        self.seen.append(text)
        if text == self._text and not self.opened.is_set():
            self.reached.set()
            self.opened.wait(TIMEOUT)
        return word_vector(text)


def rag(shell: Shell, *arguments: object, **variables: str) -> Ended:
    return shell.start("regions-rag", *arguments, **variables).end()


def search(shell: Shell, *arguments: object) -> list[dict[str, Any]]:
    ended = rag(shell, "search", *arguments, "--json")
    assert ended.code == 0, ended.err
    found: list[dict[str, Any]] = ended.document
    return found


@pytest.fixture
def filled(shell: Shell) -> Shell:
    """A shell whose folder has a store, ``s.db``, with two documents."""
    shell.write("bees.txt", BEES)
    shell.write("bread.jsonl", json.dumps(BREAD))
    ended = rag(shell, "add", "s.db", "bees.txt", "bread.jsonl", "--actors", "Ada, Zoe")
    assert ended.code == 0, ended.err
    assert ended.out == "stored 2 documents in 2 chunks\n"
    return shell


def lines_of(count: int) -> str:
    return "".join(json.dumps({"content": f"fact number {n}"}) + "\n" for n in range(count))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(shell: Shell, command: str) -> None:
    ended = rag(shell, command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"regions-rag {command}" in ended.out.partition("Example")[2]
    assert "\x1b" not in ended.out
    for option in ("--redis", "--config", "--verbose", "--quiet", "--log-format"):
        assert option in ended.out


def test_the_script_has_a_version(shell: Shell) -> None:
    assert rag(shell, "--version").out[0].isdigit()


def test_what_was_added_is_found_with_its_similarity_actors_and_document(filled: Shell) -> None:
    (best, *_) = search(filled, "s.db", "who bakes bread", "--top", 1)
    assert best["text"] == BREAD["content"]
    assert best["actors"] == ["Bruno", "Ada", "Zoe"]
    assert best["document"] == "bread"
    assert 0 < best["similarity"] < 1
    shown = rag(filled, "search", "s.db", "who bakes bread", "--threshold", "0.3")
    assert shown.out.count("\n") == 1
    assert "Bruno bakes bread.  (Bruno, Ada, Zoe)" in shown.out


def test_chunks_are_found_by_their_actors(filled: Shell) -> None:
    (best, second) = search(filled, "s.db", "--actors", "Ada,Zoe")
    assert (best["text"], best["similarity"]) == (BEES, 1.0)
    assert (second["document"], second["similarity"]) == ("bread", 2 / 3)


def test_nothing_found_is_said_on_stderr(filled: Shell) -> None:
    ended = rag(filled, "search", "s.db", "zebras", "--threshold", "0.9")
    assert (ended.code, ended.out) == (0, "")
    assert "nothing has a similarity of 0.9" in ended.err
    assert search(filled, "s.db", "zebras", "--threshold", "0.9") == []


def test_adding_again_leaves_what_is_there(filled: Shell, stub: StubModel) -> None:
    asked = len(stub.requests)
    ended = rag(filled, "add", "s.db", "bees.txt", "bread.jsonl", "--actors", "Ada,Zoe", "--json")
    assert ended.document == {"documents": 0, "chunks": 0, "unchanged": 2}
    assert not any(path.endswith("embeddings") for path, _ in stub.requests[asked:])


def test_a_chunk_and_a_document_can_be_updated_and_removed(filled: Shell) -> None:
    (bees,) = search(filled, "s.db", "bees", "--threshold", "0.1")
    assert rag(filled, "update", "s.db", bees["id"], "Ada keeps goats.").code == 0
    assert rag(filled, "update", "s.db", "bread", "Bruno bakes cakes.").code == 0
    (goats,) = search(filled, "s.db", "goats", "--threshold", "0.1")
    (cakes,) = search(filled, "s.db", "cakes", "--threshold", "0.1")
    assert (goats["id"], goats["text"], goats["actors"]) == (
        bees["id"],
        "Ada keeps goats.",
        ["Ada", "Zoe"],
    )
    assert (cakes["document"], cakes["actors"]) == ("bread", ["Bruno", "Ada", "Zoe"])

    assert rag(filled, "remove", "s.db", goats["id"]).code == 0
    assert rag(filled, "remove", "s.db", "bread").code == 0
    assert rag(filled, "stats", "s.db", "--json").document["chunks"] == 0


def test_stats_tell_what_a_store_holds(filled: Shell) -> None:
    stats = rag(filled, "stats", "s.db", "--json").document
    counts = {key: stats[key] for key in ("path", "documents", "chunks", "actors", "dimension")}
    assert counts == {"path": "s.db", "documents": 2, "chunks": 2, "actors": 3, "dimension": 256}
    assert "documents  2" in rag(filled, "stats", "s.db").out


def test_an_export_can_be_added_to_another_store(filled: Shell) -> None:
    exported = rag(filled, "export", "s.db").out
    filled.write("out.jsonl", exported)
    assert rag(filled, "add", "copy.db", "out.jsonl").code == 0
    assert rag(filled, "export", "copy.db").out == exported


def test_a_store_is_named_by_the_config_also_where_its_path_is_given(shell: Shell) -> None:
    small = f'[rag.facts]\npath = "{shell.folder}/facts.db"\nchunk_size = 16\noverlap = 0\n'
    shell.write("config.toml", small)
    shell.write("a.txt", "one two three four five six seven")
    for store in ("facts", "facts.db"):
        ended = rag(shell, "add", store, "a.txt", "--config", "config.toml", "--json")
        assert ended.code == 0, ended.err
    assert ended.document["unchanged"] == 1
    stats = rag(shell, "stats", "facts", "--config", "config.toml", "--json").document
    assert stats["chunks"] > 1


def test_an_interrupted_add_leaves_a_whole_store_and_goes_on(shell: Shell, stub: StubModel) -> None:
    shell.write("many.jsonl", lines_of(MANY))
    gate = EmbeddingGate(stub, f"fact number {MANY - 1}")
    command = start_and_interrupt(shell, gate, "add", "s.db", "many.jsonl")

    ended = command.end()
    assert ended.code == 130
    assert "the same command goes on from here" in ended.err
    check = sqlite3.connect(shell.folder / "s.db")
    assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    check.close()
    stored = rag(shell, "stats", "s.db", "--json").document["chunks"]
    assert 0 < stored < MANY

    gate.opened.set()
    gate.seen.clear()
    ended = rag(shell, "add", "s.db", "many.jsonl", "--json")
    assert ended.document == {
        "documents": MANY - stored,
        "chunks": MANY - stored,
        "unchanged": stored,
    }
    assert len(gate.seen) == MANY - stored


def test_an_interrupted_reindex_leaves_the_store_as_it_was_and_goes_on(
    shell: Shell, stub: StubModel
) -> None:
    shell.write("many.jsonl", lines_of(MANY))
    assert rag(shell, "add", "s.db", "many.jsonl", "-q").code == 0
    other = {"REGIONS_EMBEDDING_MODEL": "other"}
    refused = rag(shell, "search", "s.db", "fact", **other)
    assert refused.code == 2
    assert "regions-rag reindex s.db" in refused.err

    gate = EmbeddingGate(stub, f"fact number {MANY - 1}")
    ended = start_and_interrupt(shell, gate, "reindex", "s.db", **other).end()
    assert ended.code == 130
    gate.opened.set()
    assert len(search(shell, "s.db", "fact number 7", "--top", 3)) == 3

    gate.seen.clear()
    ended = rag(shell, "reindex", "s.db", **other)
    assert (ended.code, ended.out) == (0, f"made {MANY} vectors anew\n")
    assert 0 < len(gate.seen) < MANY
    assert rag(shell, "search", "s.db", "fact number 7", **other).code == 0


def start_and_interrupt(
    shell: Shell, gate: EmbeddingGate, *arguments: str, **variables: str
) -> Command:
    command = shell.start("regions-rag", *arguments, **variables)
    assert gate.reached.wait(TIMEOUT), command.err
    command.tell(signal.SIGINT)
    return command


def test_long_work_tells_how_far_it_is_in_plain_lines_and_quiet_in_none(shell: Shell) -> None:
    shell.write("many.jsonl", lines_of(MANY))
    told = rag(shell, "add", "s.db", "many.jsonl")
    assert f"{MANY} of {MANY} chunks" in told.err
    assert "\x1b" not in told.err + told.out
    quiet = rag(shell, "add", "t.db", "many.jsonl", "--quiet")
    assert (quiet.code, quiet.err) == (0, "")


BAD_INPUT = [
    (("add", "s.db", "none.txt"), "none.txt: cannot be read"),
    (("add", "s.db", "bad.jsonl"), "bad.jsonl: line 2: expected"),
    (("add", "sub", "bees.txt"), "is a folder"),
    (("search", "nowhere", "x"), "nowhere: there is no such store"),
    (("search", "bees.txt", "x"), "is not a RAG store"),
    (("search", "s.db"), "expected either a QUERY or --actors"),
    (("update", "s.db", "99", "x"), "s.db: holds no document '99'"),
    (("update", "s.db", "1", " "), "is empty"),
    (("remove", "s.db", "nope"), "s.db: holds no document 'nope'"),
    (("stats", "s.db", "--config", "none.toml"), "none.toml: cannot be read"),
]


def test_bad_input_is_named_and_changes_nothing(filled: Shell) -> None:
    filled.write("bad.jsonl", '{"content": "fine"}\n{"contents": "no"}\n')
    (filled.folder / "sub").mkdir()
    before = rag(filled, "export", "s.db").out

    started = [filled.start("regions-rag", *arguments) for arguments, _ in BAD_INPUT]
    for command, (_, said) in zip(started, BAD_INPUT, strict=True):
        ended = command.end()
        assert (ended.code, ended.out) == (2, ""), command.name
        assert said in ended.err
        assert "Traceback" not in ended.err

    assert rag(filled, "export", "s.db").out == before


def test_an_embedder_that_is_down_is_said_and_loses_nothing(filled: Shell, stub: StubModel) -> None:
    before = rag(filled, "export", "s.db").out
    stub.embedding_status = 401
    filled.write("more.txt", "Cleo sings.")
    ended = rag(filled, "add", "s.db", "more.txt")
    assert ended.code in {1, 3}
    assert "embedder" in ended.err
    assert rag(filled, "export", "s.db").out == before
