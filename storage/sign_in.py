"""Signing in with name, password and a code; and what failures cost whoever guesses.

The password itself never comes here: whoever calls has compared it with ``Look.password_hash``, outside any transaction.
Failures are counted by account and by address. A browser that somebody has signed in with before is counted by itself,
so that a stranger's guesses slow down strangers; a one-time link is asked nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, select

from knowledge import signing_in
from knowledge.folding import fold
from knowledge.sealing import Seal
from storage import staff
from storage.staff import Place, hash_of
from storage.tables import recovery_codes, sign_in_tries, staff_devices
from storage.tables import staff as staff_table
from storage.transaction import Tx
from storage.types import UtcDateTime

COUNTED_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    """Who says they are whom, from where; ``device`` is the token this browser was given at an earlier sign-in."""

    name: str
    place: Place
    device: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a sign-in is compared with. ``wait``: nothing is compared before then."""

    password_hash: str | None
    wait: datetime | None


@dataclass(frozen=True, slots=True)
class Entered:
    """The new session's token and the token this browser is known by from now on."""

    session: str
    device: str


def look(tx: Tx, asking: Asking) -> Look:
    row = _named(tx, asking.name)
    ready = row is not None and row["disabled_at"] is None and row["factor_at"] is not None
    return Look(row["password_hash"] if ready and row is not None else None, wait(tx, asking))


def wait(tx: Tx, asking: Asking) -> datetime | None:
    """Until when nothing is tried; None where anything may be."""
    ends = [_until(tx, kind, key) for kind, key in _keys(tx, asking)]
    return max((end for end in ends if end is not None and end > tx.now), default=None)


def enter(tx: Tx, asking: Asking, *, right: bool, code: str, seal: Seal) -> Entered | None:
    """Begin a session where the password was ``right`` and the code is, too; otherwise it counts as a failure.

    None for every failure alike, so that nobody learns which of the three was wrong, or who works here.
    """
    row = _named(tx, asking.name)
    if wait(tx, asking) is not None:
        return None
    if row is None or not right or row["disabled_at"] is not None or not _second(tx, row, code, seal):
        _failed(tx, asking, row)
        return None
    for kind, key in _keys(tx, asking):
        if kind != "address":
            tx.execute(sign_in_tries.delete().where(sign_in_tries.c.kind == kind, sign_in_tries.c.key == key))
    staff_id = int(row["id"])
    staff.note(tx, staff_id, "sign_in", how="password")
    session = staff.begin_session(tx, staff_id, how="password", place=asking.place)
    return Entered(session, remember(tx, staff_id, asking.device))


def remember(tx: Tx, staff_id: int, device: str) -> str:
    """This browser is known as one of theirs; the token it is known by."""
    if device and _is_known(tx, staff_id, device):
        mine = staff_devices.c.token_hash == hash_of(device)
        tx.execute(staff_devices.update().where(mine).values(seen_at=tx.now))
        return device
    token = staff.new_token()
    row = {"token_hash": hash_of(token), "staff_id": staff_id, "created_at": tx.now, "seen_at": tx.now}
    tx.execute(staff_devices.insert().values(row))
    return token


def failed(tx: Tx, asking: Asking) -> None:
    """A failure outside the door: somebody at an open screen guessed at its owner's password."""
    _failed(tx, asking, _named(tx, asking.name))


def forget_devices(tx: Tx, staff_id: int) -> None:
    tx.execute(staff_devices.delete().where(staff_devices.c.staff_id == staff_id))


def _named(tx: Tx, name: str) -> RowMapping | None:
    return tx.first(select(staff_table).where(staff_table.c.name == name.strip()))


def _is_known(tx: Tx, staff_id: int, device: str) -> bool:
    mine = (staff_devices.c.token_hash == hash_of(device)) & (staff_devices.c.staff_id == staff_id)
    return tx.scalar(select(staff_devices.c.staff_id).where(mine)) is not None


def _keys(tx: Tx, asking: Asking) -> list[tuple[str, str]]:
    """What this try is counted by."""
    row = _named(tx, asking.name)
    if row is not None and asking.device and _is_known(tx, int(row["id"]), asking.device):
        return [("device", hash_of(asking.device))]
    return [("account", hash_of(fold(asking.name.strip()))), ("address", hash_of(asking.place.address))]


def _until(tx: Tx, kind: str, key: str) -> datetime | None:
    lately = (sign_in_tries.c.kind == kind) & (sign_in_tries.c.key == key) & (sign_in_tries.c.at > tx.now - COUNTED_FOR)
    query = select(func.count(), func.max(sign_in_tries.c.at, type_=UtcDateTime)).where(lately)
    failures, last_at = tx.tuples(query)[0]
    return signing_in.shipped().back_off[kind].until(int(failures), last_at)


def _failed(tx: Tx, asking: Asking, row: RowMapping | None) -> None:
    tx.execute(sign_in_tries.delete().where(sign_in_tries.c.at <= tx.now - COUNTED_FOR))
    for kind, key in _keys(tx, asking):
        tx.insert(sign_in_tries, at=tx.now, kind=kind, key=key)
    if row is not None:
        staff.note(tx, int(row["id"]), "sign_in_failed")


def _second(tx: Tx, row: RowMapping, code: str, seal: Seal) -> bool:
    """A code of the authenticator app, or a recovery code; either opens once."""
    if row["factor_at"] is None:
        return False
    secret = seal.open(row["factor_secret"])
    step = signing_in.step_of(secret, code, now=tx.now, after=row["factor_step"]) if secret else None
    if step is not None:
        mine = (staff_table.c.id == row["id"]) & (staff_table.c.factor_step < step)
        return bool(tx.changed(staff_table.update().where(mine).values(factor_step=step)))
    given = recovery_codes.c.code_hash == hash_of(signing_in.plain_code(code))
    unused = (recovery_codes.c.staff_id == row["id"]) & recovery_codes.c.used_at.is_(None) & given
    if not tx.changed(recovery_codes.update().where(unused).values(used_at=tx.now)):
        return False
    staff.note(tx, int(row["id"]), "use_recovery_code")
    return True
