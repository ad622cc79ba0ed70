"""Who is in which staff group, as far as Telegram has told us: whoever leaves one works there no more, at once.

Whoever was there before the bot is not known until they speak; not known is not gone. Who sits in the group of a place they
are not responsible for is told to admins like a stranger (WO-23).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from storage import group_home, staff_telegram, within
from storage.group_home import Group
from storage.offices import Offices
from storage.tables import chats, communities, group_members, staff_forms
from storage.transaction import Tx

GONE = frozenset({"left", "kicked"})


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody who does not belong in a group: no colleague's account, or a ``colleague`` of another place."""

    chat_id: int
    user_id: int
    name: str | None
    at: datetime
    colleague: str | None = None


def changed(tx: Tx, *, chat_id: int, user_id: int, status: str, name: str | None) -> None:
    """Telegram says how somebody stands now. Whoever is gone keeps no name here, and no step half taken there."""
    gone = status in GONE
    values: dict[str, Any] = {"status": status, "name": None if gone else name, "at": tx.now}
    theirs = (group_members.c.chat_id == chat_id) & (group_members.c.user_id == user_id)
    if not tx.changed(group_members.update().where(theirs).values(values)):
        tx.insert(group_members, chat_id=chat_id, user_id=user_id, **values)
    found = staff_telegram.of_user(tx, user_id)
    if gone and found is not None:
        here = or_(staff_forms.c.chat_id == chat_id, staff_forms.c.chat_id == found.chat_id)
        begun = here & (staff_forms.c.staff_id == found.staff_id) & (staff_forms.c.state == "open")
        tx.execute(staff_forms.update().where(begun).values(state="dropped"))
    tx.wake("desk")


def is_gone(tx: Tx, user_id: int, chat_id: int | None = None) -> bool:
    """They were seen to leave this group and not to come back; without one: every group they were ever seen in."""
    known = select(group_members.c.status).join(chats, chats.c.id == group_members.c.chat_id)
    known = known.where(group_members.c.user_id == user_id, chats.c.kind == "staff")
    if chat_id is not None:
        known = known.where(group_members.c.chat_id == chat_id)
    states = [str(status) for (status,) in tx.tuples(known)]
    return bool(states) and all(one in GONE for one in states)


def still_theirs(tx: Tx, staff_id: int) -> list[ColumnElement[bool]]:
    """True, all of them, of the tickets of places whose group this colleague has not left."""
    link = staff_telegram.of_staff(tx, staff_id)
    groups = group_home.groups(tx) if link is not None else []
    return [~group_home.among(tx, one) for one in groups if link and is_gone(tx, link.user_id, one.chat_id)]


def left_group_of(tx: Tx, staff_id: int, ticket_id: int) -> bool:
    """This colleague has left the group of the place this ticket belongs to."""
    home, link = group_home.own_or_house(tx, Offices(tx).whose_id(ticket_id)), staff_telegram.of_staff(tx, staff_id)
    return home is not None and link is not None and is_gone(tx, link.user_id, home.chat_id)


def strangers(tx: Tx, *, staff_id: int) -> list[Stranger]:
    """Who is in a group and does not belong there, of the groups of this admin's places: they decide what becomes of it."""
    found = [one for group in group_home.groups(tx) for one in _in(tx, group) if _concerns(tx, group, staff_id)]
    return sorted(found, key=lambda one: (one.at, one.user_id))


def _in(tx: Tx, group: Group) -> list[Stranger]:
    columns = [group_members.c[name] for name in ("chat_id", "user_id", "name", "at")]
    there = (group_members.c.chat_id == group.chat_id) & group_members.c.status.not_in(GONE)
    rows = [Stranger(*row) for row in tx.tuples(select(*columns).where(there).order_by(group_members.c.id))]
    return [named for one in rows if (named := _judged(tx, group, one)) is not None]


def _judged(tx: Tx, group: Group, one: Stranger) -> Stranger | None:
    member = staff_telegram.colleague(tx, one.user_id)
    if member is None:
        return one
    if _belongs(tx, group, member.id):
        return None
    return Stranger(one.chat_id, one.user_id, one.name, one.at, member.name)


def _belongs(tx: Tx, group: Group, staff_id: int) -> bool:
    """They are responsible for something of every place that is spoken of there."""
    others = [one.community_id for one in group_home.groups(tx) if one.community_id is not None]
    spoken_of: ColumnElement[bool] = communities.c.id == group.community_id
    if group.community_id is None:
        spoken_of = communities.c.id.not_in(others) & communities.c.retired_at.is_(None)
    elsewhere = select(communities.c.id).where(spoken_of, ~within.community_within(communities.c.id, staff_id))
    return tx.scalar(elsewhere.limit(1)) is None


def _concerns(tx: Tx, group: Group, staff_id: int) -> bool:
    """Its place is this admin's."""
    if group.community_id is None:
        return bool(tx.scalar(select(within.unlimited(staff_id)))) or _belongs(tx, group, staff_id)
    theirs = within.community_within(communities.c.id, staff_id)
    return tx.scalar(select(communities.c.id).where(communities.c.id == group.community_id, theirs)) is not None
