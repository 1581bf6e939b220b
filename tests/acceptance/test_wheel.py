"""What an installed package brings: the built editor, and the templates."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PARTS = ("regions_dist", "workers", "examples")
FILES = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")


def test_the_wheel_has_the_built_editor_and_the_templates(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for part in PARTS:
        shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, source / name)
    assets = source / "regions_dist" / "api" / "editor" / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    for file in (assets / "index-Ab12.js", assets.parent / "index.html"):
        file.write_text("built", encoding="utf-8")

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=source, check=True, capture_output=True)

    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {
        "regions_dist/api/editor/index.html",
        "regions_dist/api/editor/assets/index-Ab12.js",
        "regions_dist/examples/lookup/plan.json",
        "regions_dist/examples/lookup/facts.jsonl",
        "regions_dist/transport/scripts/run.lua",
        "workers/region.py",
    } <= names
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"regions_dist", "workers"}
