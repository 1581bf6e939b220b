"""What of a region's entry can be written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from regions_dist.domain.plan import RegionEntry

__all__ = ["portable"]


def portable(entry: RegionEntry) -> RegionEntry:
    """The entry without the parameters that are no JSON; itself where there are none."""
    kept = {key: value for key, value in entry.parameters.items() if _is_json(value)}
    if len(kept) == len(entry.parameters):
        return entry
    return entry.model_copy(update={"parameters": kept})


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True
