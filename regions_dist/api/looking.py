"""Addresses that show: health, workers, resources, types, runs and what is in them."""

from __future__ import annotations
