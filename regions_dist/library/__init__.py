"""Regions in Python: register them, say what runs when, and run it here or on the cluster."""
