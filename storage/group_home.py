"""Which chat is whose staff group: a community's own, or the house's for whatever has none.

What belongs to a community is spoken of in its own group and in no other (WO-23). The house's is the one the setting names,
wherever Telegram has moved it since, or one that was connected by hand (storage.group_connecting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, or_, select

from storage.chats import find_or_open
from storage.hot import Hot
from storage.offices import Offices
from storage.tables import alarms, buildings, chats, communities, group_news, tickets, work_groups
from storage.transaction import Tx

WATCH = "group watch"
"""Woken when it may be that a group is not any more as it was."""


@dataclass(frozen=True, slots=True)
class Group:
    """A chat that is a staff group now. ``community_id`` None: the house's. ``open``: it can be reached."""

    chat_id: int
    community_id: int | None
    open: bool


def groups(tx: Tx) -> list[Group]:
    """Every one, the house's last."""
    return [Group(int(chat), whose, blocked is None) for chat, whose, blocked in _GROUPS.all(tx)]


def own_or_house(tx: Tx, community_id: int | None) -> Group | None:
    """The group of a community, reachable or not; the house's where it has none."""
    found = {one.community_id: one for one in reversed(groups(tx))}
    return found.get(community_id) or found.get(None)


def of_community(tx: Tx, community_id: int | None) -> int | None:
    """The chat in which a community's matters are spoken of, where it can be reached."""
    found = own_or_house(tx, community_id)
    return found.chat_id if found is not None and found.open else None


def of_ticket(tx: Tx, row: RowMapping) -> int | None:
    """The same for the community that has this ticket now."""
    return of_community(tx, Offices(tx).whose(row))


def is_home(tx: Tx, chat_id: int, ticket_id: int) -> bool:
    """True where this ticket is spoken of in this very group."""
    found = own_or_house(tx, Offices(tx).whose_id(ticket_id))
    return bool(found is not None and found.chat_id == chat_id)


def told_in(tx: Tx, community_id: int | None) -> list[int]:
    """Where a notice goes that concerns a community, or (None) the whole house: one chat, or none."""
    found = of_community(tx, community_id)
    return [] if found is None else [found]


def rung_in(tx: Tx, alarm: RowMapping) -> list[int]:
    """Where an alarm rings (EM-03): the group of its place; while that one is shut, the house's."""
    own = own_or_house(tx, Offices(tx).of_alarm(alarm))
    if own is None or own.open:
        return [] if own is None else [own.chat_id]
    return told_in(tx, None)


def among(tx: Tx, group: Group) -> ColumnElement[bool]:
    """True of the tickets whose home this group is."""
    if group.community_id is not None:
        return _WHOSE.in_([group.community_id])
    others = [one.community_id for one in groups(tx) if one.community_id is not None]
    return or_(_WHOSE.is_(None), _WHOSE.not_in(others)) if others else tickets.c.id.is_not(None)


def _whose() -> ColumnElement[Any]:
    """The community that has a ticket now, as ``Offices.whose`` says it."""
    named = select(func.min(buildings.c.community_id)).where(buildings.c.name == tickets.c.building)
    first = select(func.min(communities.c.id)).correlate(None)
    return func.coalesce(tickets.c.community_id, named.correlate(tickets).scalar_subquery(), first.scalar_subquery())


def rung_for(tx: Tx, alarm_id: int) -> list[int]:
    row = tx.first(select(alarms).where(alarms.c.id == alarm_id))
    return [] if row is None else rung_in(tx, row)


# --- what the setting names ------------------------------------------------------------------------------------------
def settle(tx: Tx, remote: int | None, *, telegram: bool = True) -> int | None:
    """The chat of this setting is the house's group, beside those connected by hand; None: the setting names none, or one
    that is a community's. Without Telegram there is no group at all, until it is back.

    A group that was upgraded is the same one, though the setting still names its old id; one met before it was set is
    found, too.
    """
    chat_id = None if remote is None or not telegram else _known(tx, remote)
    if chat_id is not None and _community_of(tx, chat_id) is not None:
        chat_id = None
    _named(tx, chat_id)
    connected = select(work_groups.c.chat_id)
    mine = chats.c.id.in_(connected) if telegram else chats.c.id < 0
    tx.execute(chats.update().where(chats.c.kind == "staff", ~mine).values(kind="group"))
    tx.execute(chats.update().where(mine).values(kind="staff"))
    drop_homeless(tx)
    return chat_id


def _named(tx: Tx, chat_id: int | None) -> None:
    """The setting names the house's group: whatever was the house's before is so no more."""
    house = work_groups.c.community_id.is_(None)
    if chat_id is None:
        tx.execute(work_groups.delete().where(work_groups.c.by_setting))
        return
    tx.execute(work_groups.delete().where(house, work_groups.c.chat_id != chat_id))
    if not tx.changed(work_groups.update().where(house).values(by_setting=True)):
        tx.insert(work_groups, chat_id=chat_id, by_setting=True, connected_at=tx.now)


def _community_of(tx: Tx, chat_id: int) -> int | None:
    found: int | None = tx.scalar(select(work_groups.c.community_id).where(work_groups.c.chat_id == chat_id))
    return found


def community_with(tx: Tx, remote: int) -> str | None:
    """The name of the community whose own group this is."""
    query = select(communities.c.name).join(work_groups, work_groups.c.community_id == communities.c.id)
    query = query.join(chats, chats.c.id == work_groups.c.chat_id).where(chats.c.channel == "telegram")
    found: str | None = tx.scalar(query.where(or_(chats.c.remote == remote, chats.c.former == remote)))
    return found


def _known(tx: Tx, remote: int) -> int:
    mine = (chats.c.channel == "telegram") & or_(chats.c.remote == remote, chats.c.former == remote)
    known = tx.first(select(chats.c.id).where(mine).order_by(chats.c.former.is_(None), chats.c.id))
    return int(known["id"]) if known else find_or_open(tx, channel="telegram", remote=remote, kind="staff")


def drop_homeless(tx: Tx) -> None:
    """News of tickets no group is told of are nothing to anybody."""
    found = groups(tx)
    if any(one.community_id is None for one in found):
        return
    told = [among(tx, one) for one in found]
    homes = select(tickets.c.id).where(or_(*told)) if told else None
    gone = group_news.delete() if homes is None else group_news.delete().where(group_news.c.ticket_id.not_in(homes))
    tx.execute(gone)


# --- how they stand --------------------------------------------------------------------------------------------------
def look_again(tx: Tx) -> None:
    """Somebody changed what we are in a group, or the group."""
    tx.wake(WATCH)


def watched(tx: Tx) -> Sequence[RowMapping]:
    """Every staff group's chat, whether it can be reached or not."""
    return tx.all(select(chats).where(chats.c.kind == "staff").order_by(chats.c.id))


def standing_of(row: RowMapping) -> str:
    """How a group's chat stands: fine, plain (no topics), no_right, closed."""
    if row["blocked_at"] is not None:
        return "closed"
    return "plain" if not row["forum"] else "fine" if row["may_topics"] else "no_right"


_WHOSE = _whose()
_GROUPS = Hot(
    select(chats.c.id, work_groups.c.community_id, chats.c.blocked_at)
    .select_from(chats.outerjoin(work_groups, work_groups.c.chat_id == chats.c.id))
    .where(chats.c.kind == "staff")
    .order_by(work_groups.c.community_id.is_(None), chats.c.id)
)
