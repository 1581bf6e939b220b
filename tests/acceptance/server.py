"""A ``regions-coordinator serve`` of a test's own, and what is asked of it over real HTTP."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from tests.acceptance.shell import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.shell import Command, Ended, Shell

__all__ = ["Server", "Told", "serving"]

FINAL = {"succeeded", "failed", "cancelled", "timed_out"}


@dataclass(frozen=True)
class Told:
    """An event as it came: its id in the stream, and its object."""

    id: str
    event: dict[str, Any]

    @property
    def is_last(self) -> bool:
        """Whether the run has ended with it."""
        return self.event["type"] == "run" and self.event["status"] in FINAL


class Server:
    """The server behind ``command``, once it has said where it is."""

    def __init__(self, command: Command, **headers: str) -> None:
        self.command = command
        self.url = command.first_line()
        self.http = httpx.Client(
            base_url=self.url, headers=headers, timeout=TIMEOUT, trust_env=False
        )

    def get(self, path: str, **query: object) -> Any:
        """What a GET of ``/api/…`` answers; it must be well."""
        answer = self.http.get(f"/api/{path}", params={k: str(v) for k, v in query.items()})
        assert answer.is_success, answer.text
        return answer.json()

    def post(self, path: str, **fields: object) -> Any:
        """What a POST of these fields answers; it must be well."""
        answer = self.http.post(f"/api/{path}", json=fields)
        assert answer.is_success, answer.text
        return answer.json()

    def refused(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status and code of an answer that says no, in the one form of such answers."""
        answer = self.http.request(method, path, **options)
        error = answer.json()["error"]
        assert {"code", "message", "where"} <= error.keys()
        return answer.status_code, error["code"]

    def events(self, run: str, after: str = "") -> Iterator[Told]:
        """The run's events as they come, until the server closes the stream."""
        headers = {"last-event-id": after} if after else {}
        with self.http.stream("GET", f"/api/runs/{run}/events", headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream"), answer.read()
            entry = ""
            for line in answer.iter_lines():
                name, _, text = line.partition(": ")
                if name == "id":
                    entry = text
                elif name == "data":
                    told = Told(entry, json.loads(text))
                    if told.event["type"] != "notice":
                        yield told
                    entry = ""

    def until(self, run: str, **wanted: object) -> Told:
        """The first event with these fields."""
        for told in self.events(run):
            if wanted.items() <= told.event.items():
                return told
        raise AssertionError(f"run {run} ended without {wanted}")

    def end(self) -> Ended:
        """Ctrl-C, and wait until it is gone."""
        self.http.close()
        self.command.tell(signal.SIGINT)
        return self.command.end()


@contextmanager
def serving(shell: Shell, *arguments: object, **headers: str) -> Iterator[Server]:
    """A server on a free port, that ends by Ctrl-C."""
    server = Server(shell.start("regions-coordinator", "serve", "--port", 0, *arguments), **headers)
    try:
        yield server
    finally:
        ended = server.end()
    assert ended.code == 130, ended.err
