"""Building heads, committee members, partners as an audience: whose chat is known, and how many are known without one.

A chat is somebody's where a colleague made sure of it: an account linked by its owner for their work, or a line of the
register of households somebody was recognised in. Whoever only says that they have a head's number is none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Text, and_, cast, exists, func, or_, select

from storage.tables import (
    buildings,
    chats,
    community_bodies,
    household_people,
    staff,
    staff_scopes,
    staff_telegram,
)
from storage.transaction import Tx

if TYPE_CHECKING:
    from storage.notices import Notice

KINDS: Mapping[str, tuple[str, ...]] = {
    "heads": ("head",),
    "committee": ("committee", "supervision", "sub_committee"),
    "partners": ("partner", "group"),
}
"""Of ``knowledge.bodies``, by the audience of ``knowledge.broadcasts``."""
_body, _people = community_bodies.c, household_people.c
_NAME = func.coalesce(_body.person, _body.name)


def belongs(notice: Notice) -> ColumnElement[bool]:
    """The chats of those it is for."""
    named = select(_people.id).join(community_bodies, _is_person()).where(_meant(notice))
    recognised = exists(named.where(_people.resident_id == chats.c.resident_id))
    at_work = exists(
        select(staff_telegram.c.id).join(staff).where(_at_work(notice), staff_telegram.c.chat_id == chats.c.id)
    )
    return or_(recognised, at_work)


def without_chat(tx: Tx, notice: Notice) -> int:
    """People of it whose chat is not known."""
    home = exists(select(chats.c.id).where(chats.c.resident_id == _people.resident_id))
    known = exists(select(_people.id).where(_is_person(), home))
    linked = exists(select(staff_telegram.c.id).where(staff_telegram.c.staff_id == staff.c.id))
    rows = tx.tuples(select(_NAME, known).where(_meant(notice)))
    rows += tx.tuples(select(staff.c.name, linked).where(_at_work(notice)))
    return len({name for name, _ in rows} - {name for name, found in rows if found})


def _is_person() -> ColumnElement[bool]:
    same = (_people.name == _NAME, _people.phone == _body.phone, _people.community_id == _body.community_id)
    return and_(*same, _people.resident_id.is_not(None))


def _meant(notice: Notice) -> ColumnElement[bool]:
    """Entered now, of the community, and of the buildings where it is there for some."""
    which: list[ColumnElement[bool]] = [_body.kind.in_(KINDS[notice.audience or ""]), _body.ended_at.is_(None)]
    if notice.community_id is not None:
        which.append(_body.community_id == notice.community_id)
    if notice.buildings is not None:
        named = cast(_body.buildings, Text)
        kept = {form for name in notice.buildings for form in (f'"{name}"', json.dumps(name))}  # PostgreSQL, SQLite
        which.append(or_(named == "[]", *(named.contains(form, autoescape=True) for form in sorted(kept))))
    return and_(*which)


def _at_work(notice: Notice) -> ColumnElement[bool]:
    """Colleagues who are building heads."""
    which: list[ColumnElement[bool]] = [staff.c.role == "building_head", staff.c.disabled_at.is_(None)]
    if notice.audience != "heads":
        return staff.c.id < 0
    mine = select(staff_scopes.c.id).join(buildings, buildings.c.id == staff_scopes.c.building_id)
    mine = mine.where(staff_scopes.c.staff_id == staff.c.id)
    if notice.buildings is not None:
        which.append(exists(mine.where(buildings.c.name.in_(notice.buildings))))
    elif notice.community_id is not None:
        which.append(exists(mine.where(buildings.c.community_id == notice.community_id)))
    return and_(*which)
