"""Measurements that are run by hand: ``.venv/bin/python -m benchmarks.NAME``, from the root."""
