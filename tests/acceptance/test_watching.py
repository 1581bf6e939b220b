"""A run in a browser while it goes on, and on a page once it has gone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx

from tests.acceptance.shell import Gate, plan_of

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

ASK = {"source": "terminal", "destination": "Solo", "role": "request", "content": "Well?"}


def test_a_run_that_is_watched_is_opened_in_the_browser_and_told_over_http(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = gate = Gate(lambda _: "Well.")
    plan = shell.write("plan.json", plan_of("make_replies", messages=[ASK]))
    browser = shell.write("browser", f"#!/bin/sh\necho \"$1\" > '{shell.folder}/opened'\n")
    browser.chmod(0o755)

    command = shell.start(
        *("regions-coordinator", "run", plan, "--run-id", "seen", "--watch"),
        BROWSER=f"{browser} %s",
    )
    command.wait_for("watch it at")
    gate.wait_reached()
    found = re.search(r"watch it at (http://127\.0\.0\.1:\d+)/#/runs/seen", command.err)
    assert found, command.err
    with httpx.stream("GET", f"{found[1]}/api/runs/seen/events", trust_env=False) as events:
        gate.opened.set()
        told = events.read().decode()
    ended = command.end()

    assert '"type":"run"' in told.strip().splitlines()[-1]
    assert '"status":"succeeded"' in told
    assert (ended.code, ended.out) == (0, "Solo: Well.\n")
    assert (shell.folder / "opened").read_text(encoding="utf-8") == f"{found[1]}/#/runs/seen\n"
    shell.assert_nobody_left()


def test_a_run_is_written_as_a_page(shell: Shell, stub: StubModel) -> None:
    stub.script = lambda _: "Well & good."
    plan = shell.write("plan.json", plan_of("make_replies", messages=[ASK]))
    assert shell.coordinator("run", plan, "--run-id", "told").code == 0

    page = shell.folder / "told.html"
    written = shell.coordinator("report", "told", "--html", page, "--json")
    text = page.read_text(encoding="utf-8")
    assert written.document == {"run": "told", "file": str(page), "bytes": len(text.encode())}
    assert "Well &amp; good." in text
    assert "http" not in re.sub(r"http-equiv", "", text)

    nowhere = shell.coordinator("report", "told", "--html", shell.folder / "no" / "page.html")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (2, True)
    assert shell.coordinator("report", "none", "--html", page).code == 2
