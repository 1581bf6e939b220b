"""The server as people have it: runs of its own and of others, watched and steered over HTTP."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.acceptance.server import serving
from tests.acceptance.shell import TRACE_KEYS, Gate, comparable, plan_of
from tests.killable_broker import KillableBroker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.shell import Shell
    from tests.stub_model import StubModel

ANYWHERE = "0.0.0.0"  # noqa: S104 that is what is tried
RUNNING = {"type": "step", "status": "running"}
ASK = {"source": "terminal", "destination": "Solo", "role": "request", "content": "Well?"}
ANSWERS = plan_of("make_replies", messages=[ASK])
THREE = plan_of("make_replies", "clear_replies", "make_replies", messages=[ASK])


def _well(_: object) -> str:
    return "Well."


def test_without_a_broker_a_run_has_one_of_its_own_and_is_told_event_by_event(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = _well
    with serving(shell) as server:
        assert server.get("health")["mode"] == "embedded"
        assert server.post("runs", plan=ANSWERS, run="one")["run"] == "one"
        told = list(server.events("one"))

        assert [t.event["seq"] for t in told] == list(range(1, len(told) + 1))
        assert told[-1].is_last
        printed = [t.event for t in told if t.event.get("outcome") == "printed"]
        assert [(e["source"], e["content"], e["layer"]) for e in printed] == [("Solo", "Well.", 0)]
        statuses = [t.event["status"] for t in told if t.event["type"] == "step"]
        assert statuses == ["queued", "running", "done"]
        middle = len(told) // 2
        assert list(server.events("one", after=told[middle].id)) == told[middle + 1 :]
        again = server.http.get("/api/runs/one/events", headers={"last-event-id": told[-1].id})
        assert again.status_code == 204

        view = server.get("runs/one")
        assert (view["status"], view["answers"]) == (
            "succeeded",
            [{"source": "Solo", "content": "Well."}],
        )
        trace = server.get("runs/one/trace")
        assert [tuple(record) for record in trace] == [TRACE_KEYS] * 2
        assert server.get("runs/one/trace", after=1, limit=5) == trace[1:]
        assert [run["run"] for run in server.get("runs")] == ["one"]
        assert server.get("runs/one/recording")["events"] == [t.event for t in told]

    lines = shell.coordinator("trace", "one", "--json").out.splitlines()
    assert [json.loads(line) for line in lines] == trace
    shell.assert_nobody_left()


def test_embedded_runs_go_on_side_by_side_and_a_later_server_reads_them(
    shell: Shell, stub: StubModel
) -> None:
    gate = Gate(_well)
    stub.script = gate
    with serving(shell) as server:
        for name in ("left", "right"):
            server.post("runs", plan=ANSWERS, run=name)
            server.until(name, status="running", region="Solo")
        up = server.get("workers")
        assert sorted((worker["run"], *worker["regions"]) for worker in up) == [
            ("left", "Solo"),
            ("right", "Solo"),
        ]
        gate.opened.set()
        told = {name: list(server.events(name)) for name in ("left", "right")}
        assert server.refused("POST", "/api/runs", json={"plan": ANSWERS, "run": "left"}) == (
            409,
            "run-taken",
        )
    with serving(shell) as server:
        assert list(server.events("left")) == told["left"]
        assert server.get("runs/right")["status"] == "succeeded"
        assert {run["run"] for run in server.get("runs", status="succeeded")} == {"left", "right"}


def test_a_server_that_ends_pauses_its_embedded_runs_and_the_next_one_lets_them_go_on(
    shell: Shell, stub: StubModel
) -> None:
    gate = Gate(_well)
    stub.script = gate
    with serving(shell) as server:
        server.post("runs", plan=ANSWERS, run="long")
        gate.wait_reached()
    shell.assert_nobody_left()
    gate.opened.set()
    with serving(shell) as server:
        view = server.get("runs/long")
        assert (view["status"], view["live"], view["waits"][0]["kind"]) == (
            "paused",
            False,
            "resume",
        )
        assert server.post("runs/long/resume") == {"run": "long", "status": "running"}
        told = list(server.events("long"))

    assert told[-1].event["status"] == "succeeded"
    assert [t.event["seq"] for t in told] == list(range(1, len(told) + 1))


def test_an_embedded_run_that_has_failed_is_let_go_on_as_soon_as_that_is_told(
    shell: Shell, stub: StubModel
) -> None:
    stub.script = lambda _: 400
    once = {"*": {"retries": 0}}
    with serving(shell) as server:
        server.post("runs", plan=ANSWERS | {"steps": once}, run="mended")
        failed = list(server.events("mended"))
        stub.script = _well
        assert server.post("runs/mended/resume")["status"] == "running"
        rest = list(server.events("mended", after=failed[-1].id))

    assert (failed[-1].event["status"], failed[-1].event["where"]) == (
        "failed",
        "Solo.make_replies",
    )
    assert rest[-1].event["status"] == "succeeded"
    numbers = [t.event["seq"] for t in (*failed, *rest)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_on_a_cluster_a_run_of_a_command_is_watched_and_steered_here(
    shell: Shell, stub: StubModel, broker_url: str
) -> None:
    stub.script = _well
    shell.environment["REGIONS_REDIS_URL"] = broker_url
    shell.worker("--region", "Solo")
    plan = shell.write("plan.json", THREE)
    with serving(shell) as server:
        command = shell.start("regions-coordinator", "run", plan, "--run-id", "ours", "--step")
        command.wait_for("stopped before")
        first = server.until("ours", type="run", stopped_before=0)
        assert server.get("runs/ours")["stopped_before"] == 0
        assert server.post("runs/ours/step", before=0)["status"] == "running"
        second = server.until("ours", stopped_before=1)
        assert server.refused("POST", "/api/runs/ours/step", json={"before": 0}) == (
            409,
            "not-stopped",
        )
        assert server.get("runs/ours/regions/Solo")["requests"] == []
        injected = server.post("runs/ours/inject", to="Solo", content="And now?", key="k")
        assert injected["outcome"] == "held"
        again = server.post("runs/ours/inject", to="Solo", content="And now?", key="k")
        assert again["outcome"] == "duplicate"
        assert [wait["kind"] for wait in server.get("runs/ours")["waits"]][:1] == ["resume"]
        server.post("runs/ours/resume")
        server.until("ours", stopped_before=2)
        server.post("runs/ours/step")
        assert command.end().code == 0
        told = list(server.events("ours"))
        answers = server.get("runs/ours")["answers"]
        late = server.post("runs/ours/inject", to="Solo", content="Too late?")
        after = list(server.events("ours", after=told[-1].id))

    assert [a["content"] for a in answers] == ["Well.", "Well."]
    assert late["outcome"] == "run-ended"
    assert [t.event.get("reason", "") for t in after] == ["run-ended", ""]
    assert after[-1].is_last
    assert first.event["seq"] < second.event["seq"] < told[-1].event["seq"]


def test_a_cluster_run_goes_on_without_its_server_and_the_view_with_the_next_one(
    shell: Shell, stub: StubModel, broker_url: str
) -> None:
    gate = Gate(_well)
    stub.script = gate
    shell.environment["REGIONS_REDIS_URL"] = broker_url
    shell.worker("--region", "Solo")
    with serving(shell) as server:
        server.post("runs", plan=ANSWERS, run="free")
        seen = server.until("free", status="running", region="Solo")
        assert [worker["regions"] for worker in server.get("workers")] == [["Solo"]]
    gate.opened.set()
    with serving(shell) as server:
        rest = list(server.events("free", after=seen.id))

    assert [t.event["seq"] for t in rest] == list(
        range(seen.event["seq"] + 1, seen.event["seq"] + 1 + len(rest))
    )
    assert rest[-1].event["status"] == "succeeded"


def test_a_view_outlasts_a_broker_that_is_killed(
    shell: Shell, stub: StubModel, tmp_path: Path
) -> None:
    stub.script = gate = Gate(_well)
    broker = KillableBroker(tmp_path / "killable")
    try:
        shell.environment["REGIONS_REDIS_URL"] = broker.url
        shell.worker("--region", "Solo")
        with serving(shell) as server:
            server.post("runs", plan=ANSWERS, run="whole")
            gate.wait_reached()
            told = []
            for event in server.events("whole"):
                told.append(event)
                if {"type": "step", "status": "running"}.items() <= event.event.items():
                    broker.kill()
                    broker.restart()
                    gate.opened.set()
    finally:
        broker.stop()

    assert told[-1].event["status"] == "succeeded"
    assert [t.event["seq"] for t in told] == list(range(1, len(told) + 1))


def test_a_server_ends_the_time_of_a_run_whose_coordinator_was_killed(
    shell: Shell, broker_url: str
) -> None:
    plan = shell.write("plan.json", ANSWERS)
    with serving(shell, "--redis", broker_url) as server:
        command = shell.start(
            *("regions-coordinator", "run", plan, "--run-id", "left", "--timeout", 4),
            *("--redis", broker_url),
        )
        command.wait_for("waiting for a worker")
        command.tell(signal.SIGKILL)
        waits = server.get("runs/left")["waits"]
        told = list(server.events("left"))

    assert waits[0]["todo"] == "regions-worker --region 'Solo'"
    assert (told[-1].event["status"], told[-1].event["code"]) == ("timed_out", "timed-out")


def test_a_branch_with_an_edited_message_is_begun_here(
    shell: Shell, stub: StubModel, broker_url: str
) -> None:
    stub.script = _well
    shell.environment["REGIONS_REDIS_URL"] = broker_url
    shell.worker("--region", "Solo")
    with serving(shell) as server:
        server.post("runs", plan=ANSWERS, run="first")
        list(server.events("first"))
        question = server.get("runs/first/trace", limit=1)[0]["id"]
        server.post("runs/first/replay", run="second", edits={question: "Better?"})
        list(server.events("second"))
        server.post("runs/first/replay", run="third")
        list(server.events("third"))

        assert server.get("runs/second")["parent"] == "first"
        assert server.get("runs/second/trace")[0]["content"] == "Better?"
        traces = [json.dumps(server.get(f"runs/{run}/trace")[1]) for run in ("first", "third")]
    assert comparable(traces[0]) == comparable(traces[1])


def test_a_run_that_cannot_begin_is_told_as_failed(shell: Shell) -> None:
    solo = {"name": "Solo", "type": "Region", "llm": "nowhere", "connections": {}}
    with serving(shell) as server:
        server.post("runs", plan=ANSWERS | {"regions": [solo]}, run="never")
        told = list(server.events("never"))
        view = server.get("runs/never")
        again = server.http.get("/api/runs/never/events", headers={"last-event-id": told[-1].id})

    assert [(t.event["type"], t.event["status"]) for t in told] == [("run", "failed")]
    assert "nowhere" in told[0].event["message"]
    assert (view["status"], view["error"]["code"]) == ("failed", told[0].event["code"])
    assert again.status_code == 204


def test_whatever_is_wrong_is_answered_in_one_form(shell: Shell) -> None:
    with serving(shell) as server:
        refused = server.refused
        assert refused("GET", "/api/runs/nope") == (404, "no-such-run")
        assert refused("GET", "/api/nope") == (404, "not-found")
        assert refused("DELETE", "/api/runs") == (405, "bad-method")
        assert refused("POST", "/api/runs", content=b"{}") == (415, "not-json")
        headers = {"content-type": "application/json"}
        assert refused("POST", "/api/runs", content=b"{", headers=headers) == (400, "bad-json")
        assert refused("POST", "/api/runs", json={}) == (422, "bad-field")
        assert refused("POST", "/api/runs", json={"plan": []}) == (422, "bad-file")
        empty = ANSWERS | {"regions": []}
        assert refused("POST", "/api/runs", json={"plan": empty}) == (422, "plan-refused")
        large = b'{"plan": "' + b"x" * (17 << 20)
        assert refused("POST", "/api/runs", content=large, headers=headers) == (413, "too-large")
        pieces = (b"x" * (1 << 20) for _ in range(17))
        assert refused("POST", "/api/runs", content=pieces, headers=headers) == (413, "too-large")
        store = {"rag": {"facts": {"documents": ["/etc/hostname"]}}}
        away = {"plan": ANSWERS | {"resources": store}}
        assert refused("POST", "/api/runs", json=away) == (422, "bad-file")
        page = server.http.post("/api/plans/verify", json={"plan": {"regions": 1}}).json()
        assert (page["ok"], page["findings"][0]["code"]) == (False, "bad-file")


def test_a_page_of_elsewhere_reaches_nothing(shell: Shell) -> None:
    with serving(shell) as server:
        rebound = {"host": "attacker.example"}
        assert server.refused("GET", "/api/runs", headers=rebound) == (400, "bad-host")
        foreign = {"origin": "http://attacker.example"}
        assert server.refused("GET", "/api/runs", headers=foreign) == (403, "bad-origin")
        own = server.http.get("/api/health", headers={"origin": server.url})

    assert "access-control-allow-origin" not in own.headers
    assert "frame-ancestors 'none'" in own.headers["content-security-policy"]
    assert own.headers["x-content-type-options"] == "nosniff"


def test_beyond_this_machine_a_token_is_required(shell: Shell) -> None:
    refused = shell.coordinator("serve", "--host", ANYWHERE, "--port", 0)
    assert (refused.code, "REGIONS_API_TOKEN" in refused.err) == (2, True)
    token = shell.write("token", "s3cret\n")

    with serving(shell, "--host", ANYWHERE, "--token-file", token) as server:
        assert server.http.get("/api/health").json() == {"status": "ok"}
        assert server.refused("GET", "/api/runs") == (401, "no-token")
        assert server.refused("GET", "/") == (401, "no-token")
        wrong = {"authorization": "Bearer wrong"}
        assert server.refused("GET", "/api/runs", headers=wrong) == (401, "no-token")
        right = server.http.get("/api/runs", headers={"authorization": "Bearer s3cret"})
        entered = server.http.get("/?token=s3cret")
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert "HttpOnly" in entered.headers["set-cookie"]
        assert server.http.get("/api/runs").is_success

    assert right.json() == []
    assert "s3cret" not in server.command.err


def test_a_port_in_use_and_a_broker_away_are_told_clearly(shell: Shell, tmp_path: Path) -> None:
    with serving(shell) as server:
        port = httpx.URL(server.url).port
        second = shell.coordinator("serve", "--port", port)
    assert second.code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in second.err

    with serving(shell, "--redis", f"unix://{tmp_path}/none.sock") as server:
        health = server.get("health")
        assert (health["status"], health["mode"]) == ("unavailable", "cluster")
        assert server.refused("GET", "/api/runs") == (503, "broker-unavailable")


def test_a_script_reads_where_the_server_is_and_ends_it_by_sigterm(shell: Shell) -> None:
    command = shell.start("regions-coordinator", "serve", "--port", 0, "--json")
    url = json.loads(command.first_line())["url"]
    assert httpx.get(f"{url}/api/health", trust_env=False).json()["status"] == "ok"
    command.tell(signal.SIGTERM)
    assert command.end().code == 0


@pytest.mark.parametrize("name", ["lookup"])
def test_templates_bring_what_they_need(shell: Shell, name: str) -> None:
    with serving(shell) as server:
        assert server.get("templates")[0]["name"] == name
        plan = server.get(f"templates/{name}")["plan"]
        assert server.post("plans/verify", plan=plan) == {"ok": True, "findings": []}
        server.post("runs", plan=plan, template=name, run="answered")
        answers = [
            t.event for t in server.events("answered") if t.event.get("outcome") == "printed"
        ]

    assert "bell" in answers[0]["content"]
