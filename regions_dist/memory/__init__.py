"""Runs in the memory of this process: no broker, the same rules."""
