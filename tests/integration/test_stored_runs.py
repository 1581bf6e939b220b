"""An embedded run read just while its command, and with that its broker, ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist.config import Settings
from regions_dist.embedded.broker import running
from regions_dist.runs.local import run_folder
from regions_dist.runs.stored_runs import read_run, standing_of
from regions_dist.transport.run_store import RedisRunStore
from tests.cluster import Stage, outside, plan_of, region
from tests.killable_broker import KillableBroker

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from regions_dist.domain.plan import Plan
    from regions_dist.transport.run_record import RunRecord

PLAN: Plan = plan_of([region("A")], {"one": ("A",)})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture(params=["found", "checked", "read"])
async def ending(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[KillableBroker]:
    """The broker of run r, which stops right after what the parameter says."""
    broker = KillableBroker(run_folder(settings.home, "r") / "broker")
    check, standing = RedisRunStore.check, RedisRunStore.standing

    def found(folder: Path, *, serving: bool = False) -> str | None:
        url = running(folder, serving=serving)
        if url and not serving:
            broker.stop()
        return url

    async def checked(store: RedisRunStore) -> None:
        await check(store)
        broker.stop()

    async def read(store: RedisRunStore, run: str) -> RunRecord:
        record = await standing(store, run)
        broker.stop()
        return record

    async with Stage(broker.url) as stage:
        await stage.open(PLAN, outside("A", "Well?"))
    if request.param == "found":
        monkeypatch.setattr("regions_dist.runs.stored_runs.running", found)
    elif request.param == "checked":
        monkeypatch.setattr(RedisRunStore, "check", checked)
    else:
        monkeypatch.setattr(RedisRunStore, "standing", read)
    yield broker
    broker.stop()


@pytest.mark.usefixtures("ending")
async def test_all_of_it_is_read_from_what_the_broker_left(settings: Settings) -> None:
    record = await read_run(settings, "r")

    assert [message["content"] for message in record.trace()] == ["Well?"]


@pytest.mark.usefixtures("ending")
async def test_it_stands_as_it_was_left_and_nobody_works_on_it(settings: Settings) -> None:
    standing = await standing_of(settings, "r")

    assert (standing.record.status, standing.tended) == ("running", False)
