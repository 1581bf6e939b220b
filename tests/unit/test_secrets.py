"""A key reaches the server it is for, and nothing else: no log, error, file or repr."""

from __future__ import annotations

import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from regions_dist.config import EmbeddingSettings, LLMSettings, load_settings
from regions_dist.domain.plan import LLMSpec
from regions_dist.errors import FileProblem, RegionsError
from regions_dist.resources.embedders import HttpEmbedder
from regions_dist.resources.llm_link import LLMLink
from tests.stub_model import Raw, StubModel

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-very-secret"
HEADER = "header-very-secret"
PASSWORD = "password-very-secret"  # noqa: S105 - no password

GIVEN = ["api_key", "api_key_env", "api_key_file"]


async def _at_once(_: float) -> None:
    """Try again at once."""


@pytest.fixture
def given(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: Any) -> dict[str, Any]:
    """The setting that gives the key, in one of the ways."""
    monkeypatch.setenv("NAS_KEY", KEY)
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    ways = {"api_key": KEY, "api_key_env": "NAS_KEY", "api_key_file": file}
    return {request.param: ways[request.param]}


@pytest.mark.parametrize("given", GIVEN, indirect=True)
async def test_a_key_is_sent_and_found_nowhere_else(
    given: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[str] = []
    # Given a server that repeats all that it was sent
    parrot = Raw(401, f"no entry for {KEY}, {HEADER}, {PASSWORD}")
    with StubModel(lambda _: parrot) as stub:
        url = stub.url.replace("//", f"//me:{PASSWORD}@")
        headers = {"X-Key": SecretStr(HEADER)}
        link = LLMLink(url, headers=headers, wait=_at_once, **given)
        # When it refuses, is saved and is shown
        for call in (link.chat("hi"), link.text("hi"), _down(url, given)):
            with pytest.raises(RegionsError) as caught:
                await call
            seen += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
            seen += [str(vars(caught.value))]
        link.save(tmp_path / "link.json")
        await link.aclose()
        sent = stub.headers[-1]
    # Then the server got the key, and nobody else did
    assert sent["x-key"] == HEADER
    settings = LLMSettings(url=url, headers=headers, **given)
    seen += [repr(link), repr(settings), settings.model_dump_json(), caplog.text]
    seen += [(tmp_path / "link.json").read_text(encoding="utf-8")]
    for secret in (KEY, HEADER, PASSWORD):
        assert [text for text in seen if secret in text] == []


async def _down(url: str, given: dict[str, Any]) -> None:
    nowhere = url.rpartition(":")[0] + ":1"
    await LLMLink(nowhere, wait=_at_once, **given).chat("hi")


@pytest.mark.parametrize("given", GIVEN, indirect=True)
async def test_model_and_embedder_send_the_key(given: dict[str, Any]) -> None:
    with StubModel() as stub:
        link = LLMLink.of(LLMSettings(url=stub.url, **given))
        embedder = HttpEmbedder(EmbeddingSettings(url=stub.url, **given))
        await link.chat("hi")
        await embedder.embed(["hi"])
        await link.aclose()
        await embedder.aclose()
    assert {headers["authorization"] for headers in stub.headers} == {f"Bearer {KEY}"}


@pytest.mark.parametrize("given", GIVEN[1:], indirect=True)
def test_settings_that_go_to_another_process_name_the_key_and_do_not_hold_it(
    given: dict[str, Any],
) -> None:
    settings = LLMSettings(url="nas", **given)
    assert KEY.encode() not in pickle.dumps(settings)
    key = pickle.loads(pickle.dumps(settings)).key()  # noqa: S301 - our own
    assert key.get_secret_value() == KEY


async def test_a_user_and_password_in_the_url_are_sent_as_such() -> None:
    with StubModel() as stub:
        link = LLMLink(stub.url.replace("//", "//me:pass%40word@"))
        await link.chat("hi")
        await link.aclose()
    assert stub.headers[-1]["authorization"] == "Basic bWU6cGFzc0B3b3Jk"


def test_a_plan_cannot_hold_a_key() -> None:
    assert not {name for name in LLMSpec.model_fields if "key" in name or "header" in name}


def test_the_environments_key_wins_over_the_files(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[llm.default]\nurl = "nas"\napi_key_env = "NAS_KEY"', encoding="utf-8")
    environment = {"REGIONS_LLM_API_KEY": KEY}
    key = load_settings(file=file, environment=environment).llm["default"].key()
    assert key is not None
    assert key.get_secret_value() == KEY


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAS_KEY", raising=False)
    with pytest.raises(FileProblem, match="NAS_KEY, named by api_key_env, is not set"):
        LLMLink("nas", api_key_env="NAS_KEY")


@pytest.mark.parametrize(("text", "words"), [(None, "No such file"), ("\n", "is empty")])
def test_a_file_without_a_key_is_named(tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "key"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(FileProblem, match=f"key, named by api_key_file.*{words}"):
        LLMLink("nas", api_key_file=file)
