"""Pass codes such as `7KQM-2XRT-9ACD`: read out once, to a new phone or to a family member. Longer than a claim code, for
they open more; never without a digit, so that no three English words are one."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta

from knowledge.ticket_numbers import CLAIM_ALPHABET, LOOKALIKES

LIFE = timedelta(hours=24)
"""A code not used for so long is void."""
LETTERS = 12
_CODE = re.compile(r"(?<![A-Z0-9])([A-Z0-9]{4})[\s\-‐-―−_]{0,3}([A-Z0-9]{4})[\s\-‐-―−_]{0,3}([A-Z0-9]{4})(?![A-Z0-9])")


def make() -> str:
    """27¹² possibilities, about 57 bits; at least two digits."""
    while True:
        letters = "".join(secrets.choice(CLAIM_ALPHABET) for _ in range(LETTERS))
        if sum(letter.isdigit() for letter in letters) >= 2:
            return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def find(text: str) -> str | None:
    """The code in a message, in its written form. Small letters, full width, blanks and look-alikes are forgiven."""
    plain = unicodedata.normalize("NFKC", text).upper()
    for found in _CODE.finditer(plain):
        letters = "".join(found.groups()).translate(LOOKALIKES)
        if all(letter in CLAIM_ALPHABET for letter in letters) and any(letter.isdigit() for letter in letters):
            return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
    return None


def hash_of(code: str) -> str:
    """What is kept of a code: it cannot be read back."""
    return hashlib.sha256(code.encode()).hexdigest()
