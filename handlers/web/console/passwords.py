"""Argon2 off the event loop, two at a time: each takes 64 MiB and a tenth of a second of a core on purpose."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from knowledge.signing_in import written

AT_ONCE = 2
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$c29tZSBzYWx0IG9mIG91cnM$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ"
"""Compared with where there is nobody of that name, so that it takes as long to say no."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and compares passwords (RFC 9106, the second recommended set of parameters). ``nobodys`` costs what
    ``hasher`` makes it cost."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    nobodys: str = NOBODYS
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def hashed(self, password: str) -> str:
        async with self.turns:
            return await asyncio.to_thread(self.hasher.hash, written(password))

    async def right(self, hashed: str | None, password: str) -> bool:
        """True where ``password`` is the one; None for ``hashed`` is never right."""
        async with self.turns:
            found = await asyncio.to_thread(self._compare, hashed or self.nobodys, written(password))
        return found and hashed is not None

    def _compare(self, hashed: str, password: str) -> bool:
        try:
            return self.hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False
