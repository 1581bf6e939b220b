"""Settings: flag over environment over file, and clear words about what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from regions_dist.config import load_settings
from regions_dist.errors import FileProblem

FILE = """
redis = "redis://file/0"
lease = 3
[llm.default]
url = "http://file:8080"
model = "from the file"
slots = 2
[rag.facts]
path = "facts.db"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _no_config_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "none"))


def test_without_anything_the_defaults_hold() -> None:
    settings = load_settings(environment={})

    assert settings.redis_url is None
    assert settings.lease == 2.0
    assert settings.llm == {}


def test_the_file_is_read(file: Path) -> None:
    settings = load_settings(file=file, environment={})

    assert settings.redis_url == "redis://file/0"
    assert settings.llm["default"].slots == 2
    assert settings.rag["facts"].path == Path("facts.db")


def test_the_environment_wins_over_the_file_and_keeps_the_rest_of_it(file: Path) -> None:
    environment = {"REGIONS_REDIS_URL": "redis://env/0", "REGIONS_LLM_URL": "http://env:1"}

    settings = load_settings(file=file, environment=environment)

    assert settings.redis_url == "redis://env/0"
    assert settings.llm["default"].url == "http://env:1"
    assert settings.llm["default"].model == "from the file"


def test_a_flag_wins_over_the_environment(file: Path) -> None:
    environment = {"REGIONS_REDIS_URL": "redis://env/0"}

    settings = load_settings(file=file, redis="redis://flag/0", environment=environment)

    assert settings.redis_url == "redis://flag/0"


def test_a_flag_by_its_place_completes_a_table_of_the_file(file: Path) -> None:
    file.write_text("[llm.big]\nurl = 'http://nas'\nslots = 3", "utf-8")
    flags: dict[tuple[str, ...], object] = {
        ("llm", "big", "gguf"): "big.gguf",
        ("llm", "big", "url"): None,
    }
    big = load_settings(file=file, flags=flags, environment={}).llm["big"]
    assert (big.gguf, big.url, big.slots) == (Path("big.gguf"), None, 3)


def test_the_environment_may_name_the_file_and_a_flag_another(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('redis = "redis://other/0"', encoding="utf-8")
    environment = {"REGIONS_CONFIG": str(file)}

    assert load_settings(environment=environment).redis_url == "redis://file/0"
    assert load_settings(file=other, environment=environment).redis_url == "redis://other/0"


def test_an_empty_variable_counts_as_not_set(file: Path) -> None:
    settings = load_settings(file=file, environment={"REGIONS_REDIS_URL": ""})

    assert settings.redis_url == "redis://file/0"


def test_secrets_are_not_shown(file: Path) -> None:
    environment = {"REGIONS_REDIS_URL": "redis://:secret@x", "REGIONS_LLM_API_KEY": "hidden"}

    shown = repr(load_settings(file=file, environment=environment))

    assert "secret@" not in shown
    assert "hidden" not in shown


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("redis = [", "", "is not TOML"),
        ("colour = 1", "colour", "is not known; expected one of embedding, home,"),
        ("lease = 0", "lease", "greater than 0"),
        ("[llm.default]\nslots = 1", "llm.default", "neither a url nor a gguf"),
        ("[llm.default]\nurl = 'nas'\ngguf = 'm.gguf'", "llm.default", "both a url and a gguf"),
        ("[llm.default]\nurl = 'nas'\ncontext = 1", "llm.default.context", "64"),
        ("[rag.facts]\npath = 'a'\nchunk_size = 'big'", "rag.facts.chunk_size", "integer"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_place(
    file: Path, text: str, place: str, words: str
) -> None:
    file.write_text(text, encoding="utf-8")

    with pytest.raises(FileProblem) as caught:
        load_settings(file=file, environment={})

    assert str(file) in caught.value.message
    assert place in caught.value.message
    assert words in caught.value.message


def test_a_wrong_variable_is_named(file: Path) -> None:
    with pytest.raises(FileProblem, match="REGIONS_LEASE"):
        load_settings(file=file, environment={"REGIONS_LEASE": "soon"})


def test_a_file_that_was_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match=r"absent\.toml: cannot be read: No such file"):
        load_settings(file=tmp_path / "absent.toml", environment={})
