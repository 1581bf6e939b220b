"""What a worker serves to all machines: its models, from a server or a file, and its stores."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from regions_dist.embedded.gguf import GgufServer
from regions_dist.embedded.processes import Household
from regions_dist.errors import BadInput, RegionsError
from regions_dist.machine import endpoint_of
from regions_dist.runtime.ending import end
from regions_dist.transport.calls.host import CallHost
from regions_dist.transport.calls.served import embedding_handler, llm_handler, rag_handler

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from contextlib import AsyncExitStack
    from typing import Any

    from regions_dist.config import ServerSettings, Settings
    from regions_dist.machine import Machine, SharedMachine
    from regions_dist.ports import Offer
    from regions_dist.transport.calls.host import Handler
    from regions_dist.transport.patience import Patience
    from regions_dist.transport.registry import Heartbeat

__all__ = ["Offering", "has_files", "with_files_served"]

log = logging.getLogger(__name__)

_AT_A_TIME: Final = 16
"""Calls to a store, or to the embedded embedder, which have no slots."""
_LOOK_EVERY: Final = 5.0


def has_files(settings: Settings, offers: tuple[Offer, ...]) -> bool:
    """Whether any of these is a model that the config gives as a file."""
    return bool(_files(settings, offers))


async def with_files_served(
    settings: Settings, offers: tuple[Offer, ...], stack: AsyncExitStack
) -> Settings:
    """The settings with a server in place of each model's file that is offered.

    The servers are children of this process, kept up until ``stack`` is closed. Raises Unavailable
    for a file that cannot be loaded.
    """
    household = Household()
    stack.callback(household.stop)
    changes: dict[str, dict[str, Any]] = {
        "llm": dict(settings.llm),
        "embedding": dict(settings.embedding),
    }
    for offer, spec in _files(settings, offers).items():
        name = f"{offer.kind}-{offer.name}"
        log.info("loading %s", spec.gguf)
        log_file = settings.home / "logs" / f"{name}.log"
        server = GgufServer(household, spec, name=name, log=log_file)
        changes[offer.kind][offer.name] = await server.up()
        keeping = asyncio.create_task(server.keep_up(log.warning))
        stack.push_async_callback(end, [keeping])
    return settings.model_copy(update=changes)


def _files(settings: Settings, offers: tuple[Offer, ...]) -> dict[Offer, ServerSettings]:
    specs = {offer: _spec(settings, offer) for offer in offers}
    return {offer: spec for offer, spec in specs.items() if spec and spec.gguf}


def _spec(settings: Settings, offer: Offer) -> ServerSettings | None:
    if offer.kind == "llm":
        return settings.llm.get(offer.name)
    return settings.embedding.get(offer.name) if offer.kind == "embedding" else None


class Offering:
    """Serves these resources of ``machine`` to all.

    Raises BadInput for one that the machine does not have.
    """

    def __init__(
        self,
        offers: tuple[Offer, ...],
        machine: Machine,
        shared: SharedMachine,
        url: str,
        heart: Heartbeat,
        patience: Patience,
    ) -> None:
        self._machine = machine
        self._shared = shared
        self._url = url
        self._heart = heart
        self._patience = patience
        self._hosts: list[CallHost] = []
        self._offers = {(offer.kind, offer.name): self._full(offer) for offer in offers}
        heart.resources = self.listed

    def listed(self) -> tuple[Offer, ...]:
        """The offers as they stand; called from the heartbeat's thread."""
        return tuple(self._offers.values())

    async def duties(self) -> list[Coroutine[Any, Any, None]]:
        """What is to be run until this worker leaves; ``drain`` is to follow then."""
        for offer in self.listed():
            handler = await self._handler(offer)
            self._hosts.append(
                CallHost(
                    self._url,
                    offer,
                    handler,
                    self._heart,
                    self._patience,
                    at_a_time=offer.slots or _AT_A_TIME,
                    lease=self._machine.settings.lease,
                )
            )
        looks = [self._look_after(offer) for offer in self.listed()]
        return [*(host.run() for host in self._hosts), *looks]

    async def drain(self) -> None:
        """Finish the calls that are under way."""
        await asyncio.gather(*(host.drain() for host in self._hosts))

    async def close(self) -> None:
        """Close the connections."""
        for host in self._hosts:
            await host.close()

    def _full(self, offer: Offer) -> Offer:
        """The offer with what the config tells of it. Raises BadInput where it has none."""
        settings = self._machine.settings
        has: dict[str, Mapping[str, object]] = {
            "llm": settings.llm,
            "embedding": settings.embedding,
            "rag": settings.rag,
        }
        if offer.name not in has[offer.kind] and (offer.kind == "llm" or offer.name != "default"):
            needed = "path" if offer.kind == "rag" else "url"
            raise BadInput(
                f"--{offer.kind} {offer.name}: this machine has none of that name; add "
                f"[{offer.kind}.{offer.name}] with its {needed} to its config",
                where=offer.name,
            )
        spec = _spec(settings, offer)
        if spec is None or spec.url is None:
            return offer
        slots, endpoint = spec.slots, endpoint_of(spec.url)
        return replace(offer, slots=slots, endpoint=endpoint, model=spec.model or "")

    async def _handler(self, offer: Offer) -> Handler:
        name = offer.name
        if offer.kind == "llm":
            return llm_handler(lambda turn: self._shared.own_llm(name, turn))
        if offer.kind == "embedding":
            return embedding_handler(lambda turn: self._shared.own_embedder(name, turn))
        return rag_handler(await self._shared.store(name))

    async def _look_after(self, offer: Offer) -> None:
        """Keep what is told of an offer up to date."""
        key = (offer.kind, offer.name)
        while True:
            try:
                self._offers[key] = await self._seen(self._offers[key])
            except RegionsError as error:
                log.info("%s %s: %s", *key, error.message)
                self._offers[key] = replace(self._offers[key], health="error")
            await asyncio.sleep(_LOOK_EVERY)

    async def _seen(self, offer: Offer) -> Offer:
        if offer.kind == "llm":
            llm = self._machine.metered(offer.name)
            _, health = await llm.link.health()
            offer = replace(offer, health=health, rate=llm.rate)
            return replace(offer, model=await llm.link.model()) if health == "ok" else offer
        if offer.kind == "embedding":
            return replace(offer, health="ok", model=self._machine.embedder(offer.name).model)
        await (await self._shared.store(offer.name)).get_stats()
        return replace(offer, health="ok")
