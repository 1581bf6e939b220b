"""The scripts on a stand-in for the broker, whose clock is ours, and all that it holds."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import fakeredis
from redis.exceptions import ResponseError

from regions_dist.transport import keys
from regions_dist.transport.run_record import RunRecord
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LOGS", "ROOT", "Broker", "Entry", "Snapshot"]

ROOT: Final = keys.of_run("r", "")
_CLOCKS: Final = ("fakeredis.commands_mixins.server_mixin.time", "fakeredis.model._stream.time")
_SERVER: Final = fakeredis.FakeServer()
"""One for all: to start its Lua takes as long as ten scripts."""

LOGS: Final = ("events", "trace", "dead", "answers")
"""Streams to which is only added."""

Entry = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class Snapshot:
    """All that the broker holds, in one moment."""

    hashes: Mapping[str, dict[str, str]]
    streams: Mapping[str, list[Entry]]
    due: Mapping[str, float]
    names: frozenset[str]
    now: float = field(compare=False)
    """Microseconds."""

    @property
    def record(self) -> RunRecord:
        """The run as our own reader sees it."""
        return RunRecord("r", {name: self.hash(name) for name in ("run", "bodies")}, self.streams)

    @property
    def status(self) -> str:
        """The run's status, "" where there is no run."""
        return self.hash("run").get("status", "")

    @property
    def place(self) -> int:
        """Which place of the execution order the run is at; -1 before the first one."""
        return int(self.hash("run").get("place", -1))

    def hash(self, name: str) -> dict[str, str]:
        """A hash of the run."""
        return self.hashes.get(name, {})

    def stream(self, name: str) -> list[Entry]:
        """A stream of the run."""
        return self.streams.get(name, [])

    def count(self, name: str) -> int:
        """A counter of the barrier."""
        return int(self.hash("barrier").get(name, 0))

    def content(self, fields: Mapping[str, str]) -> str:
        """What a message says, wherever that is kept."""
        body = fields.get("body")
        return self.hash("bodies")[body] if body else fields["content"]


class Broker:
    """One run called ``r``. The clock stands still unless a test moves it: ids of entries collide
    across streams, as they can on a fast machine."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self._redis: Any = fakeredis.FakeRedis(server=_SERVER, decode_responses=True)
        self._redis.flushall()
        self._patches = ExitStack()
        for clock in _CLOCKS:
            self._patches.enter_context(patch(clock, self))
        self._scripts = {name: self._redis.register_script(source(name)) for name in _SCRIPTS}
        self._kinds: dict[str, str] = {}
        self._logs: dict[str, list[Entry]] = {}

    def time(self) -> float:
        """Seconds since 1970, as the broker's commands ask for it."""
        return self.now

    def close(self) -> None:
        """Give fakeredis its clock back."""
        self._patches.close()

    def call(self, script: str, *arguments: str) -> Any:
        """Run a script on the run."""
        return self._scripts[script](keys=[ROOT + "run"], args=arguments)

    def put(self, stream: str, fields: Mapping[str, str], entry: str) -> str:
        """Put an entry into a stream by hand, with this id where it comes after the last one."""
        try:
            return str(self._redis.xadd(ROOT + stream, dict(fields), id=entry))
        except ResponseError:
            return str(self._redis.xadd(ROOT + stream, dict(fields)))

    def snapshot(self) -> Snapshot:
        """All that it holds."""
        names = self._redis.keys()
        for name in names:
            if name not in self._kinds:
                self._kinds[name] = self._redis.type(name)
        with self._redis.pipeline(transaction=False) as pipe:
            for name in names:
                self._ask(pipe, name)
            found = dict(zip(names, pipe.execute(), strict=True))
        held: dict[str, dict[str, Any]] = {"hash": {}, "stream": {}, "zset": {}}
        for name, value in found.items():
            held[self._kinds[name]][name.removeprefix(ROOT)] = value
        for name in LOGS:
            if ROOT + name in found:
                held["stream"][name] = self._log(name, found[ROOT + name])
        due = dict(held["zset"].get("retry", ()))
        return Snapshot(held["hash"], held["stream"], due, frozenset(names), self.now * 1e6)

    def _ask(self, pipe: Any, name: str) -> None:
        known = self._logs.get(name.removeprefix(ROOT))
        if self._kinds[name] == "hash":
            pipe.hgetall(name)
        elif self._kinds[name] == "stream":
            pipe.xrange(name, f"({known[-1][0]}" if known else "-")
        else:
            pipe.zrange(name, 0, -1, withscores=True)

    def _log(self, name: str, new: list[Entry]) -> list[Entry]:
        """A stream that only grows: what is new of it was read, and nothing of it may be gone."""
        self._logs[name] = [*self._logs.get(name, []), *new]
        assert self._redis.xlen(ROOT + name) == len(self._logs[name]), f"{name} has lost entries"
        return self._logs[name]


_SCRIPTS: Final = (
    *("answer", "claim", "commit", "fail", "inject", "note", "open", "redeliver"),
    *("refuse", "release", "renew", "route", "steer"),
)
