"""The HTTP API of docs/http-api.md, and the editor that stands on it."""
