"""Whose Telegram account is whose: linked by a one-time code from one's own page, gone the moment somebody is out.

Whoever opens a code is asked first whether it is they; looking at it links nothing. A chat that is linked stays the chat
of whatever resident it was before: only who may work from it changes.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import RowMapping, select

from storage import staff
from storage.staff import Member, hash_of
from storage.tables import chats, staff_telegram, telegram_codes
from storage.transaction import Tx

CODE_LIFE = timedelta(minutes=15)
PREFIX = "s_"
"""What a deep link's payload begins with; a poster's begins with b."""
CODE_BYTES = 20
Trouble = Literal["code", "taken", "linked", "out"]


@dataclass(frozen=True, slots=True)
class Link:
    """An account that is somebody's."""

    staff_id: int
    user_id: int
    chat_id: int
    linked_at: datetime


def of_staff(tx: Tx, staff_id: int) -> Link | None:
    return _read(tx.first(_LINKS.where(staff_telegram.c.staff_id == staff_id)))


def of_user(tx: Tx, user_id: int) -> Link | None:
    return _read(tx.first(_LINKS.where(staff_telegram.c.user_id == user_id)))


def colleague(tx: Tx, user_id: int) -> Member | None:
    """Who works here and writes from this account; None for everybody else, and for whoever is out."""
    found = of_user(tx, user_id)
    member = staff.get(tx, found.staff_id) if found else None
    return member if member is not None and member.disabled_at is None else None


def make_code(tx: Tx, staff_id: int) -> str:
    """The payload of a fresh deep link; earlier ones of theirs are void."""
    token = PREFIX + secrets.token_urlsafe(CODE_BYTES)
    tx.execute(telegram_codes.delete().where(telegram_codes.c.staff_id == staff_id))
    row = {"staff_id": staff_id, "created_at": tx.now, "expires_at": tx.now + CODE_LIFE}
    tx.execute(telegram_codes.insert().values(token_hash=hash_of(token), **row))
    staff.note(tx, staff_id, "telegram_code")
    return token


def show_code(tx: Tx, token: str, *, user_id: int, chat_id: int) -> Member | Trouble:
    """Whose code this is, for the chat that opened it first and may now agree; or why it links nothing."""
    row = _good(tx, telegram_codes.c.token_hash == hash_of(token))
    if row is None or row["chat_id"] not in (None, chat_id):
        return "code"
    tx.execute(telegram_codes.update().where(telegram_codes.c.staff_id == row["staff_id"]).values(chat_id=chat_id))
    member = staff.get(tx, row["staff_id"])
    if member is None or member.disabled_at is not None:
        return "out"
    return _in_the_way(tx, member.id, user_id) or member


def agree(tx: Tx, *, user_id: int, chat_id: int, staff_id: int) -> Member | Trouble:
    """It is they: from now on this account is this colleague's."""
    row = _good(tx, telegram_codes.c.chat_id == chat_id, telegram_codes.c.staff_id == staff_id)
    member = staff.get(tx, staff_id)
    if row is None or member is None or member.disabled_at is not None:
        return "code"
    if (trouble := _in_the_way(tx, staff_id, user_id)) is not None:
        return trouble
    tx.execute(telegram_codes.update().where(telegram_codes.c.staff_id == staff_id).values(used_at=tx.now))
    tx.insert(staff_telegram, staff_id=staff_id, user_id=user_id, chat_id=chat_id, linked_at=tx.now)
    staff.note(tx, staff_id, "link_telegram", str(staff_id))
    tx.wake("desk")
    return member


def _good(tx: Tx, *which: object) -> RowMapping | None:
    alive = (telegram_codes.c.expires_at > tx.now, telegram_codes.c.used_at.is_(None))
    return tx.first(select(telegram_codes).where(*which, *alive).with_for_update())  # type: ignore[arg-type]


def _in_the_way(tx: Tx, staff_id: int, user_id: int) -> Trouble | None:
    """One account a colleague, one colleague an account."""
    if of_user(tx, user_id) is not None:
        return "taken"
    return "linked" if of_staff(tx, staff_id) is not None else None


def unlink(tx: Tx, staff_id: int, *, by: int) -> int | None:
    """The account is nobody's from now on, codes are void; the chat that was linked, None where none was."""
    found = of_staff(tx, staff_id)
    staff.cut_off_telegram(tx, staff_id)
    if found is None:
        return None
    staff.note(tx, by, "unlink_telegram", str(staff_id))
    tx.wake("desk")
    return found.chat_id


def reached(tx: Tx, staff_id: int) -> int | None:
    """The private chat in which this colleague can be called; None where there is none, or it is closed to us."""
    query = select(chats.c.id).join(staff_telegram, staff_telegram.c.chat_id == chats.c.id)
    found = tx.scalar(query.where(staff_telegram.c.staff_id == staff_id, chats.c.blocked_at.is_(None)))
    return int(found) if found is not None else None


def _read(row: RowMapping | None) -> Link | None:
    return Link(**row) if row else None


_LINKS = select(*(staff_telegram.c[name] for name in ("staff_id", "user_id", "chat_id", "linked_at")))
