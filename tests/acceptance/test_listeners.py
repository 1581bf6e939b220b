"""What run shows of a plan's listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.acceptance.shell import plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.shell import Shell


def heard_by(shell: Shell, sink: str) -> Path:
    """A plan whose listener hears that a hub is told something, and writes to the sink."""
    hub = {"name": "Hub", "type": "BroadcastRegion", "task": "", "connections": {"terminal": ""}}
    ear = {"name": "Ear", "type": "ListenerRegion", "out_process": sink}
    plan = plan_of(regions=[hub, ear])
    plan["layer_config"] = [{"one": ["Ear"]}, {"one": ["Hub"]}, {"one": ["Ear"]}]
    plan["execution_config"] = [[["Ear", "start"]], [["Hub", "broadcast"]], [["Ear", "stop"]]]
    plan["execution_order"] = [0, 1, 2]
    return shell.write("plan.json", plan)


def test_what_a_listener_of_its_own_workers_writes_to_a_terminal_run_shows(shell: Shell) -> None:
    ended = shell.coordinator("run", heard_by(shell, "terminal"), "--ask", "Hub=Hello")
    assert (ended.code, ended.out) == (0, "terminal: Hello\n"), ended.err
    assert "terminal → Hub request: Hello\n" in ended.err
    assert "\x1b" not in ended.err


def test_run_warns_of_a_sink_that_fails_and_succeeds(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "full_disk.py").write_text("def fill(message):\n    raise OSError('disk full')\n")
    ended = shell.coordinator(
        *("run", heard_by(shell, "full_disk:fill"), "--ask", "Hub=Hello", "--import", "full_disk"),
        PYTHONPATH=str(tmp_path),
    )
    assert (ended.code, ended.out) == (0, "terminal: Hello\n"), ended.err
    assert "Ear.stop warns: its sink fails, OSError: disk full; it did not take 1" in ended.err
