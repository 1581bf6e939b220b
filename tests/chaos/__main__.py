"""The long form of the chaos suite: ``python -m tests.chaos``, or ``make chaos``."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from regions_dist.config import Settings
from tests.chaos.chaos import Order, chaos
from tests.chaos.killer import BLOWS
from tests.chaos.table import failures, table

_AT_DEFAULT = 50
"""So many kills more at the default lease."""
_DEFAULT_LEASE = Settings().lease


def main() -> None:
    """Disturb until the kills are dealt; exit code 1 on any loss."""
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000)
    folder = Path(tempfile.mkdtemp(prefix="regions-chaos-"))
    blows = {blow: n for blow, n in BLOWS.items() if blow.split()[0] not in asked.spare}
    _say(f"chaos: seed {seed}, logs in {folder}")
    bad = []
    for kills, lease in ((asked.kills, 1.0), (min(asked.kills, _AT_DEFAULT), _DEFAULT_LEASE)):
        order = Order(seed, kills, lease, asked.runs, blows, asked.appendfsync)
        report = asyncio.run(chaos(order, folder / f"lease-{lease:g}", _tell))
        _say(table(report))
        bad += failures(report)
    if bad:
        sys.exit("\n".join([*bad[:20], f"seed {seed}; the logs are kept in {folder}"]))
    shutil.rmtree(folder)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


def _tell(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier time")
    parser.add_argument("--kills", type=int, default=1000, help="at a lease of 1 s (1000)")
    parser.add_argument("--runs", type=int, default=4, help="runs at once (4)")
    parser.add_argument("--appendfsync", default="everysec", choices=("everysec", "always"))
    victims = sorted({blow.split()[0] for blow in BLOWS})
    parser.add_argument("--spare", action="append", default=[], choices=victims)
    return parser.parse_args()


if __name__ == "__main__":
    main()
