"""The console scripts as people have them: processes of their own, with a home of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable

__all__ = [
    "COMPAT",
    "TIMEOUT",
    "TRACE_KEYS",
    "Command",
    "Ended",
    "Gate",
    "Shell",
    "comparable",
    "plan_of",
]

TIMEOUT = 120.0
COMPAT = Path(__file__).parents[1] / "compat"
TRACE_KEYS = (
    "seq", "at", "id", "parent", "source", "destination", "role", "content", "outcome", "copies",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON on its stdout."""
        return json.loads(self.out)


class Command:
    """A running command whose stderr can be waited on, a line at a time."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], folder: Path, *, typing: bool
    ) -> None:
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE if typing else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment,
            cwd=folder,
        )
        self.name = " ".join([Path(arguments[0]).name, *arguments[1:]])
        self._streams: dict[str, list[str]] = {"out": [], "err": []}
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=("out", self.process.stdout), daemon=True),
            threading.Thread(target=self._read, args=("err", self.process.stderr), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def wait_for(self, text: str) -> None:
        """Return once stderr has a line with ``text``."""
        with self._news:
            found = self._news.wait_for(lambda: self._has(text) or self._closed(), TIMEOUT)
            assert found, f"{self.name} did not say {text!r}:\n{self.err}"
            assert self._has(text), f"{self.name} ended without saying {text!r}:\n{self.err}"

    def first_line(self) -> str:
        """The first line on stdout, once it is there."""
        with self._news:
            self._news.wait_for(lambda: self._streams["out"] or self._closed(), TIMEOUT)
            assert self._streams["out"], f"{self.name} ended without a word:\n{self.err}"
            return self._streams["out"][0].strip()

    def type(self, text: str, *, end: bool = False) -> None:
        """Write this to its stdin; ``end`` closes that."""
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()
        if end:
            self.process.stdin.close()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to this process alone."""
        self.process.send_signal(number)

    def end(self) -> Ended:
        """Wait until it has ended by itself."""
        try:
            self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            said = "".join(self._streams["out"]), self.err
            raise AssertionError(f"it goes on; out and err so far: {said}") from None
        if self.process.stdin:
            self.process.stdin.close()
        for reader in self._readers:
            reader.join(TIMEOUT)
        return Ended(self.process.returncode, "".join(self._streams["out"]), self.err)

    def kill(self) -> None:
        """End it and close its pipes; for when a test is over."""
        if self.process.poll() is None:
            self.process.kill()
        self.end()

    @property
    def err(self) -> str:
        """What it has written to stderr so far."""
        return "".join(self._streams["err"])

    def _has(self, text: str) -> bool:
        return any(text in line for line in self._streams["err"])

    def _closed(self) -> bool:
        return not self._readers[1].is_alive()

    def _read(self, name: str, stream: Any) -> None:
        with stream:
            for line in stream:
                with self._news:
                    self._streams[name].append(line)
                    self._news.notify_all()
        with self._news:
            self._news.notify_all()


class Shell:
    """Starts this installation's commands in a clean environment of this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        self.environment = kept | {
            "REGIONS_HOME": str(self.home),
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        self._started: list[Command] = []

    def start(self, script: str, *arguments: object, **variables: str) -> Command:
        """Start a console script; ``variables`` are put into its environment."""
        return self._start(script, arguments, variables, typing=False)

    def typed(self, script: str, *arguments: object) -> Command:
        """Start a console script whose stdin can be typed into; else it has none."""
        return self._start(script, arguments, {}, typing=True)

    def adopt(self, command: Command) -> None:
        """See that this command ends with the test."""
        self._started.append(command)

    def coordinator(self, *arguments: object, **variables: str) -> Ended:
        """Run regions-coordinator to its end."""
        return self.start("regions-coordinator", *arguments, **variables).end()

    def worker(self, *arguments: object, **variables: str) -> Command:
        """Start regions-worker and wait until it says that it is up."""
        command = self.start("regions-worker", *arguments, **variables)
        command.wait_for("up")
        return command

    def family(self) -> list[psutil.Process]:
        """Every living process of this test, known by its home."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def assert_nobody_left(self) -> None:
        """Fail unless all processes of this test are gone, or go within a moment."""
        _, alive = psutil.wait_procs(self.family(), timeout=15)
        assert not alive, [process.cmdline() for process in alive if process.is_running()]

    def write(self, name: str, document: object) -> Path:
        """A file in the test's folder; text as it is, anything else as JSON."""
        path = self.folder / name
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
        return path

    def close(self) -> None:
        """End what a test has left running."""
        for command in self._started:
            command.kill()
        for process in self.family():
            process.kill()

    def _start(
        self,
        script: str,
        arguments: tuple[object, ...],
        variables: dict[str, str],
        *,
        typing: bool,
    ) -> Command:
        path = str(Path(sys.executable).with_name(script))
        words = [path, *(str(argument) for argument in arguments)]
        command = Command(words, self.environment | variables, self.folder, typing=typing)
        self.adopt(command)
        return command

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            marked = process.environ().get("REGIONS_HOME") == str(self.home)
            return marked or Path(process.cwd()).is_relative_to(self.home)
        except psutil.Error:
            return False


def _is_ours(name: str) -> bool:
    return name.startswith(("REGIONS_", "XDG_CONFIG", "COLUMNS", "FORCE_COLOR", "PYTEST_"))


class Gate:
    """Holds a model's answers back until it is opened; ``reached`` is set by the first request."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any]) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._answer = answer

    def __call__(self, request: dict[str, Any]) -> Any:
        """Answer once the gate is open."""
        self.reached.set()
        self.opened.wait(TIMEOUT)
        return self._answer(request)

    def wait_reached(self) -> None:
        """Return once somebody waits for an answer."""
        assert self.reached.wait(TIMEOUT), "nobody has asked the model"


def comparable(trace: str) -> list[dict[str, Any]]:
    """A trace's records by id, without what two equal runs may differ in."""
    records = [json.loads(line) for line in trace.splitlines()]
    timeless = [{k: v for k, v in r.items() if k not in {"at", "seq"}} for r in records]
    return sorted(timeless, key=lambda record: str(record["id"]))


def plan_of(*methods: str, **parts: object) -> dict[str, object]:
    """A plan in which Solo, a region with a model, runs ``methods``, each in a layer."""
    solo = {"name": "Solo", "type": "Region", "task": "Answer.", "connections": {}}
    layers = {
        "layer_config": [{"chain0": ["Solo"]} for _ in methods],
        "execution_config": [[["Solo", method]] for method in methods],
    }
    return {"version": 1, "regions": [solo], **layers, **parts}
