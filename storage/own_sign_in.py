"""One's own way in: password, second factor, recovery codes; and an admin's reset of a colleague's.

Whoever changes a password ends every session there is; the browser it was changed in gets a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyotp
from sqlalchemy import RowMapping, func, select

from knowledge import signing_in
from knowledge.legible import fresh_code
from knowledge.sealing import Seal, is_shut
from storage import sessions, sign_in, staff
from storage.staff import Place, hash_of
from storage.tables import recovery_codes
from storage.tables import staff as staff_table
from storage.transaction import Tx

HALF = 5


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """What somebody has set up. ``secret``: given to an app and not confirmed yet, sealed."""

    password_at: datetime | None
    factor_at: datetime | None
    secret: str | None
    codes: int

    @property
    def ready(self) -> bool:
        return self.password_at is not None and self.factor_at is not None


def state(tx: Tx, staff_id: int) -> OwnSignIn:
    row = _row(tx, staff_id)
    unused = (recovery_codes.c.staff_id == staff_id) & recovery_codes.c.used_at.is_(None)
    codes = int(tx.scalar(select(func.count()).select_from(recovery_codes).where(unused)))
    pending = row["factor_secret"] if row["factor_at"] is None else None
    return OwnSignIn(row["password_at"], row["factor_at"], pending, codes)


def password_hash(tx: Tx, staff_id: int) -> str | None:
    found: str | None = _row(tx, staff_id)["password_hash"]
    return found


def set_password(tx: Tx, staff_id: int, hashed: str, *, place: Place, how: str = "password") -> str:
    """From now on this is the password; every session is over, and the token of a new one comes back. ``how`` they came
    in last stays known."""
    _change(tx, staff_id, password_hash=hashed, password_at=tx.now)
    sessions.end_all(tx, staff_id, by=staff_id)
    sign_in.forget_devices(tx, staff_id)
    staff.void_links(tx, staff_id)
    staff.note(tx, staff_id, "set_password")
    return staff.begin_session(tx, staff_id, how=how, place=place)


def begin_factor(tx: Tx, staff_id: int, *, seal: Seal) -> str:
    """A new secret for an authenticator app. Until a code confirms it no password opens anything."""
    secret = pyotp.random_base32()
    _change(tx, staff_id, factor_secret=seal.shut(secret), factor_at=None, factor_step=0)
    tx.execute(recovery_codes.delete().where(recovery_codes.c.staff_id == staff_id))
    staff.note(tx, staff_id, "begin_factor")
    return secret


def confirm_factor(tx: Tx, staff_id: int, code: str, *, seal: Seal) -> list[str] | None:
    """The app has it: the recovery codes, told this once; None for a wrong code."""
    row = _row(tx, staff_id)
    secret = seal.open(row["factor_secret"])
    if secret is None or row["factor_at"] is not None:
        return None
    step = signing_in.step_of(secret, code, now=tx.now, after=0)
    if step is None:
        return None
    _change(tx, staff_id, factor_at=tx.now, factor_step=step)
    staff.note(tx, staff_id, "confirm_factor")
    return new_codes(tx, staff_id)


def new_codes(tx: Tx, staff_id: int) -> list[str]:
    """Fresh recovery codes, told this once; those before are worth nothing."""
    tx.execute(recovery_codes.delete().where(recovery_codes.c.staff_id == staff_id))
    codes = [_code() for _ in range(signing_in.shipped().recovery_codes)]
    for code in codes:
        tx.insert(recovery_codes, staff_id=staff_id, code_hash=hash_of(signing_in.plain_code(code)), made_at=tx.now)
    staff.note(tx, staff_id, "make_recovery_codes")
    return codes


def reset(tx: Tx, staff_id: int, *, by: int) -> str:
    """A colleague's way in is taken back to the beginning: the token of a one-time link is all that opens."""
    _change(tx, staff_id, password_hash=None, password_at=None, factor_secret=None, factor_at=None, factor_step=0)
    tx.execute(recovery_codes.delete().where(recovery_codes.c.staff_id == staff_id))
    sign_in.forget_devices(tx, staff_id)
    sessions.end_all(tx, staff_id, by=by)
    staff.note(tx, by, "reset_sign_in", str(staff_id))
    return staff.make_link(tx, staff_id)


def seal_all(tx: Tx, seal: Seal) -> int:
    """Shut what an earlier version kept plain; how many there are that another key has shut."""
    kept = select(staff_table.c.id, staff_table.c.factor_secret).where(staff_table.c.factor_secret.is_not(None))
    found = [(int(key), str(secret)) for key, secret in tx.tuples(kept)]
    for key, secret in found:
        if not is_shut(secret):
            _change(tx, key, factor_secret=seal.shut(secret))
    return sum(seal.open(secret) is None for _, secret in found)


def kept_secrets(tx: Tx) -> list[str]:
    """As they are kept."""
    kept = select(staff_table.c.factor_secret).where(staff_table.c.factor_secret.is_not(None))
    return [str(secret) for (secret,) in tx.tuples(kept)]


def _row(tx: Tx, staff_id: int) -> RowMapping:
    row = tx.first(select(staff_table).where(staff_table.c.id == staff_id))
    if row is None:
        raise LookupError(f"no member of staff {staff_id}")
    return row


def _change(tx: Tx, staff_id: int, **values: Any) -> None:
    tx.execute(staff_table.update().where(staff_table.c.id == staff_id).values(values))


def _code() -> str:
    whole = fresh_code(2 * HALF)
    return f"{whole[:HALF]}-{whole[HALF:]}"
