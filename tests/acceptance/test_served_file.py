"""A model's file that a worker loads and serves to all: a real llama.cpp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from tests.acceptance.shell import plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.shell import Shell


def largest(worker: int) -> psutil.Process:
    """The process below this one that has the model in its memory."""
    below = psutil.Process(worker).children(recursive=True)
    return max(below, key=lambda process: process.memory_info().rss)


def test_a_worker_serves_a_models_file_and_keeps_its_server_up(
    shell: Shell, elsewhere: Shell, broker_url: str, model_file: Path
) -> None:
    broker = ("--redis", broker_url)
    config = elsewhere.write("config.toml", "[llm.default]\nparams = { max_tokens = 30 }\n")
    model = ("--llm", "default", "--gguf", model_file, "--config", config)
    gpu = elsewhere.worker(*model, "--name", "gpu", *broker)
    shell.worker("--region", "Solo", *broker)
    plan = shell.write("plan.json", plan_of("make_replies"))
    ask = ("run", plan, "--ask", "Solo=Say hello.", *broker)
    first = shell.coordinator(*ask)
    assert first.code == 0, first.err
    assert first.out.startswith("Solo: ")
    largest(gpu.process.pid).kill()
    gpu.wait_for("started again")
    again = shell.coordinator(*ask)
    assert again.code == 0, again.err
    gpu.process.terminate()
    assert gpu.end().code == 0
    elsewhere.assert_nobody_left()
