"""A Telegram group becomes the staff group of a community, or the house's: by a one-time code an admin makes in the console
and a colleague says in the group, or brings there with Telegram's own link. Nothing else makes one.

Whoever makes, uses or ends a connection is responsible for that place as they do it; of a code only its hash is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.legible import fresh_code
from storage import estates, group_home, group_news, messages, staff, topics, within
from storage.access import NotThere, member_for
from storage.group_home import Group
from storage.staff import hash_of
from storage.tables import chats, communities, group_codes, group_members, staff_forms, tickets, work_groups
from storage.tables import outbox as letters
from storage.tables import staff as staff_table
from storage.tables import topics as topic_table
from storage.tickets import OPEN
from storage.transaction import Tx

PREFIX = "g_"
"""What the payload of Telegram's link begins with; a colleague's own begins with s."""
CODE_LIFE = timedelta(minutes=15)
LENGTH = 8
Trouble = Literal["code", "not_yours", "taken", "others", "has_one", "setting", "already"]


@dataclass(frozen=True, slots=True)
class Connected:
    """``place``: the community's name, None for the house; ``waiting``: open tickets that will appear there."""

    place: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. ``place``: what this group is, or which community has one already."""

    why: Trouble
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """How it stands with one place's group. ``chat_id`` None: it has none. ``may``: this reader may connect one here."""

    community_id: int | None
    name: str
    may: bool
    chat_id: int | None = None
    title: str | None = None
    standing: str | None = None
    lacks: tuple[str, ...] = ()
    by_setting: bool = False
    by: str | None = None
    at: datetime | None = None


def manages(tx: Tx, staff_id: int, community_id: int | None) -> None:
    """MayNot for a role that connects no groups; NotThere for whoever is not responsible for all of that place."""
    member_for(tx, staff_id, "group", "act" if community_id is not None else "house")
    if not _leads(tx, staff_id, community_id):
        raise NotThere


def _leads(tx: Tx, staff_id: int, community_id: int | None) -> bool:
    if community_id is None:
        return estates.everywhere(tx, staff_id)
    living = (communities.c.id == community_id) & communities.c.retired_at.is_(None)
    return tx.scalar(select(communities.c.id).where(living, within.led_within(communities.c.id, staff_id))) is not None


def make_code(tx: Tx, community_id: int | None, *, by: int) -> str | Refused:
    """A fresh code for this place; earlier ones are void."""
    manages(tx, by, community_id)
    has = _row_of(tx, community_id)
    if has is not None:
        return Refused("setting" if has["by_setting"] else "has_one", _name(tx, community_id))
    code = fresh_code(LENGTH).upper()
    tx.execute(group_codes.delete().where(_place(group_codes.c.community_id, community_id)))
    row = {"community_id": community_id, "staff_id": by, "created_at": tx.now, "expires_at": tx.now + CODE_LIFE}
    tx.execute(group_codes.insert().values(token_hash=hash_of(code), **row))
    staff.note(tx, by, "group_code", _object(community_id))
    return code


def connect(tx: Tx, code: str, *, chat_id: int, staff_id: int) -> Connected | Refused:
    """The group in which a colleague says a good code is that place's from now on, with all its open tickets."""
    good = (group_codes.c.token_hash == hash_of(_plain(code))) & (group_codes.c.expires_at > tx.now)
    row = tx.first(select(group_codes).where(good, group_codes.c.used_at.is_(None)).with_for_update())
    if row is None:
        return Refused("code")
    community_id = row["community_id"]
    try:
        manages(tx, staff_id, community_id)
    except (NotThere, staff.MayNot):
        return Refused("not_yours")
    if (refused := _in_the_way(tx, chat_id, community_id)) is not None:
        return refused
    tx.execute(group_codes.update().where(group_codes.c.token_hash == row["token_hash"]).values(used_at=tx.now))
    tx.execute(chats.update().where(chats.c.id == chat_id).values(kind="staff", blocked_at=None, language="zh"))
    tx.insert(work_groups, chat_id=chat_id, community_id=community_id, connected_by=staff_id, connected_at=tx.now)
    staff.note(tx, staff_id, "connect_group", _object(community_id), chat=chat_id)
    group_home.look_again(tx)
    tx.wake("desk")
    return Connected(_name(tx, community_id), _bring_in(tx, Group(chat_id, community_id, open=True)))


def _plain(code: str) -> str:
    """As it may be typed: in small letters, with gaps."""
    return "".join(code.split()).replace("-", "").upper()[:64]


def _in_the_way(tx: Tx, chat_id: int, community_id: int | None) -> Refused | None:
    """A group is one place's, a place has one group, and in none stands what belongs to another community (WO-23)."""
    mine = tx.first(select(work_groups).where(work_groups.c.chat_id == chat_id))
    if mine is not None and mine["community_id"] == community_id:
        return Refused("already", _name(tx, community_id))
    if mine is not None:
        return Refused("taken", _name(tx, mine["community_id"]))
    if _row_of(tx, community_id) is not None:
        return Refused("has_one", _name(tx, community_id))
    return Refused("others") if _holds_others(tx, chat_id, community_id) else None


def _holds_others(tx: Tx, chat_id: int, community_id: int | None) -> bool:
    if community_id is None:
        return False
    stands = (topic_table.c.chat_id == chat_id) & (topic_table.c.state != "gone")
    query = select(topic_table.c.id).join(tickets, tickets.c.id == topic_table.c.ticket_id)
    theirs = group_home.among(tx, Group(chat_id, community_id, open=True))
    return tx.scalar(query.where(stands, ~theirs).limit(1)) is not None


def _bring_in(tx: Tx, group: Group) -> int:
    """Every open ticket of the place is news there; how many."""
    query = select(tickets.c.id).where(tickets.c.state.in_(OPEN), group_home.among(tx, group)).order_by(tickets.c.id)
    found = [int(key) for (key,) in tx.tuples(query)]
    for ticket_id in found:
        group_news.put(tx, ticket_id)
    return len(found)


def disconnect(tx: Tx, community_id: int | None, *, by: int, word: str) -> bool:
    """This place has no group of its own any more: what stood there of tickets is taken away, ``word`` is the last that is
    said, and its tickets go to the house's. False where there is none, or the setting names it."""
    manages(tx, by, community_id)
    row = _row_of(tx, community_id)
    if row is None or row["by_setting"]:
        return False
    chat_id = int(row["chat_id"])
    tx.execute(letters.delete().where(letters.c.chat_id == chat_id, letters.c.state == "pending"))
    topics.leave(tx, chat_id)
    tx.execute(work_groups.delete().where(work_groups.c.id == row["id"]))
    tx.execute(chats.update().where(chats.c.id == chat_id).values(kind="group"))
    tx.execute(group_members.delete().where(group_members.c.chat_id == chat_id))
    tx.execute(staff_forms.update().where(staff_forms.c.chat_id == chat_id, _BEGUN).values(state="dropped"))
    messages.say(tx, chat_id=chat_id, text=word)
    staff.note(tx, by, "disconnect_group", _object(community_id), chat=chat_id)
    group_home.drop_homeless(tx)
    if community_id is not None:
        _bring_in(tx, Group(chat_id, community_id, open=True))
    tx.wake("desk")
    return True


# --- how it stands ---------------------------------------------------------------------------------------------------
def lines(tx: Tx, staff_id: int | None) -> list[Line]:
    """The house's group, for whoever answers for the house, and those of the communities this member has anything in; None:
    all, for whoever looks after the service."""
    query = select(communities.c.id, communities.c.name).where(communities.c.retired_at.is_(None))
    query = query if staff_id is None else query.where(estates.of(staff_id))
    all_of_it = staff_id is None or estates.everywhere(tx, staff_id)
    places: list[tuple[int | None, str]] = [(None, "")] if all_of_it else []
    places += [(int(key), str(name)) for key, name in tx.tuples(query.order_by(communities.c.id))]
    return [line(tx, community_id, staff_id=staff_id, name=name) for community_id, name in places]


def line(tx: Tx, community_id: int | None, *, staff_id: int | None, name: str = "") -> Line:
    may, row = staff_id is not None and _leads(tx, staff_id, community_id), _row_of(tx, community_id)
    if row is None:
        return Line(community_id, name, may)
    chat = tx.first(select(chats).where(chats.c.id == row["chat_id"]))
    assert chat is not None
    by = tx.scalar(select(staff_table.c.name).where(staff_table.c.id == row["connected_by"]))
    return Line(
        community_id,
        name,
        may,
        chat_id=int(row["chat_id"]),
        title=row["title"],
        standing=group_home.standing_of(chat),
        lacks=tuple(row["lacks"] or ()),
        by_setting=bool(row["by_setting"]),
        by=by,
        at=row["connected_at"],
    )


def _row_of(tx: Tx, community_id: int | None) -> RowMapping | None:
    return tx.first(select(work_groups).where(_place(work_groups.c.community_id, community_id)))


def _place(column: ColumnElement[int], community_id: int | None) -> ColumnElement[bool]:
    return column.is_(None) if community_id is None else column == community_id


def _name(tx: Tx, community_id: int | None) -> str | None:
    found: str | None = tx.scalar(select(communities.c.name).where(communities.c.id == community_id))
    return found


def _object(community_id: int | None) -> str:
    return "house" if community_id is None else str(community_id)


_BEGUN = staff_forms.c.state == "open"
