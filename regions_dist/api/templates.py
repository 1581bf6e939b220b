"""Plans to begin with: the examples, as they lie in a checkout or in the wheel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from regions_dist.api.refusals import NotFound
from regions_dist.domain.convert import to_plan
from regions_dist.domain.files import load_plan, parse_json
from regions_dist.domain.registry import region_types
from regions_dist.errors import RegionsError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Template", "template", "templates"]

_PACKAGE: Final = Path(__file__).parents[1]
_PLACES: Final = (_PACKAGE / "examples", _PACKAGE.parent / "examples")
_FIRST: Final = "lookup"


@dataclass(frozen=True)
class Template:
    """A plan, the folder that its file names start from, and what its README begins with."""

    name: str
    title: str
    summary: str
    folder: Path
    plan: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        """The template in short."""
        return {
            "name": self.name,
            "title": self.title,
            "summary": self.summary,
            "regions": len(self.plan["regions"]),
            "layers": len(self.plan["layer_config"]),
        }


def templates() -> list[Template]:
    """All templates whose region types are known here; the one to begin with first."""
    known = region_types()
    fit = (one for one in _found() if all(it["type"] in known for it in one.plan["regions"]))
    return sorted(fit, key=lambda one: (one.name != _FIRST, one.name))


def template(name: str) -> Template:
    """The template called ``name``. Raises NotFound."""
    for one in templates():
        if one.name == name:
            return one
    raise NotFound(
        f"no template called {name[:100]!r}; GET /api/templates lists them",
        where="template",
        code="no-such-template",
    )


def _found() -> Iterator[Template]:
    place = next((place for place in _PLACES if place.is_dir()), _PLACES[0])
    for file in place.glob("*/plan.json"):
        try:
            text = file.read_text(encoding="utf-8")
            plan = load_plan(parse_json(text, str(file)), origin=str(file), folder=str(file.parent))
        except (OSError, UnicodeDecodeError, RegionsError):
            continue
        title, summary = _words(file.with_name("README.md"))
        name = file.parent.name
        yield Template(
            name,
            title or name.replace("_", " ").capitalize(),
            summary,
            file.parent,
            to_plan(plan.plan, plan.drawing),
        )


def _words(readme: Path) -> tuple[str, str]:
    """The heading, and the first paragraph."""
    try:
        text = readme.read_text(encoding="utf-8")
    except OSError:
        return "", ""
    found = re.match(r"\s*# (.+)\n+([^#`\n][^\n]*(?:\n(?!\n)[^\n]+)*)?", text)
    if not found:
        return "", ""
    return found[1].strip(), " ".join((found[2] or "").split())
