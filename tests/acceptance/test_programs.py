"""A program written against the reference's names: here, on a broker, and over workers."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.shell import comparable

if TYPE_CHECKING:
    from typing import Any

    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

PROGRAM = Path(__file__).with_name("programs") / "lookup.py"
CONFIG = """
[rag.Ferries]
path = "Ferries.db"
[rag.Captains]
path = "Captains.db"
"""


def trace(shell: Shell, stub: StubModel, *arguments: str) -> list[dict[str, Any]]:
    """What the program prints as its trace, after the answer."""
    options = ("-W", "error", PROGRAM, stub.url, *arguments)
    ended = shell.start(Path(sys.executable).name, *options).end()
    assert (ended.code, ended.err) == (0, ""), ended.err
    assert ended.out.startswith("Guide: ")
    records = json.loads(ended.out.splitlines()[-1])
    return comparable("\n".join(map(json.dumps, records)))


def test_a_program_of_the_references_names_does_the_same_here_and_on_the_cluster(
    shell: Shell, stub: StubModel, broker_url: str
) -> None:
    here = trace(shell, stub)
    assert [(r["source"], r["destination"], r["outcome"]) for r in here] == [
        ("terminal", "Guide", "delivered"),
        ("Guide", "Ferries", "delivered"),
        ("Guide", "Captains", "delivered"),
        ("Ferries", "Guide", "delivered"),
        ("Captains", "Guide", "delivered"),
        ("Guide", "terminal", "printed"),
    ]
    assert "sails at nine" in here[-1]["content"]
    assert trace(shell, stub, broker_url) == here

    config = shell.write("config.toml", CONFIG)
    shell.worker("--region", "Guide", "--redis", broker_url, "--config", config)
    stores = ("--region", "Ferries", "--region", "Captains")
    shell.worker(*stores, "--redis", broker_url, "--config", config)
    assert trace(shell, stub, broker_url, "named") == here
