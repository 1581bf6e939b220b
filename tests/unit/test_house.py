"""The house itself: what importing it costs, and what is written down in two places."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.resources import files

from regions_dist import errors
from regions_dist.transport import keys


def test_importing_the_library_loads_no_client_library() -> None:
    heavy = "{'redis', 'httpx', 'numpy', 'arq', 'xllamacpp', 'wordllama'}"
    program = f"import sys, regions_dist; print(sorted({heavy} & set(sys.modules)))"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert found.stdout.decode().strip() == "[]"


def test_the_scripts_name_a_runs_keys_as_the_adapters_do() -> None:
    script = (files("regions_dist.transport.scripts") / "run.lua").read_text("utf-8")
    written = re.search(r"KEYS\[1\]\s+(\S+);", script)
    cut = re.search(r"string\.sub\(KEYS\[1\], 1, (-\d+)\)", script)

    assert written is not None
    assert cut is not None
    assert written[1] == keys.of_run("<run>", "run")
    root = written[1][: int(cut[1]) + 1]  # Lua counts the end in, Python does not
    assert root + "in:A" == keys.of_run("<run>", "in:A")


def test_every_error_stands_in_the_drawn_tree_below_its_parent() -> None:
    drawn = dict(_drawn_tree(errors.__doc__ or ""))
    classes = [getattr(errors, name) for name in errors.__all__]

    assert drawn == {cls.__name__: cls.__base__.__name__ for cls in classes} | {"RegionsError": ""}


def test_every_error_has_a_code_of_its_own_and_says_what_to_do() -> None:
    classes = [getattr(errors, name) for name in errors.__all__]

    assert len({cls.code for cls in classes}) == len(classes)
    assert all(cls.__doc__ for cls in classes)


def _drawn_tree(text: str) -> list[tuple[str, str]]:
    """(name, parent) for each line of the tree."""
    above: list[str] = []
    found = []
    for line in text.splitlines():
        match = re.match(r"(?P<branch>[│├└─ ]*)(?P<name>[A-Z][A-Za-z]+)(\s{2,}|$)", line)
        if match is None:
            continue
        depth = len(match["branch"]) // 4
        above[depth:] = [match["name"]]
        found.append((match["name"], above[depth - 1] if depth else ""))
    return found
