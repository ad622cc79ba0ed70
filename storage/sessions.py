"""Sessions of the console: where each is used, which are open, and ending them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from knowledge import signing_in
from storage import staff
from storage.hot import Hot
from storage.staff import SEEN_EVERY, Place, Signed
from storage.tables import staff_sessions
from storage.transaction import Tx

KEY = 16
"""How much of a session's hash names it on a page; the hash opens nothing."""
LATELY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Session:
    """One open session; ``other_…``: the place it was used from before this one, where it was another."""

    token_hash: str
    how: str
    created_at: datetime
    seen_at: datetime | None
    address: str | None
    device: str | None
    other_address: str | None
    other_device: str | None
    other_at: datetime | None

    @property
    def key(self) -> str:
        return self.token_hash[:KEY]


def listed(tx: Tx, staff_id: int) -> list[Session]:
    """Somebody's open sessions, the one used last first."""
    mine = _of(staff_id) & (staff_sessions.c.expires_at > tx.now)
    query = select(*_SESSION).where(mine).order_by(staff_sessions.c.seen_at.desc(), staff_sessions.c.created_at.desc())
    return [Session(*row) for row in tx.tuples(query)]


def seen(tx: Tx, signed: Signed, place: Place) -> None:
    """They have the console before them, here; written down once a minute, and at once where the place changed."""
    staff.saw(tx, signed.member.id)
    found = _BY_HASH.first(tx, session=signed.session)
    if found is None:
        return
    row = Session(*found)
    moved = (row.address, row.device) != (place.address or None, place.device or None)
    if not moved and row.seen_at is not None and row.seen_at > tx.now - SEEN_EVERY:
        return
    values: dict[str, object] = {"seen_at": tx.now, "address": place.address or None, "device": place.device or None}
    if moved and row.address is not None:
        values |= {"other_address": row.address, "other_device": row.device, "other_at": tx.now}
    tx.execute(staff_sessions.update().where(_that(signed.session)).values(values))


def elsewhere(tx: Tx, signed: Signed) -> int:
    """How many other places this account is in use at now: further sessions used lately, and this very one with another
    kind of browser within a day - a cookie somebody copied."""
    others = and_(
        _of(signed.member.id),
        ~_that(signed.session),
        staff_sessions.c.expires_at > tx.now,
        staff_sessions.c.seen_at > tx.now - LATELY,
    )
    copied = and_(
        _that(signed.session),
        staff_sessions.c.other_at > tx.now - timedelta(days=1),
        staff_sessions.c.other_device != staff_sessions.c.device,
    )
    return int(tx.scalar(select(func.count()).select_from(staff_sessions).where(or_(others, copied))))


def end(tx: Tx, staff_id: int, key: str, *, by: int) -> bool:
    """End one of somebody's sessions; False where it was over."""
    that = _of(staff_id) & staff_sessions.c.token_hash.startswith(key, autoescape=True)
    done = len(key) == KEY and bool(tx.changed(staff_sessions.delete().where(that)))
    if done:
        staff.note(tx, by, "end_session", str(staff_id))
        tx.wake("desk")
    return done


def end_all(tx: Tx, staff_id: int, *, by: int, but: str | None = None) -> int:
    """End all of somebody's sessions, ``but`` the one of this hash; how many."""
    those = _of(staff_id) if but is None else _of(staff_id) & ~_that(but)
    number = tx.changed(staff_sessions.delete().where(those))
    staff.note(tx, by, "end_sessions", str(staff_id), number=number)
    tx.wake("desk")
    return number


def fresh(tx: Tx, session: str) -> bool:
    """True while a way in by a one-time link still proves who it is."""
    since = tx.now - signing_in.shipped().fresh_link
    lately = and_(_that(session), staff_sessions.c.how == "link", staff_sessions.c.created_at > since)
    return tx.scalar(select(staff_sessions.c.staff_id).where(lately)) is not None


def _that(session: str) -> ColumnElement[bool]:
    return staff_sessions.c.token_hash == session


def _of(staff_id: int) -> ColumnElement[bool]:
    return staff_sessions.c.staff_id == staff_id


_SESSION: Sequence[ColumnElement[object]] = [staff_sessions.c[name] for name in Session.__dataclass_fields__]
_BY_HASH = Hot(select(*_SESSION).where(staff_sessions.c.token_hash == bindparam("session")))
