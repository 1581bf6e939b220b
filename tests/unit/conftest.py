"""Links to stub models, closed after the test, that note their pauses instead of waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.resources.llm_link import LLMLink

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.stub_model import StubModel


class Pauses(list[float]):
    """Notes each pause instead of waiting."""

    async def __call__(self, seconds: float) -> None:
        """Wait no time at all."""
        self.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    """The pauses that a link would have made."""
    return Pauses()


@pytest.fixture
async def connect(pauses: Pauses) -> AsyncIterator[Callable[..., LLMLink]]:
    """Makes a link to a stub, or to a URL, with settings."""
    links: list[LLMLink] = []

    def make(stub: StubModel | str, **settings: Any) -> LLMLink:
        url = stub if isinstance(stub, str) else stub.url
        links.append(LLMLink(url, **settings, wait=pauses))
        return links[-1]

    yield make
    for link in links:
        await link.aclose()
