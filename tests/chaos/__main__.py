"""The long form of the chaos suite: ``python -m tests.chaos``, or ``make chaos``."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.chaos import Order, chaos
from tests.chaos.killer import BLOWS
from tests.chaos.table import failures, table


def main() -> None:
    """Disturb until the kills are dealt; exit code 1 on any loss."""
    asked = _arguments()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(1_000_000)
    folder = Path(tempfile.mkdtemp(prefix="regions-chaos-"))
    blows = {blow: n for blow, n in BLOWS.items() if blow.split()[0] not in asked.spare}
    order = Order(seed, asked.kills, asked.lease, asked.runs, blows, asked.appendfsync)
    sys.stdout.write(f"chaos: seed {seed}, logs in {folder}\n")
    sys.stdout.flush()
    report = asyncio.run(chaos(order, folder))
    sys.stdout.write(table(report) + "\n")
    if bad := failures(report):
        sys.exit("\n".join([*bad[:20], f"seed {seed}; the logs are kept in {folder}"]))
    shutil.rmtree(folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier time")
    parser.add_argument("--kills", type=int, default=1000, help="processes to kill (1000)")
    parser.add_argument("--lease", type=float, default=1.0, help="seconds (1)")
    parser.add_argument("--runs", type=int, default=4, help="runs at once (4)")
    parser.add_argument("--appendfsync", default="everysec", choices=("everysec", "always"))
    victims = sorted({blow.split()[0] for blow in BLOWS})
    parser.add_argument("--spare", action="append", default=[], choices=victims)
    return parser.parse_args()


if __name__ == "__main__":
    main()
