"""Every block of every page for people is tried, as a user would who follows the page.

Pages get a broker where they configure one, under the name that they give it; else what they run
is all embedded. The small model, too, on the pages that show its answers; on the others any
model is a stub, for with all of them it would take minutes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.document import blocks
from tests.acceptance.session import ROOT, Session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stub_model import StubModel

PAGES = [
    *(ROOT / name for name in ("README.md", "SECURITY.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("examples/*/README.md")),
]
WITH_THE_MODEL = {
    ROOT / name
    for name in (
        "README.md",
        "docs/first-run.md",
        "docs/troubleshooting.md",
        "examples/lookup/README.md",
    )
}
LANGUAGES = {"json", "mermaid", "powershell", "python", "sh", "text", "toml"}


@pytest.fixture
def session(tmp_path: Path, broker_url: str, model: StubModel) -> Iterator[Session]:
    """A reader of one page."""
    stand_ins = {
        "redis://:change-me@nas:6379/0": broker_url,
        "redis://:wrong@nas:6379/0": re.sub(":[^:@]+@", ":wrong@", broker_url),
        "http://127.0.0.1:8080": model.url,
    }
    session = Session(tmp_path, stand_ins)
    yield session
    session.close()


def titled(page: Path) -> str:
    """A page by its path."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=titled)
def test_each_block_of_a_page_does_what_the_page_says(
    session: Session, model: StubModel, page: Path
) -> None:
    if page not in WITH_THE_MODEL:
        session.shell.environment["REGIONS_LLM_URL"] = model.url
    for block in blocks(page):
        session.follow(block)


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_each_block_of_a_page_says_what_language_it_is_in(page: Path) -> None:
    assert {block.language for block in blocks(page)} <= LANGUAGES
    assert page.read_text("utf-8").count("```") == 2 * len(blocks(page)), "a block is not closed"


@pytest.mark.parametrize("page", PAGES, ids=titled)
def test_a_page_shows_no_failure_of_ours(page: Path) -> None:
    assert "Traceback" not in page.read_text("utf-8")
