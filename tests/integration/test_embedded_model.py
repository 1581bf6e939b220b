"""The model server in a child: speaks the LLM wire, and only to those who have its key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from regions_dist.embedded.model import serve_model
from regions_dist.embedded.processes import Household
from regions_dist.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTIONS = {
    "type": "array",
    "minItems": 1,
    "maxItems": 2,
    "items": {
        "type": "object",
        "properties": {
            "source": {"enum": ["Facts", "Biographies"]},
            "question": {"type": "string", "minLength": 1, "maxLength": 80},
        },
        "required": ["source", "question"],
        "additionalProperties": False,
    },
}


@pytest.fixture
def household() -> Iterator[Household]:
    with Household() as household:
        yield household


@pytest.fixture
def url(household: Household, model_file: Path, tmp_path: Path) -> str:
    household.start(
        serve_model,
        model_file,
        name="model",
        log=tmp_path / "log",
        slots=2,
        n_ctx=1024,
        api_key="a key",
    )
    return str(household.wait_ready(60)["model"]["url"])


def test_it_answers_within_a_bounded_schema(url: str) -> None:
    schema = {"name": "questions", "schema": QUESTIONS, "strict": True}
    answer = httpx.post(
        f"{url}/v1/chat/completions",
        headers={"Authorization": "Bearer a key"},
        timeout=60,
        json={
            "messages": [{"role": "user", "content": "Ask who found the old well."}],
            "temperature": 0.2,
            "response_format": {"type": "json_schema", "json_schema": schema},
        },
    ).raise_for_status()
    questions = json.loads(answer.json()["choices"][0]["message"]["content"])
    assert 1 <= len(questions) <= 2
    assert all(set(question) == {"source", "question"} for question in questions)
    assert {question["source"] for question in questions} <= {"Facts", "Biographies"}
    assert all(1 <= len(question["question"]) <= 80 for question in questions)


def test_without_its_key_it_refuses(url: str) -> None:
    message = {"messages": [{"role": "user", "content": "Hello"}]}
    assert httpx.post(f"{url}/v1/chat/completions", json=message).status_code == 401


def test_it_is_reached_from_this_machine_only(url: str) -> None:
    assert url.startswith("http://127.0.0.1:")


def test_a_file_that_is_no_model_is_named(household: Household, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_text("not a model")
    household.start(
        serve_model, broken, name="model", log=tmp_path / "log", slots=1, n_ctx=64, api_key="k"
    )
    with pytest.raises(Unavailable, match=r"broken.gguf: cannot be loaded as a model"):
        household.wait_ready(60)
