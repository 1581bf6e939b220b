"""docs/http-api.md tells of every address there is, and of no other."""

from __future__ import annotations

import re
from pathlib import Path

from regions_dist.api.app import application
from regions_dist.api.desk import Desk
from regions_dist.config import Settings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "http-api.md").read_text(encoding="utf-8")

STEERED = "POST /api/runs/{run}"


def addresses() -> set[str]:
    """The addresses of the server's own description."""
    paths = application(Desk(Settings(), Path())).openapi()["paths"]
    return {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}


def test_every_address_is_told_and_no_other() -> None:
    told = set(re.findall(r"(?:GET|POST) /api/[\w/{}-]*[\w}]", DOCUMENT)) - {STEERED}
    steering = DOCUMENT.partition("## Steering")[2].partition("\n## ")[0]
    words = re.findall(r"^\| `(\w+)` \|", steering, re.MULTILINE)

    assert told | {f"{STEERED}/{word}" for word in words} == addresses()


def test_every_code_of_a_refusal_is_told() -> None:
    api = Path(__file__).parents[2] / "regions_dist" / "api"
    written = "\n".join(file.read_text(encoding="utf-8") for file in api.glob("*.py"))
    codes = set(re.findall(r'code="([\w-]+)"', written))
    codes |= set(re.findall(r'refusal\(\s*\d+, "([\w-]+)"', written))

    assert codes > {"run-taken", "bad-host"}
    for code in codes - {"cancelled"}:
        assert f"`{code}`" in DOCUMENT, code
