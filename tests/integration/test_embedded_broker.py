"""The embedded broker and the processes beside it: what is kept, and that all of it ends."""

from __future__ import annotations

import importlib.metadata
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
import redis

from regions_dist.embedded import broker as broker_module
from regions_dist.embedded.broker import Broker, running
from regions_dist.embedded.processes import Child, Household
from regions_dist.errors import BrokerUnavailable, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.killable_broker import KillableBroker

TARGETS = """
import threading

def stay(*, ready):
    import httpx, numpy, pydantic, redis.asyncio
    ready({"httpx": httpx.__version__})
    threading.Event().wait()
"""
COMMAND = """
import sys, threading, time
from pathlib import Path
from regions_dist.embedded.broker import Broker
from regions_dist.embedded.processes import Household
from targets import stay

folder, workers = Path(sys.argv[1]), int(sys.argv[2])
begin = time.monotonic()
Broker(folder / "broker").start()
household = Household()
for number in range(workers):
    household.start(stay, name=f"worker {number}", log=folder / f"{number}.log")
household.wait_ready(30)
print(time.monotonic() - begin, flush=True)
threading.Event().wait()
"""
"""A command without a guard for __main__: a child that imported it again would start its own."""


@pytest.fixture
def household() -> Iterator[Household]:
    with Household() as household:
        yield household


@pytest.fixture
def command(tmp_path: Path) -> Callable[[int], subprocess.Popen[str]]:
    """Starts, in a process of its own, a command with a broker and so many workers."""
    (tmp_path / "targets.py").write_text(TARGETS)
    (tmp_path / "command.py").write_text(COMMAND)
    root = str(Path(__file__).parents[2])

    def start(workers: int) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "command.py", str(tmp_path), str(workers)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": root},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def connect(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def test_it_is_safe_by_its_settings(broker_url: str) -> None:
    with connect(broker_url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("appendfsync") == {"appendfsync": "everysec"}


def test_only_its_user_reaches_it_and_nothing_listens(broker: KillableBroker) -> None:
    path = Path(broker.url.partition("@")[2].partition("?")[0])
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (broker.folder / "broker.json").stat().st_mode & 0o777 == 0o600
    assert psutil.Process(broker.pid).net_connections("inet") == []
    with (
        redis.Redis(unix_socket_path=str(path)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_each_test_gets_an_empty_one(broker_url: str) -> None:
    with connect(broker_url) as client:
        assert client.dbsize() == 0


def test_killed_and_restarted_it_keeps_its_data_and_address(broker: KillableBroker) -> None:
    with connect(broker.url) as client:
        for number in range(100):
            client.xadd("stream", {"number": number})
    broker.kill()
    broker.restart()
    with connect(broker.url) as client:
        assert [int(e[1]["number"]) for e in client.xrange("stream")] == list(range(100))


def test_stopped_its_data_can_be_opened_again(tmp_path: Path) -> None:
    with Broker(tmp_path) as first:
        with connect(running(tmp_path) or "") as client:
            client.set("kept", "yes")
        first.stop()
        assert running(tmp_path) is None
    with Broker(tmp_path), connect(running(tmp_path) or "") as client:
        assert client.get("kept") == "yes"


def test_a_second_command_is_refused_and_can_find_the_first(broker: KillableBroker) -> None:
    assert running(broker.folder) == broker.url
    with pytest.raises(BrokerUnavailable, match=f"is open already, .* {os.getpid()};"):
        Broker(broker.folder).start()
    assert running(broker.folder) == broker.url


def test_a_broker_that_is_there_to_look_at_the_data_does_not_serve_a_run(tmp_path: Path) -> None:
    with Broker(tmp_path, serving=False):
        assert running(tmp_path)
        assert running(tmp_path, serving=True) is None
    with Broker(tmp_path):
        assert running(tmp_path, serving=True)


def test_the_server_itself_holds_the_lock_on_its_data(
    broker: KillableBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "_LOCK_TIMEOUT", 0.0)
    with pytest.raises(BrokerUnavailable, match="is open already, by another command"):
        broker_module._lock(broker.folder / "lock")
    broker.kill()
    os.close(_lock_freed_by_the_keeper(broker))


def _lock_freed_by_the_keeper(broker: KillableBroker) -> int:
    broker.keeper.wait(10)
    return broker_module._lock(broker.folder / "lock")


def test_data_it_cannot_read_is_named_with_what_the_server_said(tmp_path: Path) -> None:
    with Broker(tmp_path):
        pass
    for part in (tmp_path / "appendonlydir").glob("*.base.rdb"):
        part.write_bytes(b"not a base at all")
    with pytest.raises(BrokerUnavailable, match=r"(?s)exit code 1.*broker.log.*ended with"):
        Broker(tmp_path).start()


def test_without_a_server_for_the_platform_the_error_names_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> list[Any]:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "files", missing)
    with pytest.raises(BrokerUnavailable, match=r"WSL.*Docker.*--redis"):
        Broker(tmp_path).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can bind a server to its keeper")
def test_a_killed_keeper_takes_the_server_with_it(broker: KillableBroker) -> None:
    server = psutil.Process(broker.pid)
    keeper = server.parent()
    assert keeper is not None
    keeper.kill()
    assert psutil.wait_procs([server], timeout=10)[1] == []


def test_killed_the_parent_leaves_no_process(
    command: Callable[[int], subprocess.Popen[str]], tmp_path: Path
) -> None:
    with command(3) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        family = psutil.Process(parent.pid).children(recursive=True)
        assert "valkey-server" in {member.name() for member in family}
        note = json.loads((tmp_path / "broker" / "broker.json").read_text())
        parent.kill()
        assert psutil.wait_procs(family, timeout=10)[1] == []
    private = Path(note["url"].partition("@")[2]).parent
    assert not private.exists()
    assert running(tmp_path / "broker") is None


def test_killed_the_parent_leaves_data_that_opens_at_once(
    command: Callable[[int], subprocess.Popen[str]], tmp_path: Path
) -> None:
    with command(0) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        with connect(running(tmp_path / "broker") or "") as client:
            client.set("kept", "yes")
        parent.kill()
    with Broker(tmp_path / "broker") as again, connect(running(again.folder) or "") as client:
        assert client.get("kept") == "yes"


@pytest.mark.alone
def test_thirteen_workers_and_a_broker_are_up_within_four_seconds(
    command: Callable[[int], subprocess.Popen[str]],
) -> None:
    with command(13) as parent:
        assert parent.stdout is not None
        seconds = float(parent.stdout.readline())
        parent.kill()
    assert seconds < 4.0


def report(*, ready: Callable[[dict[str, object]], None]) -> None:
    ready({"pid": os.getpid(), "home": os.environ.get("REGIONS_HOME")})
    signal.pause()


def fail(**_: object) -> None:
    raise Unavailable("the cupboard is bare")


def hang(**_: object) -> None:
    print("waiting for a train", flush=True)  # noqa: T201 what a log shows
    signal.pause()


def refuse_to_end(*, ready: Callable[[dict[str, object]], None]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    ready({"pid": os.getpid()})
    while True:
        signal.pause()


def test_a_child_reports_and_has_its_parents_environment(
    household: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGIONS_HOME", str(tmp_path))
    child = household.start(report, name="child", log=tmp_path / "log")
    assert household.wait_ready(10) == {"child": {"pid": child.pid, "home": str(tmp_path)}}
    assert household.dead() == []


def test_a_child_that_ends_early_is_named_with_its_logs_last_lines(
    household: Household, tmp_path: Path
) -> None:
    household.start(report, name="well", log=tmp_path / "well.log")
    household.start(fail, name="unwell", log=tmp_path / "unwell.log")
    with pytest.raises(Unavailable, match=r"(?s)'unwell' ended .*unwell.log.*cupboard is bare$"):
        household.wait_ready(10)
    assert household.dead() == [("unwell", 1)]
    assert "Traceback" not in (tmp_path / "unwell.log").read_text()


def test_a_child_that_is_late_is_named_with_its_logs_last_lines(
    household: Household, tmp_path: Path
) -> None:
    log = tmp_path / "late.log"
    household.start(hang, name="late", log=log)
    while not log.exists() or "train" not in log.read_text():
        time.sleep(0.01)
    with pytest.raises(Unavailable, match=r"(?s)'late' is not up after 1 s.*for a train"):
        household.wait_ready(1)


def test_a_child_that_ended_before_the_news_of_it_came_can_be_sent_a_signal() -> None:
    process = multiprocessing.get_context("forkserver").Process(target=os.getpid)
    process.start()
    process.join()
    news, holds_the_news_back = multiprocessing.Pipe(duplex=False)
    with news, holds_the_news_back:
        child = Child("child", process, news, None)
        child.signal(signal.SIGTERM)
        assert child.code is None


def test_ctrl_c_does_not_reach_a_child(household: Household, tmp_path: Path) -> None:
    child = household.start(report, name="child", log=tmp_path / "log")
    household.wait_ready(10)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGINT)
    os.kill(child.pid, signal.SIGTERM)
    child.wait(10)
    assert household.dead() == [("child", -signal.SIGTERM)]


def test_stop_ends_also_what_refuses_and_can_be_repeated(tmp_path: Path) -> None:
    household = Household()
    for name in ("one", "two"):
        household.start(refuse_to_end, name=name, log=tmp_path / name)
    pids = [found["pid"] for found in household.wait_ready(10).values()]
    household.stop(grace=0.1)
    household.stop()
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    assert household.dead() == []
