"""The pure core: regions, plans and mail. No I/O, no client library."""
