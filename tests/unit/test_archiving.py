"""Which runs are archived, decided without a broker; and archives as files."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from regions_dist.coordinator.archiving import sweep
from regions_dist.domain.schedule import schedule
from regions_dist.errors import ArchiveProblem
from regions_dist.ports import AnnouncedRun
from regions_dist.transport import codec
from regions_dist.transport.archive import archived, archived_runs, file_of, write
from regions_dist.transport.run_record import RunRecord
from tests.cluster import plan_of, region

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from regions_dist.domain.outcome import RunStatus


class Shelf:
    """An archive that notes what is done with it; ``taken`` is when another sweeps."""

    def __init__(self, *runs: AnnouncedRun, taken: bool = False) -> None:
        self.runs = runs
        self.taken = taken
        self.stuck: set[str] = set()
        self.gone: list[str] = []
        self.withdrawn: list[str] = []

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        yield not self.taken

    async def announced(self) -> list[AnnouncedRun]:
        return list(self.runs)

    async def put_away(self, run: AnnouncedRun) -> bool:
        if run.run in self.stuck:
            raise ArchiveProblem("no room")
        self.gone.append(run.run)
        return True

    async def withdraw(self, runs: Sequence[AnnouncedRun]) -> None:
        self.withdrawn += [run.run for run in runs]


def ended(run: str, at: float, status: RunStatus | None = "succeeded") -> AnnouncedRun:
    return AnnouncedRun(run, status, finished=at, age=0.0)


async def test_the_oldest_go_first_and_the_newest_stay() -> None:
    shelf = Shelf(ended("c", 3), ended("a", 1, "failed"), ended("d", 4), ended("b", 2, "timed_out"))

    assert await sweep(shelf, keep=2) == 2
    assert shelf.gone == ["a", "b"]


async def test_no_more_go_at_a_time_than_asked_for_and_then_the_oldest() -> None:
    shelf = Shelf(*(ended(run, at) for at, run in enumerate("abcd")))

    assert await sweep(shelf, keep=1, most=2) == 2
    assert shelf.gone == ["a", "b"]


async def test_by_default_a_hundred_stay() -> None:
    shelf = Shelf(*(ended(str(number), number) for number in range(103)))

    assert await sweep(shelf) == 3
    assert shelf.gone == ["0", "1", "2"]


async def test_runs_that_are_not_final_neither_go_nor_count() -> None:
    shelf = Shelf(ended("a", 0, "running"), ended("b", 1, "paused"), ended("c", 2), ended("d", 3))

    assert await sweep(shelf, keep=2) == 0


async def test_a_run_that_cannot_go_keeps_no_other() -> None:
    shelf = Shelf(ended("a", 1), ended("b", 2))
    shelf.stuck.add("a")

    assert await sweep(shelf, keep=0) == 1
    assert shelf.gone == ["b"]


async def test_nothing_is_done_while_another_sweeps() -> None:
    lost = AnnouncedRun("lost", None, 0.0, age=3601.0)
    shelf = Shelf(ended("a", 1), lost, taken=True)

    assert await sweep(shelf, keep=0) == 0
    assert (shelf.gone, shelf.withdrawn) == ([], [])


async def test_only_runs_that_have_not_come_for_an_hour_are_given_up() -> None:
    runs = [AnnouncedRun(str(age), None, 0.0, age) for age in (0.1, 3599.0, 3601.0)]
    shelf = Shelf(*runs, AnnouncedRun("live", "running", 0.0, 7200.0))

    await sweep(shelf)

    assert shelf.withdrawn == ["3601.0"]


def record_of(run: str) -> RunRecord:
    plan = plan_of([region("A")], {})
    head = {"status": "succeeded", "started": "1500000", "finished": "2250000"}
    fields = codec.plan_fields(plan, schedule(plan))
    return RunRecord(run, {"run": head, "plan": fields, "clock": {"now": "3"}, "fates": {}})


@pytest.mark.parametrize("run", ["20250314-0926-5a1c", "../a/b", "..", "Zoë: 1", "ß" * 100])
def test_any_run_has_a_file_in_the_folder_whatever_it_is_called(tmp_path: Path, run: str) -> None:
    write(tmp_path, record_of(run))

    (file,) = (tmp_path / "archive").iterdir()
    assert file == file_of(tmp_path, run)
    record = archived(tmp_path, run)
    assert record
    assert record.run == run
    assert [one.run for one in archived_runs(tmp_path)] == [run]


def test_an_archive_is_json_lines_behind_a_head_and_leaves_out_what_is_not_there(
    tmp_path: Path,
) -> None:
    write(tmp_path, record_of("r"))

    head, *lines = map(json.loads, file_of(tmp_path, "r").read_text("utf-8").splitlines())

    times = {"started": 1.5, "finished": 2.25}
    assert head == {"run": "r", "version": 1, "status": "succeeded"} | times
    assert [(line["key"], line["type"]) for line in lines] == [("run", "hash"), ("plan", "hash")]


def test_a_run_that_was_never_archived_is_none(tmp_path: Path) -> None:
    assert archived(tmp_path, "r") is None
    assert archived_runs(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["", "not JSON", "[]", '{"run": "r", "version": 2}', '{"run": "r", "version": 1}']
)
def test_a_file_that_is_no_archive_is_named_and_keeps_none_from_being_listed(
    tmp_path: Path, text: str
) -> None:
    write(tmp_path, record_of("sound"))
    file = file_of(tmp_path, "r")
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ArchiveProblem, match="cannot be read as an archived run") as caught:
        archived(tmp_path, "r")
    assert caught.value.where == str(file)
    assert [one.run for one in archived_runs(tmp_path)] == ["sound"]
