"""An Executor in this process: contexts, layers, cancelling, and faults of the reference."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from regions_dist import (
    Addressograph,
    BadInput,
    BaseRegion,
    Execute,
    Executor,
    Injector,
    ModelUnavailable,
    Orchestrator,
    PlanRefused,
    Postmaster,
    Region,
    RegionRegistry,
    RunStopped,
    StepFailed,
    Undeliverable,
)
from regions_dist.testing import ScriptedLLM

if TYPE_CHECKING:
    from collections.abc import Callable

    from regions_dist import Message


class Worker(BaseRegion):
    """Notes what runs when; waits where a test wants to look."""

    methods: ClassVar[tuple[str, ...]] = ("work", "work_here", "wait", *BaseRegion.methods)
    log: ClassVar[list[str]] = []
    gate: ClassVar[asyncio.Event | None] = None
    at_gate: ClassVar[asyncio.Event | None] = None

    def work(self) -> None:
        """Note the thread's kind."""
        self.log.append(f"{self.name} {threading.current_thread() is threading.main_thread()}")
        self.post("terminal", self.name, "reply")

    async def work_here(self) -> None:
        """Note the thread's kind, on the event loop."""
        self.work()

    async def wait(self) -> None:
        """Come to the gate, and wait there."""
        assert self.gate
        assert self.at_gate
        self.at_gate.set()
        await self.gate.wait()
        self.work()


class Program:
    """Workers in one chain a layer; what is printed."""

    def __init__(self, *layers: tuple[str, str], **rules: Any) -> None:
        Worker.log.clear()
        self.printed: list[str] = []
        self.registry = RegionRegistry()
        for name in dict.fromkeys(name for name, _ in layers):
            self.registry.register(name, Worker)
        self.orchestrator = Orchestrator()
        for number, (name, method) in enumerate(layers):
            self.orchestrator.append_to_layer(number, "chain", name)
            self.orchestrator.append_method(number, name, method)
        self.postmaster = Postmaster(self.registry, printer=self.printed.append, **rules)

    def executor(self, **options: Any) -> Executor:
        """An Executor for a run of it."""
        return Executor(self.registry, self.orchestrator, self.postmaster, **options)


def tasks() -> int:
    """The tasks there are besides the test's own."""
    return len(asyncio.all_tasks()) - 1


async def test_run_plan_runs_the_layers_in_their_order_and_prints_answers() -> None:
    program = Program(("A", "work"), ("B", "work_here"))
    program.orchestrator.execution_order = [1, 0, 1]

    with program.executor() as executor:
        view = await executor.run_plan()

    assert program.printed == ["B: B", "A: A", "B: B"]
    assert executor.answers == [("B", "B"), ("A", "A"), ("B", "B")]
    assert (view.stopped_before, executor.view and executor.view.status) == (3, "succeeded")
    assert Worker.log == ["B True", "A False", "B True"], "only sync methods leave the event loop"


async def test_nothing_runs_after_the_context_and_between_two_layers() -> None:
    program = Program(("A", "work"), ("A", "work"))

    with program.executor() as executor:
        await executor.run_layer(0)
        assert tasks() == 0
        await executor.run_layer(1)

    assert tasks() == 0
    assert [record["id"] for record in executor.trace] == [
        "0000-001-000-000000",
        "0001-001-000-000000",
    ]


async def test_in_one_process_a_region_runs_wherever_it_is_placed() -> None:
    program = Program(("A", "work"))
    executor = program.executor(placement={"A": {"worker": "nas"}}, wait=0.0)

    async with executor:
        await executor.run_plan()

    assert executor.answers == [("A", "A")]


def test_layers_may_run_on_one_event_loop_after_another() -> None:
    program = Program(("A", "work"), ("A", "work_here"))

    with program.executor() as executor:
        asyncio.run(executor.run_layer(0))
        asyncio.run(executor.run_layer(1))

    assert program.printed == ["A: A", "A: A"]


@pytest.mark.parametrize("layer", [-1, 2, True, "0", 0.0])
async def test_fault_a_negative_layer_index_is_accepted(layer: int) -> None:
    program = Program(("A", "work"), ("A", "work"))

    with program.executor() as executor, pytest.raises(BadInput, match="there is no layer"):
        await executor.run_layer(layer)

    assert executor.view is None


async def test_fault_run_layer_ignores_the_postmaster() -> None:
    class Sayer(BaseRegion):
        methods: ClassVar[tuple[str, ...]] = ("say",)

        def say(self) -> None:
            self.post("Nobody", "text", "request")

    program = Program(("A", "work"), undeliverable="return")
    program.registry.update("A", type=Sayer)
    program.orchestrator.replace_method(0, "A", "work", "say")

    with program.executor() as executor:
        await executor.run_layer(0)

    assert [record["outcome"] for record in executor.trace] == ["returned", "delivered"]


async def test_fault_a_failing_model_reports_success_and_eats_the_request() -> None:
    down = ModelUnavailable("the model is down")
    registry = RegionRegistry([Region("A", "task", ScriptedLLM(down, down, "Well again."))])
    postmaster = Postmaster(registry)
    orchestrator = Orchestrator([{"c": ["A"]}], [[("A", "make_replies")]])
    with Injector(postmaster, "user") as user:
        user.request("A", "Are you there?")

    steps = {"*": {"retries": 0}}
    async with Executor(registry, orchestrator, postmaster, steps=steps) as executor:
        with pytest.raises(ModelUnavailable, match="the model is down"):
            await executor.run_plan()
        assert executor.states == {}
        with pytest.raises(ModelUnavailable):
            await executor.resume()
        await executor.resume()

        assert [record["content"] for record in executor.trace][1:] == ["Well again."]


@pytest.mark.parametrize("method", ["_post", "__init__", "__repr__", "post", "restore"])
async def test_fault_a_plan_may_call_what_is_no_method_of_a_plan(method: str) -> None:
    program = Program(("A", "work"), ("A", method))

    with program.executor() as executor, pytest.raises(PlanRefused, match="no method"):
        await executor.run_layer(0)

    assert Worker.log == []


async def test_layers_may_be_edited_between_two_and_are_checked_again() -> None:
    program = Program(("A", "work"), ("A", "work"))

    with program.executor() as executor:
        await executor.run_layer(0)
        program.orchestrator.append_method(1, "A", "restore")
        with pytest.raises(PlanRefused, match="'restore'"):
            await executor.run_layer(0)
        program.orchestrator.replace_method(1, "A", "restore", "work_here")
        await executor.run_layer(1)

    assert Worker.log == ["A False", "A False", "A True"]


async def test_fault_a_sync_method_runs_before_its_turn() -> None:
    program = Program(("A", "wait"))
    program.orchestrator.append_method(0, "A", "work")
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()

    with program.executor() as executor:
        running = asyncio.create_task(executor.run_plan())
        await Worker.at_gate.wait()
        assert Worker.log == []
        Worker.gate.set()
        await running

    assert Worker.log == ["A True", "A False"]


async def test_fault_cancelling_leaves_tasks_running() -> None:
    program = Program(("A", "wait"), ("A", "work"))
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()

    with program.executor() as executor:
        running = asyncio.create_task(executor.run_plan())
        await Worker.at_gate.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert tasks() == 0
        Worker.gate.set()
        await executor.resume()

    assert program.printed == ["A: A", "A: A"]


@pytest.mark.parametrize("is_async", [True, False])
async def test_leaving_while_a_call_is_under_way_ends_it(is_async: bool) -> None:  # noqa: FBT001
    program = Program(("A", "wait"))
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()
    executor = program.executor()

    if is_async:
        async with executor:
            running = asyncio.create_task(executor.run_plan())
            await Worker.at_gate.wait()
        assert tasks() == 0
    else:
        with executor:
            running = asyncio.create_task(executor.run_plan())
            await Worker.at_gate.wait()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert tasks() == 0
    assert executor.view
    assert executor.view.status == "cancelled"


async def test_a_full_inbox_fails_the_step_and_may_be_made_larger() -> None:
    class Sayer(Worker):
        def work(self) -> None:
            self.post("A", "one", "reply")
            self.post("A", "two", "reply")

    program = Program(("A", "work"), inbox_limit=1)
    program.registry.update("A", type=Sayer)

    async with program.executor(steps={"*": {"retries": 0}}) as executor:
        with pytest.raises(StepFailed) as full:
            await executor.run_plan()
        assert (full.value.code, executor.trace) == ("inbox-full", [])
        await executor.resume(inbox_limit=2)

    assert len(executor.trace) == 2


async def test_fault_a_missing_cc_kills_the_postmaster() -> None:
    program = Program(("A", "work"), cc="Nobody")

    with program.executor() as executor, pytest.raises(PlanRefused, match="'Nobody'"):
        await executor.run_plan()


async def test_a_model_that_nobody_has_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nowhere")
    monkeypatch.delenv("REGIONS_LLM_URL", raising=False)
    registry = RegionRegistry()
    registry.register("A", "Region", "task")
    postmaster = Postmaster(registry)
    postmaster.post("user", "A", "text", "request")
    orchestrator = Orchestrator([{"c": ["A"]}], [[("A", "make_replies")]])

    async with Executor(registry, orchestrator, postmaster, steps={"*": {"retries": 0}}) as ex:
        with pytest.raises(StepFailed, match="give the region one") as failed:
            await ex.run_plan()

    assert failed.value.code == "no-model"


async def test_leaving_in_the_middle_of_a_layer_cancels_the_run() -> None:
    program = Program(("A", "wait"))
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()

    async with program.executor(timeout=0.05) as executor:
        with pytest.raises(RunStopped) as stopped:
            await executor.run_plan()
        assert stopped.value.code == "timed-out"
        assert tasks() == 0
    with pytest.raises(BadInput, match="only between"):
        await executor.run_plan()


async def test_an_executor_is_for_one_run_and_one_call_at_a_time() -> None:
    program = Program(("A", "wait"))
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()
    executor = program.executor()
    with pytest.raises(BadInput, match="only between"):
        await executor.run_plan()

    with executor:
        running = asyncio.create_task(executor.run_plan())
        await Worker.at_gate.wait()
        with pytest.raises(BadInput, match="under way"):
            await executor.run_layer(0)
        Worker.gate.set()
        await running

    with pytest.raises(BadInput, match="for one run"), executor:
        pass


async def test_a_postmaster_is_there_for_one_run_at_a_time() -> None:
    program = Program(("A", "work"))

    with program.executor(), pytest.raises(BadInput, match="there for run"):
        program.executor().__enter__()
    with program.executor() as following:
        await following.run_plan()

    assert program.printed == ["A: A"]


async def test_a_postmaster_holds_mail_until_a_run_opens_and_for_the_next_one() -> None:
    program = Program(("A", "work"))
    program.postmaster.post("user", "terminal", "first", "reply")

    with program.executor() as executor:
        await executor.run_plan()
        program.postmaster.post("user", "terminal", "late", "reply")
        assert len(program.postmaster.pending) == 1
    with program.executor() as following:
        await following.run_plan()

    assert program.printed == ["user: first", "A: A", "user: late", "A: A"]
    assert executor.dead_letters == []


async def test_mail_sent_while_a_plan_runs_enters_at_the_next_layer() -> None:
    program = Program(("A", "wait"), ("A", "work"))
    Worker.gate, Worker.at_gate = asyncio.Event(), asyncio.Event()

    with program.executor() as executor:
        running = asyncio.create_task(executor.run_plan())
        await Worker.at_gate.wait()
        thread = threading.Thread(
            target=program.postmaster.post, args=("user", "terminal", "now", "reply")
        )
        thread.start()
        thread.join()
        while program.postmaster.pending:  # noqa: ASYNC110  it is taken without a word
            await asyncio.sleep(0)
        Worker.gate.set()
        await running

    assert program.printed == ["A: A", "user: now", "A: A"]


async def test_fault_policy_error_kills_its_task_in_silence() -> None:
    program = Program(("A", "work"), undeliverable="error")
    program.postmaster.post("user", "Nobody", "text", "request")

    with program.executor() as executor, pytest.raises(Undeliverable, match="Nobody"):
        await executor.run_plan()

    assert [letter.destination for letter in executor.dead_letters] == ["Nobody"]


async def test_a_listener_in_this_process_hears_what_is_delivered() -> None:
    heard: list[Message] = []
    program = Program(("A", "work"), ("B", "work"))
    program.registry.register("Ear", "ListenerRegion", out_process=heard.append)
    program.orchestrator.add_to_layer(0, "listening", "Ear")
    program.orchestrator.append_method(0, "Ear", "start")
    program.orchestrator.add_to_layer(2, "listening", ["Ear"])
    program.orchestrator.append_method(2, "Ear", "stop")
    program.postmaster.post("user", "A", "hear this", "reply")

    with program.executor() as executor:
        await executor.run_plan()

    assert [(message.source, message.content) for message in heard] == [("user", "hear this")]
    assert tasks() == 0


async def test_an_async_callable_hears_too_and_one_that_fails_stops_nobody() -> None:
    heard: list[str] = []

    async def hear(message: Message) -> None:
        await asyncio.sleep(0)
        heard.append(message.content)

    def fail(message: Message) -> None:
        raise OSError(message.content)

    program = Program(("A", "work"), ("B", "work"))
    for name, sink in (("Ear", hear), ("Deaf", fail)):
        program.registry.register(name, "ListenerRegion", out_process=sink)
        program.orchestrator.add_to_layer(0, name, name)
        program.orchestrator.append_method(0, name, "start")
        program.orchestrator.add_to_layer(2, name, name)
        program.orchestrator.append_method(2, name, "stop")
    program.postmaster.post("user", "A", "hear this", "reply")

    with program.executor() as executor:
        await executor.run_plan()

    assert heard == ["hear this"]


async def test_regions_made_by_the_registry_know_afterwards_what_they_knew_in_the_run() -> None:
    program = Program(("A", "work"))
    regions = program.registry.build_regions()
    program.postmaster.post("user", "A", "know this", "reply")

    with program.executor() as executor:
        await executor.run_plan()

    assert [reply.content for reply in regions["A"].replies] == ["know this"]


async def test_decorators_pass_an_injector_and_an_executor() -> None:
    program = Program(("A", "work"))

    @Addressograph(program.postmaster, "user", role="reply", injector_name="user")
    def greet(text: str, user: Injector) -> str:
        user.send("terminal", text)
        return text

    @Addressograph(program.postmaster, "guest", injector_name="guest")
    async def greet_later(text: str, guest: Injector) -> str:
        guest.request("terminal", text)
        return text

    @Execute(program.registry, program.orchestrator, program.postmaster, executor_name="ex")
    async def run(ex: Executor) -> str:
        await ex.run_plan()
        return ex.run

    assert (greet("hello"), await greet_later("good day")) == ("hello", "good day")
    assert await run() != await run()
    assert program.printed == ["user: hello", "guest: good day", "A: A", "A: A"]


@pytest.mark.parametrize("decorator", [Addressograph, Execute])
def test_a_decorated_function_must_take_what_it_is_passed(decorator: object) -> None:
    program = Program(("A", "work"))
    made: Callable[[object], object] = (
        Addressograph(program.postmaster, "user")
        if decorator is Addressograph
        else Execute(program.registry, program.orchestrator, program.postmaster)  # type: ignore[assignment]
    )

    with pytest.raises(BadInput, match="takes no argument"):
        made(lambda: None)


async def test_a_user_s_own_model_needs_nothing_but_chat() -> None:
    class Parrot:
        def chat(self, messages: list[dict[str, str]]) -> str:
            return f"{len(messages)} messages"

    registry = RegionRegistry(default_llm=Parrot())  # type: ignore[arg-type]
    registry.register("A", task="parrot")
    postmaster = Postmaster(registry, printer=lambda _: None)
    postmaster.post("terminal", "A", "Say something.", "request")
    orchestrator = Orchestrator([{"c": ["A"]}], [[("A", "make_replies")]])

    with Executor(registry, orchestrator, postmaster) as executor:
        await executor.run_plan()

    assert executor.answers[0][1].endswith(" messages")


async def test_a_step_that_raises_anything_is_named() -> None:
    class Broken(Worker):
        async def work_here(self) -> None:
            raise ZeroDivisionError("oh")

    program = Program(("A", "work_here"))
    program.registry.update("A", type=Broken)

    async with program.executor(steps={"*": {"retries": 0}}) as executor:
        with pytest.raises(StepFailed, match="ZeroDivisionError: oh") as failed:
            await executor.run_plan()

    assert (failed.value.code, failed.value.where) == ("step-error", "A.work_here")


def test_running_in_process_with_own_objects_loads_no_client_library() -> None:
    program = """
import asyncio, sys
from regions_dist import Executor, Orchestrator, Postmaster, RegionRegistry
registry = RegionRegistry()
registry.register("Hub", "BroadcastRegion", connections=["terminal"])
orchestrator = Orchestrator([{"c": ["Hub"]}], [[("Hub", "broadcast")]])
postmaster = Postmaster(registry)
postmaster.post("user", "Hub", "heard", "reply")
with Executor(registry, orchestrator, postmaster) as executor:
    asyncio.run(executor.run_plan())
print({"redis", "httpx", "numpy", "arq"} & set(sys.modules))
"""
    command = [sys.executable, "-W", "error", "-c", program]

    done = subprocess.run(command, capture_output=True, check=True, text=True)

    assert done.stdout.splitlines() == ["user: heard", "set()"]
