"""Regions, distributed: language-model agents over the machines you own."""
