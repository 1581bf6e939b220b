"""The built editor as a browser gets it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI

from regions_dist.api import editor
from regions_dist.api.refusals import add_refusals

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SCRIPT = "console.log('a long script');" * 100


@pytest.fixture
async def browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """Asks an application of the editor alone, whose files are in ``tmp_path/editor``."""
    monkeypatch.setattr(editor, "FOLDER", tmp_path / "editor")
    app = FastAPI()
    add_refusals(app)
    app.include_router(editor.editor)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A built editor."""
    folder = tmp_path / "editor"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<p>the editor", encoding="utf-8")
    (folder / "assets" / "index-Ab12.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("not for browsers", encoding="utf-8")
    return folder


async def test_without_a_built_editor_the_page_says_how_to_build_it(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get("/")

    assert page.status_code == 200
    assert "make editor" in page.text


@pytest.mark.usefixtures("built")
async def test_hashed_files_are_kept_for_good_and_sent_compressed(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/assets/index-Ab12.js")

    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(gzip.compress(SCRIPT.encode(), mtime=0))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = await browser.get("/assets/index-Ab12.js", headers={"accept-encoding": "identity"})
    assert (plain.text, "content-encoding" in plain.headers) == (SCRIPT, False)


async def test_the_page_itself_is_asked_for_anew_after_each_build(
    browser: httpx.AsyncClient, built: Path
) -> None:
    first = await browser.get("/")
    same = await browser.get("/", headers={"if-none-match": first.headers["etag"]})
    (built / "index.html").write_text("<p>a newer editor", encoding="utf-8")
    newer = await browser.get("/", headers={"if-none-match": first.headers["etag"]})

    assert (first.text, first.headers["cache-control"]) == ("<p>the editor", "no-cache")
    assert same.status_code == 304
    assert newer.text == "<p>a newer editor"


@pytest.mark.usefixtures("built")
async def test_a_page_of_the_editor_has_an_address_and_nothing_else_is_given_out(
    browser: httpx.AsyncClient,
) -> None:
    page = await browser.get("/runs/one")
    assert (page.status_code, page.headers["location"]) == (307, "/#/runs/one")
    for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/assets/none.js", "/a%00b.js"):
        answer = await browser.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found"), path
