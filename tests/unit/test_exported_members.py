"""The public names: exactly ``__all__``, typed, documented, and loaded only when they are used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import regions_dist

_SOURCE = Path(regions_dist.__file__).read_text("utf-8")


def test_the_names_that_type_checkers_see_are_all() -> None:
    seen = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(_SOURCE))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("regions_dist.")
        for alias in node.names
    }

    assert seen == set(regions_dist.__all__)
    assert len(regions_dist.__all__) == len(set(regions_dist.__all__))
    assert set(regions_dist.__all__) <= set(dir(regions_dist))


@pytest.mark.parametrize("name", regions_dist.__all__)
def test_a_public_name_can_be_imported_and_is_documented_and_typed(name: str) -> None:
    value = getattr(regions_dist, name)

    assert inspect.getdoc(value)
    for path, part in [(name, value), *_members(name, value)]:
        assert inspect.getdoc(part), f"{path} has no docstring"
        if inspect.isfunction(part):
            _check_types(path, part)


def test_an_unknown_name_is_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = regions_dist.Nothing


def test_importing_the_package_takes_little_and_loads_no_client_library() -> None:
    heavy = "{'redis', 'httpx', 'numpy', 'arq', 'pydantic'}"
    program = (
        "import sys, time; began = time.perf_counter(); import regions_dist;"
        f"print(time.perf_counter() - began, {heavy} & set(sys.modules))"
    )
    command = [sys.executable, "-W", "error", "-c", program]

    seconds, loaded = subprocess.run(
        command, capture_output=True, check=True, text=True
    ).stdout.split(maxsplit=1)

    assert loaded.strip() == "set()"
    assert float(seconds) < 0.15


def _members(name: str, value: Any) -> list[tuple[str, Any]]:
    """The public methods and properties that a class of this project defines."""
    if not inspect.isclass(value):
        return []
    own = [cls for cls in value.__mro__ if cls.__module__.startswith("regions_dist.")]
    return [
        (f"{name}.{key}", inspect.unwrap(getattr(part, "__func__", part)))
        for cls in own
        for key, part in vars(cls).items()
        if not key.startswith("_") and (callable(part) or isinstance(part, property))
    ]


def _check_types(path: str, function: Any) -> None:
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty, f"{path} returns untyped"
    for parameter in signature.parameters.values():
        typed = parameter.annotation is not inspect.Parameter.empty
        assert typed or parameter.name in {"self", "cls"}, f"{path}: {parameter.name} is untyped"
