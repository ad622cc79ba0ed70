"""Codes that are copied by hand, from paper or off a screen: no sign in them is taken for another."""

from __future__ import annotations

import secrets

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def fresh_code(length: int) -> str:
    """So many signs nobody can guess, in small letters and figures."""
    return "".join(secrets.choice(SIGNS) for _ in range(length))
