"""What the doctor finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell


def test_a_machine_with_nothing_configured_is_fit_for_embedded_runs(shell: Shell) -> None:
    ended = shell.coordinator("doctor")

    assert ended.code == 0, ended.out
    assert "ok       broker: none configured, so runs start their own" in ended.out
    assert "ok       model: none configured" in ended.out


@pytest.mark.usefixtures("stub")
def test_a_broker_without_workers_and_a_model_are_looked_at(shell: Shell, broker_url: str) -> None:
    ended = shell.coordinator("doctor", "--redis", broker_url)

    assert ended.code == 0, ended.out
    assert "answers in" in ended.out
    assert "[second-at-risk]" in ended.out
    assert "no worker is up" in ended.out
    assert "model default: ok" in ended.out
    assert broker_url.split("@", maxsplit=1)[0] not in ended.out


def test_what_is_missing_is_an_error_with_what_to_do(shell: Shell) -> None:
    shell.environment["REGIONS_LLM_URL"] = "http://127.0.0.1:9"
    ended = shell.coordinator("doctor", "--json", "--redis", "redis://127.0.0.1:9")

    assert ended.code == 1
    codes = {finding["code"] for finding in ended.document if finding["severity"] == "error"}
    assert codes == {"broker-unavailable", "model"}
