"""The short form: some kills and stops, and everything is as if nothing had happened."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from tests.chaos.chaos import Order, chaos
from tests.chaos.table import failures, table

if TYPE_CHECKING:
    from pathlib import Path


async def test_whoever_is_killed_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    seed = int(os.environ.get("SEED") or secrets.randbelow(1_000_000))
    report = await chaos(Order(seed, kills=15, at_once=2), tmp_path / "chaos")
    assert not failures(report), f"{failures(report)}\n{table(report)}\nlogs: {tmp_path}"
