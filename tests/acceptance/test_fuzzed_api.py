"""Whatever is sent to the API by its own description, it never breaks."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.acceptance.server import serving
from tests.acceptance.shell import plan_of

if TYPE_CHECKING:
    from tests.acceptance.shell import Shell

CHECKS = (
    "not_a_server_error,status_code_conformance,"
    "content_type_conformance,response_schema_conformance"
)


def test_schemathesis_finds_no_request_that_breaks_the_server(
    shell: Shell, broker_url: str
) -> None:
    config = shell.write("schemathesis.toml", '[parameters]\n"path.run" = "one"\n')
    with serving(shell, "--redis", broker_url) as server:
        server.post("runs", plan=plan_of("make_replies"), run="one")
        server.post("runs/one/cancel")
        fuzzer = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
                *("run", f"{server.url}/openapi.json", "--checks", CHECKS),
                *("--phases", "coverage,fuzzing", "--max-examples", "5", "--no-color"),
                *("--generation-deterministic", "--request-timeout", "20", "--warnings", "off"),
            ],
            cwd=shell.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert server.get("health")["status"] == "ok"

    assert fuzzer.returncode == 0, fuzzer.stdout + fuzzer.stderr
    assert "Traceback" not in server.command.err
