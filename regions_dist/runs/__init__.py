"""Runs as a command or a server has them: begun, found where they are kept, told about."""
