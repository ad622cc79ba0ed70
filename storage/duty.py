"""The roster as it stands: a community's people, its week and what differs from it, who is on call, where nobody is.

A community's duty is for residents of its buildings; whoever lives nowhere we know is the office's own, the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, and_, func, or_, select

from knowledge.duty import Away, Post, Roster, StandIn, Watch, Weekly, shipped
from storage.tables import (
    buildings,
    chats,
    communities,
    duty_changes,
    duty_people,
    duty_weeks,
    residents,
    staff_scopes,
    units,
)
from storage.tables import staff as staff_table
from storage.transaction import Tx

Town = int | None
"""A community's id; None where none has been entered."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be called. `role` is None of somebody outside; `out`: not to be called any more."""

    id: int
    staff_id: int | None
    name: str
    role: str | None
    phone: str | None
    out: bool

    def may_hold(self, post: Post) -> bool:
        """Whoever is outside can be rung up, and takes nothing here: the sub-district's own duty room."""
        if self.staff_id is None:
            return post is Post.SUBDISTRICT or post is Post.COMMITTEE
        return self.role in shipped().posts[post].holders


@dataclass(frozen=True, slots=True)
class OnCall:
    """One post now."""

    post: Post
    people: tuple[Person, ...]
    until: datetime | None
    """None: for as long as is looked ahead"""
    missing: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A community's roster with the people it names."""

    town: Town
    name: str
    people: dict[int, Person]
    roster: Roster

    def on(self, post: Post, at: datetime) -> tuple[Person, ...]:
        return self.named(self.roster.on(post, at))

    def now(self, at: datetime) -> list[OnCall]:
        found = []
        for post in Post:
            horizon = at + shipped().look_ahead
            watch = self.roster.watches(post, at, horizon)[0]
            until = watch.ends if watch.ends < horizon else None
            found.append(OnCall(post, self.named(watch.people), until, self.named(watch.missing)))
        return found

    def gaps(self, at: datetime) -> list[Watch]:
        """Where nobody is on call within the time that is looked ahead."""
        return self.roster.gaps(at, at + shipped().look_ahead)

    def named(self, ids: Sequence[int]) -> tuple[Person, ...]:
        return tuple(self.people[id] for id in ids)

    def of_staff(self, staff_id: int) -> Person | None:
        found = (one for one in self.people.values() if one.staff_id == staff_id and not one.out)
        return next(found, None)


def of_the_house() -> ColumnElement[bool]:
    """True of colleagues who can be called: they work here still, and for no unit outside."""
    ours = or_(staff_table.c.unit_id.is_(None), staff_table.c.unit_id.in_(select(units.c.id).where(units.c.house)))
    return and_(ours, staff_table.c.disabled_at.is_(None))


def here(column: ColumnElement[int], town: Town) -> ColumnElement[bool]:
    """True of what belongs to this community."""
    return column.is_not_distinct_from(town)


def own(tx: Tx) -> Town:
    """The office's own community: the first."""
    found: Town = tx.scalar(select(func.min(communities.c.id)))
    return found


def town_of(tx: Tx, chat_id: int) -> Town:
    """Whose duty the resident of a chat is."""
    lives = func.coalesce(residents.c.building, chats.c.building)
    homes = chats.outerjoin(residents, residents.c.id == chats.c.resident_id).join(buildings, buildings.c.name == lives)
    query = select(func.min(buildings.c.community_id)).select_from(homes).where(chats.c.id == chat_id)
    found: Town = tx.scalar(query)
    return found if found is not None else own(tx)


def towns(tx: Tx, staff_id: int) -> list[tuple[Town, str]]:
    """The communities whose duty concerns this colleague: theirs, or all where nobody told them where."""
    listed = tx.tuples(select(communities.c.id, communities.c.name).order_by(communities.c.id))
    if not listed:
        return [(None, "")]
    placed = or_(staff_scopes.c.community_id.is_not(None), staff_scopes.c.building_id.is_not(None))
    scope = select(func.coalesce(staff_scopes.c.community_id, buildings.c.community_id))
    scope = scope.outerjoin(buildings, buildings.c.id == staff_scopes.c.building_id)
    theirs = {row[0] for row in tx.tuples(scope.where(staff_scopes.c.staff_id == staff_id, placed))}
    return [(row[0], row[1]) for row in listed if not theirs or row[0] in theirs]


def plan(tx: Tx, town: Town) -> Plan:
    """All of a community's duty that is not long over."""
    name = tx.scalar(select(communities.c.name).where(communities.c.id == town)) if town is not None else ""
    return _named_plan(tx, town, str(name or ""))


def _named_plan(tx: Tx, town: Town, name: str) -> Plan:
    people = {one.id: one for one in _people(tx, town)}
    if not people:
        return Plan(town, name, people, Roster())
    weekly, stands, away = _weekly(tx, town), _stand_ins(tx, town), _away(tx, town)
    lines = [(shift.post, shift.person) for shift in weekly] + [(one.post, one.person) for one in stands]
    unfit = {person for post, person in lines if not people[person].may_hold(post)}
    gone = frozenset(unfit | {one.id for one in people.values() if one.out})
    return Plan(town, name, people, Roster(weekly, stands, away, gone))


def plans(tx: Tx, staff_id: int) -> list[Plan]:
    """Those that concern this colleague."""
    return [_named_plan(tx, town, name) for town, name in towns(tx, staff_id)]


def _people(tx: Tx, town: Town) -> list[Person]:
    query = (
        select(duty_people, staff_table.c.name.label("colleague"), staff_table.c.role, of_the_house().label("ours"))
        .outerjoin(staff_table, staff_table.c.id == duty_people.c.staff_id)
        .where(here(duty_people.c.community_id, town))
        .order_by(duty_people.c.id)
    )
    return [
        Person(
            id=row["id"],
            staff_id=row["staff_id"],
            name=str(row["colleague"] or row["name"] or ""),
            role=row["role"],
            phone=row["phone"],
            out=row["removed_at"] is not None or (row["staff_id"] is not None and not row["ours"]),
        )
        for row in tx.all(query)
    ]


def _weekly(tx: Tx, town: Town) -> list[Weekly]:
    today = tx.now.date().isoformat()
    current = or_(duty_weeks.c.until.is_(None), duty_weeks.c.until >= today)
    query = select(duty_weeks).where(here(duty_weeks.c.community_id, town), current)
    return [
        Weekly(
            post=Post(row["post"]),
            person=row["person_id"],
            weekday=row["weekday"],
            begins=time.fromisoformat(row["begins"]),
            ends=time.fromisoformat(row["ends"]),
            since=date.fromisoformat(row["since"]),
            until=date.fromisoformat(row["until"]) if row["until"] else None,
        )
        for row in tx.all(query.order_by(duty_weeks.c.weekday, duty_weeks.c.begins, duty_weeks.c.id))
    ]


def _stand_ins(tx: Tx, town: Town) -> list[StandIn]:
    query = select(duty_changes).where(standing(tx, town), duty_changes.c.post.is_not(None)).order_by(duty_changes.c.id)
    return [StandIn(Post(row["post"]), row["person_id"], row["starts"], row["ends"]) for row in tx.all(query)]


def _away(tx: Tx, town: Town) -> list[Away]:
    query = select(duty_changes).where(standing(tx, town), duty_changes.c.post.is_(None))
    return [Away(row["person_id"], row["starts"], row["ends"]) for row in tx.all(query)]


def standing(tx: Tx, town: Town) -> ColumnElement[bool]:
    """True of changes that hold now or will."""
    kept = and_(duty_changes.c.cancelled_at.is_(None), duty_changes.c.ends > tx.now)
    return and_(here(duty_changes.c.community_id, town), kept)
