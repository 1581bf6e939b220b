"""A user who follows a page: runs its blocks one after another, on a clone of the project."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.acceptance.invocation import check_commands
from tests.acceptance.shell import Command, Ended, Shell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.acceptance.document import Block

__all__ = ["ROOT", "Session"]

ROOT = Path(__file__).parents[2]
_COPIED = ("examples", "scripts", "Makefile", "pyproject.toml")


class Session:
    """Runs blocks in ``<folder>/clone``; variables that one block exports the next one has.

    ``stand_ins`` are what pages call other machines, and what is there instead.
    """

    def __init__(self, folder: Path, stand_ins: Mapping[str, str]) -> None:
        self.shell = Shell(folder)
        self.clone = folder / "clone"
        self._stand_ins = stand_ins
        self._variables = folder / "variables.sh"
        self._variables.touch()
        self._said = ""
        self._clone()

    def follow(self, block: Block) -> None:
        """Do with a block what its language and its rule ask for."""
        text = self._with_stand_ins(block.text)
        if block.rule == "not run:":
            check_commands(block, ROOT, self.shell)
        elif block.rule == "prints":
            self._compare(block, block.text)
        elif block.rule == "prints about":
            self._compare(block, block.argument)
        elif block.rule == "file":
            self._write(block.argument, text)
        elif block.rule == "stays until":
            self._start(text).wait_for(block.argument)
        elif block.language in {"sh", "python"}:
            self._run(block, text)
        if block.language == "json":
            json.loads(text)
        if block.language == "toml":
            tomllib.loads(text)

    def close(self) -> None:
        """End what the page has started, also what a block's shell has left running."""
        for process in self.shell.family():
            process.kill()
        self.shell.close()

    def _run(self, block: Block, text: str) -> None:
        if block.language == "python":
            self._write("block.py", text)
            text = "python -W error block.py"
        ended = self._start(text).end()
        self._said = ended.out + ended.err
        code = int(block.argument) if block.rule == "exits" else 0
        assert ended.code == code, f"{block}: ended with {ended.code}\n{_shown(ended)}"

    def _start(self, text: str) -> Command:
        variables = shlex.quote(str(self._variables))
        script = f"set -euo pipefail\n. {variables}\ntrap 'export -p > {variables}' EXIT\n{text}\n"
        path = f"{self.clone / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = self.shell.environment | {"PATH": path}
        command = Command(["bash", "-c", script], environment, self.clone, typing=False)
        self.shell.adopt(command)
        return command

    def _compare(self, block: Block, text: str) -> None:
        for line in filter(str.strip, text.splitlines()):
            pattern = ".*".join(map(re.escape, self._with_stand_ins(line.strip()).split("…")))
            assert re.search(pattern, self._said), f"{block}: not said: {line}\n{self._said}"

    def _write(self, name: str, text: str) -> None:
        (self.clone / name).write_text(text + "\n", encoding="utf-8")

    def _with_stand_ins(self, text: str) -> str:
        for name, instead in self._stand_ins.items():
            text = text.replace(name, instead)
        return text

    def _clone(self) -> None:
        """A copy of what a page may use, with the installed commands where ``setup`` puts them."""
        self.clone.mkdir()
        for name in _COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
            copy(ROOT / name, self.clone / name)
        for file in self.clone.glob("examples/**/*.toml"):
            file.write_text(self._with_stand_ins(file.read_text("utf-8")), encoding="utf-8")
        installed = Path(sys.executable).parent.parent
        venv = self.clone / ".venv"
        venv.mkdir()
        for part in installed.iterdir():
            if part.name != ".stamp":
                (venv / part.name).symlink_to(part)
        stamp = 'echo "$(cat pyproject.toml scripts/setup | cksum) $PWD" > .venv/.stamp'
        assert self._start(stamp).end().code == 0


def _shown(ended: Ended) -> str:
    return f"stdout: {ended.out}\nstderr: {ended.err}"
