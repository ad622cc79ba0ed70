"""Where and for what somebody is responsible: the conditions that hold every query of the desk to it.

A building belongs to a community; whatever names no building, or one nobody knows, belongs to the office's own, the first.
Where two communities have a building of one name, the name means the office's own. No scope of a place is everywhere -
but for roles that must be told where; no subject is every subject. Whoever looks after a ticket, or whose unit was given
it, reaches it wherever it is; people of a unit outside the house reach nothing else (WO-23).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, and_, exists, func, or_, select

from knowledge import reach
from storage.tables import (
    buildings,
    chats,
    communities,
    residents,
    staff_scopes,
    ticket_figures,
    ticket_passes,
    ticket_units,
    tickets,
    units,
)
from storage.tables import staff as staff_table

P = ParamSpec("P")
R = TypeVar("R")


def kept(condition: Callable[P, R]) -> Callable[P, R]:
    """Written down once for each reader: making them anew was half of what a page's frame cost (27 ms of CPU, now 14)."""
    return lru_cache(maxsize=4096)(condition)  # type: ignore[return-value]


@kept
def tickets_within(staff_id: int) -> ColumnElement[bool]:
    """True of the tickets this member's role, places and subjects let them meet."""
    there = and_(_has_it(staff_id), _subject(tickets, staff_id))
    theirs = or_(tickets.c.assigned_to == staff_id, given_to_theirs(staff_id))
    return and_(_routes(staff_id), or_(theirs, and_(~guest(staff_id), there)))


@kept
def _has_it(staff_id: int) -> ColumnElement[bool]:
    """Of the place it is at, until another community of the estate took it over; of one it is offered to as well."""
    here = and_(tickets.c.community_id.is_(None), _place(tickets.c.building, staff_id))
    offered = select(ticket_passes.c.ticket_id).where(
        ticket_passes.c.state == "offered", ticket_passes.c.to_id.in_(_whole(staff_id))
    )
    taken = or_(tickets.c.community_id.in_(_whole(staff_id)), _anywhere(staff_id))
    return or_(here, and_(tickets.c.community_id.is_not(None), taken), tickets.c.id.in_(offered.correlate(None)))


@kept
def whole_within(community_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of the communities they are responsible for as a whole."""
    return or_(_anywhere(staff_id), community_id.in_(_whole(staff_id)))


@kept
def led_within(community_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of the communities they are responsible for as a whole, in every subject."""
    return and_(whole_within(community_id, staff_id), ~exists(_subjects(staff_id)), ~guest(staff_id))


@kept
def given_to_theirs(staff_id: int) -> ColumnElement[bool]:
    """True of the tickets this member's unit leads, or assists with."""
    mine = select(_reader.c.unit_id).where(_reader.c.id == staff_id, _reader.c.unit_id.is_not(None))
    given = select(ticket_units.c.ticket_id).where(ticket_units.c.unit_id.in_(mine), ticket_units.c.ended_at.is_(None))
    return tickets.c.id.in_(given.correlate(None))


@kept
def guest(staff_id: int) -> ColumnElement[bool]:
    """True for people of a unit outside the house."""
    outside = select(units.c.id).where(units.c.house.is_(False)).correlate(None)
    return exists(select(_reader.c.id).where(_reader.c.id == staff_id, _reader.c.unit_id.in_(outside)).correlate(None))


@kept
def figures_within(staff_id: int) -> ColumnElement[bool]:
    """True of the tickets' figures of this member's places and subjects, whoever looks after them."""
    return and_(_place(ticket_figures.c.building, staff_id), _subject(ticket_figures, staff_id))


@kept
def passed_figures_within(staff_id: int) -> ColumnElement[bool]:
    """The same of tickets that were passed to a community of theirs."""
    return and_(whole_within(ticket_figures.c.passed_to, staff_id), _subject(ticket_figures, staff_id))


@kept
def unlimited(staff_id: int) -> ColumnElement[bool]:
    """True of a member who is responsible for every place and every subject."""
    return and_(_anywhere(staff_id), ~exists(_subjects(staff_id)), ~guest(staff_id))


@kept
def chat_within(chat_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of the chats whose resident lives where this member is responsible; of a poster's building until it is known."""
    chat, who = chats.alias("their_chat"), residents.alias("their_resident")
    lives = func.coalesce(who.c.building, chat.c.building)
    there = select(chat.c.id).outerjoin(who, who.c.id == chat.c.resident_id)
    there = there.where(chat.c.id == chat_id, _place(lives, staff_id))
    return and_(~guest(staff_id), or_(_anywhere(staff_id), exists(there.correlate(chat_id.table))))


@kept
def place_within(building: ColumnElement[Any], staff_id: int) -> ColumnElement[bool]:
    """True of a building's name that is theirs; of one nobody knows, for whoever has the office's own."""
    return _place(building, staff_id)


@kept
def owned_within(
    community_id: ColumnElement[Any], building: ColumnElement[Any] | None, staff_id: int
) -> ColumnElement[bool]:
    """True of what a community does: for whoever is responsible for it, or for a building of it that it concerns."""
    whose = func.coalesce(community_id, _own())
    concerns = [] if building is None else [or_(building.is_(None), building.in_(_names(staff_id)))]
    around = and_(whose.in_(_around(staff_id)), *concerns)
    return or_(_anywhere(staff_id), whose.in_(_whole(staff_id)), around)


@kept
def community_within(community_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of the communities they have anything in."""
    return or_(_anywhere(staff_id), community_id.in_(_whole(staff_id)), community_id.in_(_around(staff_id)))


@kept
def building_within(building_id: ColumnElement[int], staff_id: int) -> ColumnElement[bool]:
    """True of the buildings that are theirs, each or with their whole community."""
    theirs = or_(_scope.c.building_id == _building.c.id, _scope.c.community_id == _building.c.community_id)
    mine = select(_building.c.id).join(_scope, theirs).where(_scope.c.staff_id == staff_id)
    return or_(_anywhere(staff_id), building_id.in_(mine.correlate(None)))


@kept
def lives_in(building: ColumnElement[Any], community_id: int) -> ColumnElement[bool]:
    """True of a building's name where it means one of this community; of one nobody knows, for the office's own."""
    ours = select(_building_too.c.name).where(_building_too.c.community_id == _own())
    meant = or_(_building.c.community_id == _own(), _building.c.name.not_in(ours.correlate(None)))
    names = select(_building.c.name).where(_building.c.community_id == community_id, meant)
    known = select(_building.c.name)
    nowhere = or_(building.is_(None), building.not_in(known.correlate(None)))
    return or_(building.in_(names.correlate(None)), and_(_own() == community_id, nowhere))


@kept
def _place(building: ColumnElement[Any], staff_id: int) -> ColumnElement[bool]:
    nowhere = or_(building.is_(None), building.not_in(select(_building.c.name).correlate(None)))
    return or_(_anywhere(staff_id), building.in_(_names(staff_id)), and_(_own_is_theirs(staff_id), nowhere))


@kept
def _anywhere(staff_id: int) -> ColumnElement[bool]:
    """Nobody told them where, and their role need not be told."""
    placed = tuple(role.value for role, limit in reach.shipped().limits.items() if limit.placed)
    told = _of(staff_id).where(or_(_scope.c.community_id.is_not(None), _scope.c.building_id.is_not(None)))
    return and_(~exists(told.correlate(None)), ~_has_role(staff_id, placed))


@kept
def _names(staff_id: int) -> Select[tuple[str]]:
    theirs = or_(_scope.c.building_id == _building.c.id, _scope.c.community_id == _building.c.community_id)
    ours = select(_building_too.c.name).where(_building_too.c.community_id == _own())
    meant = or_(_building.c.community_id == _own(), _building.c.name.not_in(ours.correlate(None)))
    found = select(_building.c.name).join(_scope, theirs).where(_scope.c.staff_id == staff_id, meant)
    return found.correlate(None)


def _whole(staff_id: int) -> Select[Any]:
    return (
        _of(staff_id).with_only_columns(_scope.c.community_id).where(_scope.c.community_id.is_not(None)).correlate(None)
    )


def _around(staff_id: int) -> Select[Any]:
    """The communities in which single buildings are theirs."""
    found = select(_building.c.community_id).join(_scope, _scope.c.building_id == _building.c.id)
    return found.where(_scope.c.staff_id == staff_id).correlate(None)


def _own_is_theirs(staff_id: int) -> ColumnElement[bool]:
    return exists(_of(staff_id).where(_scope.c.community_id == _own()).correlate(None))


@kept
def _subject(matters: Table, staff_id: int) -> ColumnElement[bool]:
    named = _subjects(staff_id)
    return or_(~exists(named), matters.c.route.in_(named), matters.c.category.in_(named))


def _subjects(staff_id: int) -> Select[tuple[str]]:
    named = select(_scope.c.subject).where(_scope.c.staff_id == staff_id, _scope.c.subject.is_not(None))
    return named.correlate(None)


@kept
def _routes(staff_id: int) -> ColumnElement[bool]:
    """Roles that hear of some kinds of matter only hear of nothing confidential either."""
    limits = [(role, limit.routes) for role, limit in reach.shipped().limits.items() if limit.routes is not None]
    public = tickets.c.confidential.is_(False)
    held = [or_(~_has_role(staff_id, (role,)), and_(tickets.c.route.in_(routes), public)) for role, routes in limits]
    return and_(*held)


@kept
def _has_role(staff_id: int, roles: tuple[Any, ...]) -> ColumnElement[bool]:
    me = select(_reader.c.id).where(_reader.c.id == staff_id, _reader.c.role.in_([str(role) for role in roles]))
    return exists(me.correlate(None))


def _of(staff_id: int) -> Select[tuple[int]]:
    return select(_scope.c.id).where(_scope.c.staff_id == staff_id)


def _own() -> ScalarSelect[int]:
    """The office's own community: the first."""
    return select(func.min(_community.c.id)).correlate(None).scalar_subquery()


_reader, _scope, _community = (
    staff_table.alias("reader"),
    staff_scopes.alias("scope"),
    communities.alias("own_community"),
)
_building, _building_too = buildings.alias("a_building"), buildings.alias("an_own_building")
