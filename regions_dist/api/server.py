"""The server's process: its address, its token, its beginning and its end."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import uvicorn

from regions_dist.api.app import application
from regions_dist.api.desk import Desk
from regions_dist.api.guard import Guard, is_loopback
from regions_dist.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from regions_dist.config import Settings

__all__ = ["DEFAULT_PORT", "Address", "serve", "served"]

DEFAULT_PORT: Final = 8765
_GRACE: Final = 5


@dataclass(frozen=True)
class Address:
    """Where to listen, and what to ask of who comes. ``port`` 0: any that is free.

    Raises BadInput for an address that others can reach, without a token.
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    token: str | None = None

    def __post_init__(self) -> None:
        if not self.token and not is_loopback(self.host):
            raise BadInput(
                f"--host {self.host}: whoever reaches that address could run plans here, so a "
                "token is required: set REGIONS_API_TOKEN, or give --token-file FILE",
                where="token",
            )

    def bind(self) -> socket.socket:
        """A socket that listens there. Raises BadInput where that cannot be."""
        try:
            return socket.create_server(
                (self.host, self.port), family=_family(self.host), backlog=128
            )
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise BadInput(
                f"cannot listen on {self.host}:{self.port}: {reason}; choose another: --port N "
                "(0: any that is free)",
                where="port",
            ) from None


async def serve(
    settings: Settings, address: Address, up: Callable[[str], None], imports: tuple[str, ...] = ()
) -> int:
    """Serve until SIGINT or SIGTERM; which it was. ``up`` is given the server's URL."""
    told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    with _signals(told):
        async with served(settings, address, imports) as server:
            up(server.url)
            return await told


@dataclass(frozen=True)
class Served:
    """A server that is up: where it is, and what it knows."""

    url: str
    desk: Desk


@asynccontextmanager
async def served(
    settings: Settings, address: Address, imports: tuple[str, ...] = (), *, tends: bool = True
) -> AsyncIterator[Served]:
    """Serve meanwhile. All runs that were begun here end, or are paused, with it."""
    listener = address.bind()
    desk = Desk(settings, Path.cwd(), imports)
    app = Guard(application(desk, tends=tends), address.token, loopback=is_loopback(address.host))
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )
    serving = asyncio.create_task(server.serve([listener]))
    try:
        await _started(server, serving)
        yield Served(_url(address.host, listener), desk)
    finally:
        desk.closing.set()
        server.should_exit = True
        await serving
        listener.close()


class _Server(uvicorn.Server):
    """A server that leaves signals to its process; ``up`` is set once it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def _started(server: _Server, serving: asyncio.Task[None]) -> None:
    up = asyncio.create_task(server.up.wait())
    await asyncio.wait([up, serving], return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    if serving.done():
        await serving


@contextmanager
def _signals(told: asyncio.Future[int]) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def tell(number: int) -> None:
        if not told.done():
            told.set_result(number)

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, tell, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


def _url(host: str, listener: socket.socket) -> str:
    shown = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104 it is only compared
    port = listener.getsockname()[1]
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
