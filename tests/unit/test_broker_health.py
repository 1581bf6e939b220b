"""What is said of a broker's settings."""

from __future__ import annotations

import pytest

from regions_dist.transport.broker_health import findings

GOOD = {
    "redis_version": "7.2.4",
    "aof_enabled": 1,
    "appendfsync": "always",
    "maxmemory": 0,
    "maxmemory_policy": "noeviction",
    "role": "master",
}


def test_a_broker_that_keeps_everything_is_fine() -> None:
    assert list(findings(GOOD)) == []


@pytest.mark.parametrize(
    ("setting", "code", "advice"),
    [
        ({"redis_version": "6.2.1"}, "old-broker", "Redis 7"),
        ({"aof_enabled": 0}, "not-durable", "appendonly yes"),
        ({"appendfsync": "everysec"}, "second-at-risk", "appendfsync always"),
        ({"maxmemory": 9, "maxmemory_policy": "allkeys-lru"}, "evicts", "noeviction"),
        ({"role": "slave"}, "replica", "primary"),
    ],
)
def test_a_setting_that_loses_runs_is_named_with_what_to_do(
    setting: dict[str, object], code: str, advice: str
) -> None:
    (found,) = findings(GOOD | setting)

    assert found.code == code
    assert advice in found.message


def test_what_the_server_does_not_tell_is_not_held_against_it() -> None:
    untold = {name: value for name, value in GOOD.items() if name != "appendfsync"}

    assert list(findings(untold)) == []
