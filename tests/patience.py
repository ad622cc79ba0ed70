"""How long a test waits for what must come. Only a failing one waits that long: slow machines are no failure."""

PATIENCE = 60.0
"""Seconds."""
