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


def test_every_answer_has_a_form_of_its_own() -> None:
    paths = application(Desk(Settings(), Path())).openapi()["paths"]
    answers = {
        f"{method} {path}": str(
            operation["responses"].get("200", operation["responses"].get("202"))
        )
        for path, methods in paths.items()
        for method, operation in methods.items()
    }

    vague = {address for address, answer in answers.items() if "#/components" not in answer}
    assert vague == {"get /api/runs/{run}/events"}


def test_every_field_of_an_answer_is_told() -> None:
    schemas = application(Desk(Settings(), Path())).openapi()["components"]["schemas"]
    fields = {name for schema in schemas.values() for name in schema["properties"]}

    assert {name for name in fields if not re.search(rf"\b{name}\b", DOCUMENT)} == set()


def test_every_code_of_a_refusal_is_told() -> None:
    api = Path(__file__).parents[2] / "regions_dist" / "api"
    written = "\n".join(file.read_text(encoding="utf-8") for file in api.glob("*.py"))
    codes = set(re.findall(r'code="([\w-]+)"', written))
    codes |= set(re.findall(r'refusal\(\s*\d+, "([\w-]+)"', written))

    assert codes > {"run-taken", "bad-host"}
    for code in codes - {"cancelled"}:
        assert f"`{code}`" in DOCUMENT, code
