"""Slots of an endpoint: so many calls at a time, over all machines, first come first served."""

from __future__ import annotations

import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from regions_dist.transport import keys
from regions_dist.transport.connection import BLOCK_MS, connect
from regions_dist.transport.pulses import Act, Pulse
from regions_dist.transport.scripts import source

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from regions_dist.transport.patience import Patience
    from regions_dist.transport.registry import Heartbeat

__all__ = ["Slots"]

_LOOK_EVERY: Final = BLOCK_MS / 1000
"""Seconds after which who waits looks again: who died woke nobody."""


@dataclass(frozen=True)
class _Place:
    """One call's place at an endpoint."""

    endpoint: str
    slots: int
    token: str
    lease: int

    def pulse(self, *, held: bool) -> Pulse:
        root = (keys.of_endpoint(self.endpoint, "here"),)
        return Pulse(
            renew=Act("keep_slot", root, (self.token, self.lease, int(held))),
            release=Act("give_slot", root, (self.token, self.slots)),
        )


class Slots:
    """A leased semaphore for each endpoint. ``lease`` is in seconds; ``heart`` beats for it.

    Who dies, holding a slot or waiting for one, is out of it within a lease, or at once where
    somebody saw it die: ``incarnation`` begins its tokens.
    """

    def __init__(
        self,
        url: str,
        heart: Heartbeat,
        patience: Patience,
        *,
        lease: float,
        incarnation: str = "",
    ) -> None:
        self._incarnation = incarnation or secrets.token_hex(8)
        self._redis = connect(url)
        self._heart = heart
        self._patience = patience
        self._lease = int(lease * 1000)
        self._take = self._redis.register_script(source("take_slot"))
        self._give = self._redis.register_script(source("give_slot"))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    @asynccontextmanager
    async def taken(self, endpoint: str, slots: int, turn: int = 0) -> AsyncIterator[None]:
        """Hold one of the ``slots`` of ``endpoint``, once it is free; ``turn`` 0 comes last."""
        turn = turn or int(await self._patience.ask(partial(self._redis.incr, keys.TURNS)))
        token = f"{self._incarnation}.{secrets.token_hex(8)}"
        place = _Place(endpoint, slots, token, self._lease)
        known = partial(self._redis.hset, keys.ENDPOINTS, endpoint, slots)
        await self._patience.ask(known)
        waits, holds = place.pulse(held=False), place.pulse(held=True)
        try:
            self._heart.keep(waits)
            while not await self._try(place, turn):
                await self._woken(place)
            self._heart.leave(waits)
            self._heart.keep(holds)
            yield
        finally:
            self._heart.leave(waits)
            self._heart.leave(holds)
            await self._leave(place)

    async def _try(self, place: _Place, turn: int) -> bool:
        arguments = (place.token, place.lease, place.slots, turn)
        return bool(await self._ask(self._take, place, arguments))

    async def _leave(self, place: _Place) -> None:
        await self._ask(self._give, place, (place.token, place.slots))

    async def _woken(self, place: _Place) -> None:
        wake = keys.of_endpoint(place.endpoint, f"wake:{place.token}")
        within = min(_LOOK_EVERY, place.lease / 2000)
        await self._patience.ask(partial(self._redis.blpop, [wake], within))

    async def _ask(self, script: Any, place: _Place, arguments: tuple[str | int, ...]) -> Any:
        root = [keys.of_endpoint(place.endpoint, "here")]
        return await self._patience.ask(partial(script, keys=root, args=arguments))
