"""Names become keys, folders and files: what will not do is refused first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from regions_dist import BadInput, Executor, Orchestrator, Postmaster, RegionRegistry
from regions_dist.domain.names import name_problem, run_name_problem
from regions_dist.resources.listener_file import ListenerFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "a{b}", "a\nb", "\ud800"])
def test_what_would_not_do_as_part_of_a_key_is_no_name(name: str) -> None:
    assert name_problem(name)
    assert run_name_problem(name)


@pytest.mark.parametrize("name", ["../up", "..", ".hidden", "a/b", "a\\b"])
def test_what_would_not_do_as_a_folder_is_no_runs_name(name: str) -> None:
    assert name_problem(name) is None
    assert run_name_problem(name) == "would not do as a folder's name"


def test_a_program_cannot_name_its_run_so() -> None:
    registry = RegionRegistry()
    with pytest.raises(BadInput, match="folder's name"):
        Executor(registry, Orchestrator(), Postmaster(registry), run="../up")


def test_listeners_of_like_names_have_files_of_their_own(tmp_path: Path) -> None:
    file = ListenerFile(tmp_path)
    for listener in ("a/b", "a_b", "..", "../../up"):
        file.hear("run", listener, {"by": listener})

    found = {path.name: path.read_text() for path in (tmp_path / "run").iterdir()}
    assert len(found) == 4
    assert found["a%2Fb.jsonl"] == '{"by": "a/b"}\n'
