"""A plan that places its region, and the machines that are and are not what it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.shell import plan_of

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

ASK = ("--ask", "Solo=Why?", "--run-id", "one")


def test_a_run_says_which_pool_it_waits_for_and_goes_on_when_a_worker_of_it_is_up(
    shell: Shell, elsewhere: Shell, stub: StubModel, broker_url: str
) -> None:
    stub.script = lambda _: "because"
    broker = ("--redis", broker_url)
    shell.worker("--region", "Solo", "--name", "cpu", *broker)
    plan = shell.write("plan.json", plan_of("make_replies", placement={"Solo": {"pool": "gpu"}}))
    run = shell.start("regions-coordinator", "run", plan, *ASK, *broker)
    run.wait_for("Solo is placed on a worker of pool gpu, and none is up: start regions-worker")
    (wait,) = shell.coordinator("status", "one", "--json", *broker).document["waits"]
    assert wait["waits_for"] == "a worker of pool gpu, and none is up"
    assert wait["todo"] == "regions-worker --pool gpu"

    chosen = ("--pool", "gpu", "--label", "ssd=yes", "--name", "gpu-box")
    elsewhere.worker(*chosen, *broker, REGIONS_LLM_URL=stub.url)

    ended = run.end()
    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    assert "Solo.make_replies running on gpu-box" in ended.err
    cpu, gpu = shell.coordinator("workers", "--json", *broker).document
    assert (cpu["pools"], cpu["labels"]) == ([], {})
    assert (gpu["name"], gpu["pools"], gpu["labels"]) == ("gpu-box", ["gpu"], {"ssd": "yes"})


def test_a_placement_that_nobody_fulfils_ends_the_run_and_spawn_starts_a_worker_for_it(
    shell: Shell, stub: StubModel, broker_url: str
) -> None:
    broker = ("--redis", broker_url)
    stub.script = lambda _: "because"
    placement = {"Solo": {"worker": "gpu-box"}}
    plan = shell.write("plan.json", plan_of("make_replies", placement=placement))
    ended = shell.coordinator("run", plan, *ASK, "--wait", "1", *broker)
    assert ended.code == 3
    assert "no worker for region 'Solo', which is placed on worker gpu-box" in ended.err
    assert "regions-worker --name gpu-box" in ended.err

    shell.worker("--region", "Solo", *broker)
    anew = (*("run", plan, "--ask", "Solo=Why?"), "--spawn", *broker)

    spawned = shell.coordinator(*anew)

    assert (spawned.code, spawned.out) == (0, "Solo: because\n"), spawned.err
    assert "running on gpu-box" in spawned.err


def test_an_embedded_run_starts_workers_that_are_what_its_plan_asks_for(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = lambda _: "because"
    placement = {"Solo": {"worker": "gpu-box", "pool": "gpu", "labels": {"ssd": "yes"}}}
    plan = shell.write("plan.json", plan_of("make_replies", placement=placement))

    ended = shell.coordinator("run", plan, *ASK)

    assert (ended.code, ended.out) == (0, "Solo: because\n"), ended.err
    assert "running on gpu-box" in ended.err


def test_a_label_that_is_no_pair_is_refused(shell: Shell) -> None:
    ended = shell.start("regions-worker", "--label", "gpu", "--redis", "redis://").end()

    assert ended.code == 2
    assert "--label gpu: expected KEY=VALUE" in ended.err
