"""The documents name what exists."""

from __future__ import annotations

import re
from pathlib import Path

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
