"""The Postmaster: a router of every run's outbox. Its rules are one script, ``router.lua``."""
