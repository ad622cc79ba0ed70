"""Signed webhooks, in and out: HMAC-SHA256 over the time and the body, so that neither can be changed or sent again later.

``X-Lianxin-Timestamp`` is unix seconds; ``X-Lianxin-Signature`` is ``sha256=`` and the hexadecimal HMAC of
``<timestamp>.<body>`` under the shared secret. Whoever receives compares in constant time and refuses what is older, or
newer, than ``WINDOW``.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

WINDOW = timedelta(minutes=5)
TIMESTAMP, SIGNATURE = "X-Lianxin-Timestamp", "X-Lianxin-Signature"
SHORTEST_SECRET = 16
_PREFIX = b"sha256="
Wrong = Literal["missing", "stale", "wrong"]


def sign(secret: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """The two headers for this body."""
    stamp = str(int(at.timestamp()))
    return {TIMESTAMP: stamp, SIGNATURE: f"sha256={_digest(secret, stamp.encode(), body)}"}


def problem(secrets: str, body: bytes, *, timestamp: bytes, signature: bytes, now: datetime) -> Wrong | None:
    """Why it is not to be believed; None when it is. ``secrets``: one, or the new and the old with a comma while they are
    changed over. Headers are bytes as they came: what is not ASCII is just wrong; the digest may be in capitals."""
    if not timestamp or not signature:
        return "missing"
    right = [_PREFIX + _digest(secret, timestamp, body).encode() for secret in secrets.split(",")]
    if not any(hmac.compare_digest(signature.lower(), one) for one in right):
        return "wrong"
    if not (timestamp.isdigit() and len(timestamp) < 16):
        return "wrong"
    return "stale" if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds() else None


def _digest(secret: str, stamp: bytes, body: bytes) -> str:
    return hmac.new(secret.encode(), stamp + b"." + body, sha256).hexdigest()
