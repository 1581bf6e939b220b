"""The documents name what exists."""

from __future__ import annotations

import re
from pathlib import Path

import regions_dist
from regions_dist import errors

ROOT = Path(__file__).parents[2]
STATES = (ROOT / "docs" / "run-states.md").read_text(encoding="utf-8")
TESTS = {path: path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py")}


def test_each_test_that_run_states_names_exists() -> None:
    named = set(re.findall(r"`(?:tests/\w+/)?(test_\w+)(\.py)?`", STATES))
    files = {path.name for path in TESTS}
    functions = {name for text in TESTS.values() for name in re.findall(r"def (test_\w+)", text)}

    assert named
    for name, suffix in named:
        assert f"{name}.py" in files if suffix else name in functions, name


def test_each_of_the_twelve_invariants_has_a_paragraph_with_a_test() -> None:
    paragraphs = re.findall(r"^(\d+)\. \*\*.*\*Test:\*", STATES, re.MULTILINE)

    assert paragraphs == [str(number) for number in range(1, 13)]


def test_the_python_reference_has_every_public_name() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^::: .*?(\w+)$", page, re.MULTILINE))

    assert set(regions_dist.__all__) - set(errors.__all__) <= shown
    assert "::: regions_dist.errors" in page


def test_every_page_of_the_site_is_in_its_navigation() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    for page in (ROOT / "docs").glob("*.md"):
        assert f": {page.name}\n" in site, page.name


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = (folder / "index.md").read_text(encoding="utf-8")

    for page in folder.glob("0*.md"):
        assert f"({page.name})" in listed, page.name


def test_each_message_that_troubleshooting_is_about_is_one_that_the_code_has() -> None:
    """Those that a test provokes are compared there; a heading in lower case is a message."""
    page = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    files = [*(ROOT / "regions_dist").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    said = re.sub(r'"\s*f?"|\{.*?\}', "", code)  # a text over several lines is one text

    messages = re.findall(r"^### ([a-z].*)$", page, re.MULTILINE)

    assert messages
    for message in messages:
        for part in filter(None, re.split(r" ?…,? ?", message)):
            assert part in said, f"{part!r} of {message!r}"
