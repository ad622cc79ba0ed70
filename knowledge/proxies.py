"""A family member who sees, or sees and acts, for a resident: which there are, how far it goes, how long it holds.

Given by the resident, or taken down by staff from their own words; taken back at any time; every use is written down and
both sides can read it. Confidential matters are never part of it: whoever is in trouble with their family must be able to
speak.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

Scope = Literal["see", "act"]
RELATIONS = ("child", "spouse", "parent", "relative", "friend")
SCOPES: tuple[Scope, ...] = ("see", "act")
LIFE = timedelta(days=180)
"""Then it ends by itself; giving it again is three presses."""
ACTING = frozenset({"add", "gone", "ok", "no", "unseen", "rate", "withdraw"})
"""What a button may do to a ticket that only somebody who may act does."""


def allows(scope: str, action: str) -> bool:
    """Whether a proxy of this scope may press this about a ticket."""
    return scope == "act" or action not in ACTING
