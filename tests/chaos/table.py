"""The table that is printed at the end, and the verdict."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from tests.chaos.killer import BLOWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.chaos.chaos import Report
    from tests.chaos.killer import Blow

__all__ = ["failures", "table"]

_HEAD = ("seconds to recover", "dealt", "measured", "p50", "p95", "max", "left out", "max")
_SHOWN = 20
_ENOUGH = 20
"""Take-overs from which on a 95th percentile says something."""


def table(report: Report) -> str:
    """Kills by victim, recovery in seconds, and what was lost or doubled."""
    order = report.order
    rows = [_HEAD, *(_row(report, blow) for blow in BLOWS)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        f"seed {order.seed}, lease {order.lease:g} s, {order.at_once} runs at once",
        f"appendfsync {order.fsync}; the model is a stub, everything else is real",
        *("  ".join(_padded(row, widths)) for row in rows),
        "left out:",
        *(line for blow in BLOWS for line in _left_out(report, blow)),
        f"kills {report.kills} in {report.seconds:.0f} s, runs {report.runs}",
        f"steps taken again {report.taken_again}, with {report.asked_again_at_most} model calls",
        f"model calls {report.asked}, of which repeated {report.asked_again}",
        f"lost {len(report.lost)}, doubled {len(report.doubled)}",
    ]
    return "\n".join([*lines, *_details(report)])


def failures(report: Report) -> list[str]:
    """Why the report is not good, a line each; empty if it is."""
    bad = []
    if report.kills < report.order.kills:
        bad.append(f"only {report.kills} of {report.order.kills} kills were dealt")
    if report.lost or report.doubled:
        bad.append(f"{len(report.lost)} lost, {len(report.doubled)} doubled")
    bad += report.wrong
    times = report.recoveries.get("worker killed", [])
    limit = 2 * report.order.lease
    if len(times) >= _ENOUGH and _percentile(times, 0.95) > limit:
        bad.append(f"recovery after a worker's death took {_percentile(times, 0.95):.2f} s (p95)")
    return bad


def _row(report: Report, blow: Blow) -> tuple[str, ...]:
    times = report.recoveries.get(blow, [])
    left_out = report.excluded.get(blow, Counter()).total()
    longest = report.longest_excluded.get(blow, math.nan)
    figures = [_percentile(times, 0.5), _percentile(times, 0.95), max(times, default=math.nan)]
    last = (str(left_out), _shown(longest))
    return (blow, str(report.dealt[blow]), str(len(times)), *map(_shown, figures), *last)


def _left_out(report: Report, blow: Blow) -> list[str]:
    reasons = report.excluded.get(blow, Counter()).most_common()
    return [f"  {blow}: {', '.join(f'{why} {n}' for why, n in reasons)}"] if reasons else []


def _percentile(times: Sequence[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else math.nan


def _shown(seconds: float) -> str:
    return "-" if math.isnan(seconds) else f"{seconds:.2f}"


def _padded(row: tuple[str, ...], widths: Sequence[int]) -> list[str]:
    head, *figures = row
    return [head.ljust(widths[0])] + [f.rjust(w) for f, w in zip(figures, widths[1:], strict=True)]


def _details(report: Report) -> list[str]:
    kinds = {"lost": report.lost, "doubled": report.doubled, "wrong": report.wrong}
    return [f"{kind}: {line}" for kind, lines in kinds.items() for line in lines[:_SHOWN]]
