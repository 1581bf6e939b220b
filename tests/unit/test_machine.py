"""What a machine has: a model that is only a file is named, with who has to serve it."""

from __future__ import annotations

from pathlib import Path

import pytest

from regions_dist.config import EmbeddingSettings, LLMSettings, Settings
from regions_dist.errors import StepFailed
from regions_dist.machine import Machine

FILE = Path("model.gguf")


def test_a_model_that_is_a_file_is_asked_for_where_it_is_served() -> None:
    machine = Machine(Settings(llm={"big": LLMSettings(gguf=FILE)}))
    with pytest.raises(StepFailed, match=r"model\.gguf.*regions-worker --llm big"):
        machine.llm("big")


def test_an_embedder_that_is_a_file_is_asked_for_where_it_is_served() -> None:
    machine = Machine(Settings(embedding={"big": EmbeddingSettings(gguf=FILE)}))
    with pytest.raises(StepFailed, match=r"model\.gguf.*regions-worker --embedding big"):
        machine.embedder("big")
