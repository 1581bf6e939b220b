"""Models that another machine serves: asked over jobs of arq, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import pickle
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from regions_dist.transport import keys
from regions_dist.transport.calls.wire import unpack
from regions_dist.transport.connection import ANSWER_WITHIN
from tests.cluster import LEASE, PATIENCE, Stage, outside, plan_of, region
from tests.machines import HeldModel, Machines
from tests.stub_model import StubModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.killable_broker import KillableBroker

SOLO = region("Solo", kind="Region")
ONE_STEP = {"one": ("Solo",)}
QUEUE = keys.queue_of("llm", "default")


@pytest.fixture
async def stage(broker_url: str) -> AsyncIterator[Stage]:
    async with Stage(broker_url) as stage:
        yield stage


@pytest.fixture
def machines(stage: Stage, tmp_path: Path) -> Machines:
    return Machines(stage, tmp_path)


@pytest.fixture
def stub() -> Iterator[StubModel]:
    with StubModel(lambda _: "because") as stub:
        yield stub


def at(stub: StubModel, slots: int = 1) -> str:
    return f'url = "{stub.url}"\nslots = {slots}'


async def asked(stage: Stage) -> None:
    """Open a run in which Solo has a question to answer."""
    await stage.open(plan_of([SOLO], ONE_STEP), outside("Solo", "Why?", "terminal"))


async def there(stage: Stage, key: str) -> None:
    """Return once the broker has this key."""
    async with asyncio.timeout(PATIENCE):
        while not await stage.redis.exists(key):
            pass


async def steps(stage: Stage) -> list[dict[str, str]]:
    """What the run's watchers were told of steps."""
    entries = await stage.redis.xrange(keys.of_run("r", "events"))
    return [fields for _, fields in entries if fields["type"] == "step"]


async def test_a_region_asks_the_model_of_another_machine(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    assert (await stage.succeeded()).answers == (("Solo", "because"),)
    assert len(stub.chats) == 1


async def test_the_machine_of_a_region_is_asked_first(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    with StubModel(lambda _: "mine") as own:
        await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
        await machines.worker("cpu", "--region", "Solo", llm_default=at(own))
        await asked(stage)
        assert (await stage.succeeded()).answers == (("Solo", "mine"),)
    assert stub.chats == []


async def test_a_models_error_is_the_steps_with_its_code_and_message(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = lambda _: 418
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    failed = await stage.event(type="run", status="failed")
    assert failed.fields["code"] == "model-unavailable"
    assert "418" in failed.fields["message"]


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


async def post_raw(stage: Stage, job: str, payload: bytes) -> None:
    """Put a call into the queue by hand."""
    await stage.redis.set(keys.of_job(job, "job"), payload)
    await stage.redis.zadd(QUEUE, {job: 1})


async def test_a_call_that_is_a_pickle_is_refused_and_nothing_of_it_runs(
    stage: Stage, machines: Machines, stub: StubModel, tmp_path: Path
) -> None:
    host = await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    trap = tmp_path / "sprung"
    call = {"t": 1, "f": "call", "a": ("chat", Bomb(trap)), "k": {}, "et": 1}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        await post_raw(stage, f"poison-{protocol}", pickle.dumps(call, protocol))
        await host.logged(f"call poison-{protocol} is refused")
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    assert (await stage.succeeded()).answers == (("Solo", "because"),)
    raw = await stage.redis.execute_command(
        "GET", keys.of_job("poison-0", "result"), NEVER_DECODE=True
    )
    assert unpack(raw)["s"] is False
    assert not trap.exists()


@pytest.mark.parametrize(
    ("job", "payload"),
    [
        (b"odd", b"\x01"),
        (b"\xff", b"\x01"),
        (b"list", b"\x90"),
        (b"shapes", b"\x85\xa1f\x90\xa1a\x90\xa1k\x80\xa1t\xc0\xa1et\x01"),
    ],
    ids=["no-map", "name-no-text", "a-list", "function-is-a-list"],
)
async def test_a_call_that_cannot_be_read_stops_nothing(
    stage: Stage, machines: Machines, stub: StubModel, job: bytes, payload: bytes
) -> None:
    await stage.redis.set(b"arq:job:" + job, payload)
    await stage.redis.zadd(QUEUE, {job: 1})
    await stage.redis.rpush(keys.of_job("of-another-kind", "job"), "x")
    await stage.redis.zadd(QUEUE, {"of-another-kind": 2})
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    assert (await stage.succeeded()).answers == (("Solo", "because"),)
    assert await stage.redis.zcard(QUEUE) == 0


async def test_an_answer_that_is_a_pickle_is_refused(
    stage: Stage, machines: Machines, tmp_path: Path
) -> None:
    trap = tmp_path / "sprung"
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await stage.event(type="step", status="waiting")
    ((job, _),) = await stage.redis.zrange(QUEUE, 0, -1, withscores=True)
    await stage.redis.set(keys.of_job(job, "result"), pickle.dumps(Bomb(trap)))
    failed = await stage.event(type="run", status="failed")
    assert "refused" in failed.fields["message"]
    assert not trap.exists()


async def test_a_call_whose_lease_ran_out_is_not_started_again_by_the_host_that_is_at_it(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    """As while the broker is away, or the host gets no time to beat."""
    stub.script = held = HeldModel()
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub, slots=2))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    ((job, _),) = await stage.redis.zrange(QUEUE, 0, -1, withscores=True)
    lease = keys.of_job(job, "in-progress")
    await stage.redis.delete(lease)
    await there(stage, lease)
    held.let_on(2)
    await stage.succeeded()
    assert len(stub.chats) == 1


async def test_a_host_that_heard_nothing_when_it_took_a_call_takes_calls_again(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub, slots=1))
    await there(stage, f"{QUEUE}:health-check")  # arq writes it after its first look for calls
    async with stage.redis.pipeline(transaction=False) as at_once:
        at_once.set(keys.of_job("first", "job"), b"\x01")
        at_once.zadd(QUEUE, {"first": 1})
        at_once.client_pause(int(1000 * (ANSWER_WITHIN + 2)), all=False)  # whoever writes waits
        await at_once.execute()
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    assert (await stage.succeeded()).answers == (("Solo", "because"),)


@pytest.mark.alone
async def test_a_host_killed_in_mid_call_is_replaced_by_another(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    first = await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    with StubModel(lambda _: "from the other") as other:
        await machines.worker("gpu2", "--llm", "default", llm_default=at(other))
        await first.killed()
        before = (await stage.redis.time())[0]
        assert (await stage.succeeded()).answers == (("Solo", "from the other"),)
        took = (await stage.redis.time())[0] - before
    held.let_on()
    assert took <= 2 * LEASE + 5
    told = [fields["status"] for fields in await steps(stage)]
    assert told == ["queued", "running", "done"]


async def test_a_call_waits_for_the_host_that_is_away_and_goes_on_when_it_is_back(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    first = await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    await first.killed()
    waits = await stage.event(type="step", status="waiting")
    assert waits.fields["message"] == (
        "waiting for the model 'default': no machine serves it; start regions-worker --llm default"
    )
    stub.script = lambda _: "because"
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    assert (await stage.succeeded()).answers == (("Solo", "because"),)
    held.let_on()
    assert [fields["status"] for fields in await steps(stage)].count("running") == 1


async def test_told_to_leave_a_host_finishes_the_call_that_is_under_way(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    host = await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    host.signal(signal.SIGTERM)
    await host.logged("draining: 1 step running")
    held.let_on()
    await stage.succeeded()
    assert await host.ended() == 0
    assert len(stub.chats) == 1


async def test_told_to_leave_a_host_hands_back_what_it_cannot_finish(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    host = await machines.worker("gpu", "--llm", "default", "--grace", "0.5", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    host.signal(signal.SIGTERM)
    assert await host.ended() == 0
    (job,) = await stage.redis.zrange(QUEUE, 0, -1)
    assert not await stage.redis.exists(keys.of_job(job, "in-progress"))
    stub.script = lambda _: "because"
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    assert (await stage.succeeded()).answers == (("Solo", "because"),)
    held.let_on()


async def test_a_step_whose_worker_dies_gets_the_answer_of_the_call_that_was_under_way(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    first = await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    await first.killed()
    await machines.worker("cpu2", "--region", "Solo")
    held.let_on()
    await stage.succeeded()
    assert len(stub.chats) == 1


async def test_nothing_of_a_call_is_left_when_its_step_has_committed(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    worker = await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await stage.succeeded()
    worker.signal(signal.SIGTERM)
    assert await worker.ended() == 0
    left = [name async for name in stage.redis.scan_iter("*r/0000*")]
    assert left == []


async def test_a_cancelled_step_abandons_its_call_and_the_host_ends_it(
    stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    host = await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    await stage.store.steer("r", "cancel")
    await host.logged("is ended: nobody waits for it any more")
    assert await stage.redis.zcard(QUEUE) == 0
    held.let_on()


async def test_a_call_outlasts_a_broker_that_is_away_while_it_is_answered(
    broker: KillableBroker, stage: Stage, machines: Machines, stub: StubModel
) -> None:
    stub.script = held = HeldModel()
    await machines.worker("gpu", "--llm", "default", llm_default=at(stub))
    worker = await machines.worker("cpu", "--region", "Solo")
    await asked(stage)
    await held.asked()
    broker.kill()
    await worker.logged("waiting for it")
    held.let_on(2)  # it may be asked once more: the lease of the call has ended meanwhile
    broker.restart()
    assert len((await stage.succeeded()).answers) == 1
