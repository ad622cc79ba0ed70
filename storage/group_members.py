"""Who is in the staff group, as far as Telegram has told us: whoever leaves works there no more, at once.

Whoever was there before the bot is not known until they speak; not known is not gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from storage import staff_telegram
from storage.staff import Member
from storage.tables import chats, group_members, staff_forms
from storage.tables import staff_telegram as links
from storage.transaction import Tx

GONE = frozenset({"left", "kicked"})


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody in the group who is no colleague's account."""

    user_id: int
    name: str | None
    at: datetime


def changed(tx: Tx, *, chat_id: int, user_id: int, status: str, name: str | None) -> None:
    """Telegram says how somebody stands now. Whoever is gone keeps no name here, and no step half taken."""
    gone = status in GONE
    values: dict[str, Any] = {"status": status, "name": None if gone else name, "at": tx.now}
    theirs = (group_members.c.chat_id == chat_id) & (group_members.c.user_id == user_id)
    if not tx.changed(group_members.update().where(theirs).values(values)):
        tx.insert(group_members, chat_id=chat_id, user_id=user_id, **values)
    found = staff_telegram.of_user(tx, user_id)
    if gone and found is not None:
        begun = (staff_forms.c.staff_id == found.staff_id) & (staff_forms.c.state == "open")
        tx.execute(staff_forms.update().where(begun).values(state="dropped"))
    tx.wake("desk")


def is_gone(tx: Tx, user_id: int) -> bool:
    """They were seen to leave the staff group and not to come back."""
    staffs = select(chats.c.id).where(chats.c.kind == "staff")
    left = (group_members.c.user_id == user_id) & group_members.c.chat_id.in_(staffs)
    return tx.scalar(select(group_members.c.id).where(left, group_members.c.status.in_(GONE)).limit(1)) is not None


def at_work(tx: Tx, user_id: int) -> Member | None:
    """The colleague behind an account, who has not left the group; rights are their role's, asked at each step."""
    member = staff_telegram.colleague(tx, user_id)
    return None if member is None or is_gone(tx, user_id) else member


def strangers(tx: Tx) -> list[Stranger]:
    """Who is in the group and no colleague: admins decide whether they belong there."""
    known = exists().where(links.c.user_id == group_members.c.user_id)
    staffs = select(chats.c.id).where(chats.c.kind == "staff")
    query = select(group_members.c.user_id, group_members.c.name, group_members.c.at)
    there = group_members.c.chat_id.in_(staffs) & group_members.c.status.not_in(GONE)
    return [Stranger(*row) for row in tx.tuples(query.where(there, ~known).order_by(group_members.c.id))]
