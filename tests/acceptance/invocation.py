"""Commands that cannot be run here, checked for what can be known: that they and their options
exist.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.document import Block
    from tests.acceptance.shell import Shell

__all__ = ["check_commands"]

_OTHERS = frozenset({"apt", "docker", "export", "python", "ruff", "ssh", "sudo", "valkey-server"})
"""What is not this project's; nothing is known of it."""


def check_commands(block: Block, root: Path, shell: Shell) -> None:
    """Fail for a command of this project that does not exist, or has no such option."""
    assert block.argument, f"{block}: not run, and no reason given"
    for words in _commands(block.text) if block.language == "sh" else ():
        name = Path(words[0]).name
        if name.startswith("regions-"):
            # Options are parsed before help is printed: it is not if one of them does not exist.
            ended = shell.start(name, *words[1:], "--help").end()
            assert ended.code == 0, f"{block}: {ended.err}"
        elif name == "make":
            targets = re.findall(r"^(\w+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
            assert words[1] in targets, f"{block}: no target {words[1]}"
        elif words[0].startswith("scripts/"):
            assert (root / words[0]).exists(), f"{block}: there is no {words[0]}"
        else:
            assert name in _OTHERS, f"{block}: what is {words[0]}?"


def _commands(text: str) -> Iterator[list[str]]:
    """The words of each command, without variables that are set for it alone."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in re.split(r"&&|\|\||[;|]", line.partition(" #")[0]):
            words = shlex.split(part)
            while words and re.match(r"\w+=", words[0]):
                words.pop(0)
            if words:
                yield words
