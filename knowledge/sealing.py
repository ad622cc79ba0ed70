"""What is kept but must not be read from a stolen database: sealed with a key that stands elsewhere.

What was sealed says with which key, so that a wrong one is known at once and never guessed around.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

VERSION = "s1"
PURPOSE = b"lianxin: authenticator secrets"


class Seal:
    """Shuts and opens with a key derived from the server's secret; neither is ever shown."""

    def __init__(self, secret: bytes) -> None:
        from cryptography.fernet import Fernet, InvalidToken  # 70 ms that most commands need not wait for
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        key = HKDF(SHA256(), length=32, salt=None, info=PURPOSE).derive(secret)
        self._fernet, self._torn = Fernet(urlsafe_b64encode(key)), InvalidToken
        self._mark = f"{VERSION}:{hashlib.sha256(key).hexdigest()[:8]}:"

    @property
    def mark(self) -> str:
        """Tells one key from another, and nothing about either."""
        return self._mark

    def shut(self, plain: str) -> str:
        return self._mark + self._fernet.encrypt(plain.encode()).decode()

    def open(self, kept: str | None) -> str | None:
        """What was shut; None where there is nothing, or another key shut it. What was never shut is as it stands."""
        if kept is None or not is_shut(kept):
            return kept
        if not kept.startswith(self._mark):
            return None
        try:
            return self._fernet.decrypt(kept.removeprefix(self._mark).encode()).decode()
        except self._torn:
            return None


def is_shut(kept: str) -> bool:
    return kept.startswith(f"{VERSION}:")
