"""Signing in: which passwords are refused, how failures slow down whoever guesses, and the second factor (RFC 6238).

Pure, from ``data/sign_in.yaml``. Failures make an account slow for strangers and never shut it: a browser its owner has
used before is counted by itself, and a one-time link is always open.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import pyotp

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold

ISSUER = "连心"
DORMANT = timedelta(days=90)
"""After so long without being used an account is shown as one that could be shut."""
STEP = 30
"""Seconds a code lasts; the one before and the one after are taken too, for clocks that are a little off."""
TRIES = ("account", "address", "device")
Weak = Literal["short", "long", "name", "common", "simple"]


@dataclass(frozen=True, slots=True)
class BackOff:
    """``free`` failures cost nothing; the next one ``first``, each further one twice as much, up to ``longest``."""

    free: int
    first: timedelta
    longest: timedelta

    def until(self, failures: int, last_at: datetime | None) -> datetime | None:
        """Before when nothing more is tried; None where anything may be."""
        over = failures - self.free
        if over < 0 or last_at is None:
            return None
        longer: timedelta = self.first * 2 ** min(over, 20)
        return last_at + min(longer, self.longest)


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of signing in."""

    least: int
    most: int
    common: tuple[str, ...]
    back_off: Mapping[str, BackOff]
    fresh_link: timedelta
    recovery_codes: int

    def weak(self, password: str, name: str) -> Weak | None:
        """Why a password is refused; None where it is taken."""
        if len(password) < self.least:
            return "short"
        if len(password) > self.most:
            return "long"
        plain, own = fold(password), fold(name)
        if own and own in plain and len(plain) - len(own) < self.least // 2:
            return "name"
        if any(word in plain and len(plain) - len(word) < self.least // 2 for word in self.common):
            return "common"
        return "simple" if len(set(plain)) < 4 or _in_a_row(plain) else None


def _in_a_row(plain: str) -> bool:
    """True of "abcdefghij" and "9876543210"."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return len(steps) == 1


@cache
def shipped() -> Rules:
    return load(DATA / "sign_in.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    root = read(path).only("password", "common", *TRIES, "fresh_link_minutes", "recovery_codes")
    password = root["password"].only("least", "most")
    return Rules(
        least=password["least"].integer(least=8),
        most=password["most"].integer(least=64),
        common=tuple(fold(word) for word in root["common"].texts()),
        back_off={kind: _back_off(root[kind]) for kind in TRIES},
        fresh_link=timedelta(minutes=root["fresh_link_minutes"].integer(least=5)),
        recovery_codes=root["recovery_codes"].integer(least=5, most=20),
    )


def _back_off(field: Field) -> BackOff:
    given = field.only("free", "first_seconds", "longest_minutes")
    return BackOff(
        given["free"].integer(least=1),
        timedelta(seconds=given["first_seconds"].integer(least=1)),
        timedelta(minutes=given["longest_minutes"].integer(least=1, most=60)),
    )


def written(password: str) -> str:
    """A password as it is hashed: however its signs were composed on the keyboard."""
    return unicodedata.normalize("NFKC", password)


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The time step ``code`` belongs to; None for a wrong one, and for one not later than the step ``after``: a code
    somebody read over a shoulder has been used."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return None
    current = int(now.timestamp()) // STEP
    factor = pyotp.TOTP(secret, interval=STEP)
    right = [
        step
        for step in (current - 1, current, current + 1)
        if step > after and factor.verify(digits, for_time=step * STEP)
    ]
    return right[0] if right else None


def factor_address(secret: str, name: str) -> str:
    """What the QR code says to an authenticator app."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=name, issuer_name=ISSUER)


def plain_code(code: str) -> str:
    """A recovery code as it is hashed: however it was typed."""
    return "".join(sign for sign in code.lower() if sign.isalnum())
