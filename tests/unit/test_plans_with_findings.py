"""One corpus of plans with findings, which ``verify`` and the editor's checks must both give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from regions_dist.domain.files import load_plan
from regions_dist.domain.verify import verify

CORPUS = sorted((Path(__file__).parents[1] / "plans_with_findings").glob("*.json"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_verify_finds_what_the_corpus_says(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    found = verify(load_plan(case["plan"], origin=path.name).plan)

    assert [
        {"severity": one.severity, "code": one.code, "where": one.where} for one in found
    ] == case["findings"]
