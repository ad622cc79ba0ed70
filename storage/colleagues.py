"""Colleagues as an admin sees them: who they are, where they are responsible, how they come in, what they have in hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from knowledge import signing_in
from knowledge.life import Role
from storage import handing_work, leaving, own_sign_in, scopes, sessions, staff, staff_telegram, units
from storage.access import member_for
from storage.leaving import InHand
from storage.own_sign_in import OwnSignIn
from storage.scopes import Scope
from storage.sessions import Session
from storage.staff import MayNot, Member
from storage.staff_telegram import Link
from storage.tables import buildings, communities, sign_in_links
from storage.tables import staff as staff_table
from storage.transaction import Tx
from storage.within import unlimited

NOBODY: Mapping[str, int] = {}
"""What somebody had in hand goes back to the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One colleague in the list."""

    member: Member
    seen_at: datetime | None
    dormant: bool
    ready: bool
    scopes: list[Scope]
    in_hand: InHand


@dataclass(frozen=True, slots=True)
class Whole:
    """One colleague's page."""

    member: Member
    scopes: list[Scope]
    sessions: list[Session]
    sign_in: OwnSignIn
    in_hand: InHand
    last_admin: bool
    telegram: Link | None
    shifts: int
    invited_until: datetime | None
    dormant: bool


@dataclass(frozen=True, slots=True)
class Places:
    """What somebody can be made responsible for; buildings with the name of their community."""

    communities: list[tuple[int, str]]
    buildings: list[tuple[int, str, str]]


class LastAdmin(Exception):
    """Nobody would be left who may add colleagues or take their way in; nothing was changed."""


def listed(tx: Tx) -> list[Line]:
    names = ("id", "created_at", "seen_at", "password_hash", "factor_at")
    query = select(*(staff_table.c[name] for name in names))
    known = {row["id"]: row for row in tx.all(query)}
    return [
        Line(
            member=member,
            seen_at=known[member.id]["seen_at"],
            dormant=_is_dormant(tx, member, known[member.id]["seen_at"] or known[member.id]["created_at"]),
            ready=bool(known[member.id]["password_hash"] and known[member.id]["factor_at"]),
            scopes=scopes.of(tx, member.id),
            in_hand=leaving.in_hand(tx, member.id),
        )
        for member in staff.everyone(tx)
    ]


def whole(tx: Tx, staff_id: int) -> Whole | None:
    member = staff.get(tx, staff_id)
    if member is None:
        return None
    return Whole(
        member=member,
        scopes=scopes.of(tx, staff_id),
        sessions=sessions.listed(tx, staff_id),
        sign_in=own_sign_in.state(tx, staff_id),
        in_hand=leaving.in_hand(tx, staff_id),
        last_admin=_is_last_admin(tx, member),
        telegram=staff_telegram.of_staff(tx, staff_id),
        shifts=handing_work.count_shifts(tx, staff_id),
        invited_until=_invited_until(tx, staff_id),
        dormant=_is_dormant(tx, member, _last_seen(tx, staff_id)),
    )


def _last_seen(tx: Tx, staff_id: int) -> datetime:
    """Or when they were added."""
    row = tx.first(select(staff_table.c.seen_at, staff_table.c.created_at).where(staff_table.c.id == staff_id))
    assert row is not None
    found: datetime = row["seen_at"] or row["created_at"]
    return found


def _is_dormant(tx: Tx, member: Member, last: datetime) -> bool:
    """Nobody has used this account for long: a way in that nobody would miss."""
    return member.disabled_at is None and tx.now - last >= signing_in.DORMANT


def _invited_until(tx: Tx, staff_id: int) -> datetime | None:
    """Until when a link opens that was made and not used yet."""
    unused = (sign_in_links.c.staff_id == staff_id) & sign_in_links.c.used_at.is_(None)
    found: datetime | None = tx.scalar(select(func.max(sign_in_links.c.expires_at)).where(unused))
    return found if found is not None and found > tx.now else None


def cancel_invitation(tx: Tx, staff_id: int, *, by: int) -> bool:
    """What was made and not used opens nothing any more; False where there is none."""
    _member(tx, staff_id)
    if _invited_until(tx, staff_id) is None:
        return False
    staff.void_links(tx, staff_id)
    staff.note(tx, by, "cancel_links", str(staff_id))
    return True


def places(tx: Tx) -> Places:
    towns = tx.tuples(select(communities.c.id, communities.c.name).order_by(communities.c.id))
    query = select(buildings.c.id, buildings.c.name, communities.c.name)
    query = query.join(communities, communities.c.id == buildings.c.community_id)
    rows = tx.tuples(query.order_by(communities.c.id, func.length(buildings.c.name), buildings.c.name))
    return Places([(row[0], row[1]) for row in towns], [(row[0], row[1], row[2]) for row in rows])


def change_role(tx: Tx, staff_id: int, role: str, *, by: int, reason: str = "") -> None:
    """Another role, at once in every open session. ValueError for one that is none, LastAdmin."""
    member = _member(tx, staff_id)
    if role not in staff.ROLES:
        raise ValueError(f"no such role: {role}")
    if role != member.role and _is_last_admin(tx, member):
        raise LastAdmin
    tx.execute(staff_table.update().where(staff_table.c.id == staff_id).values(role=role))
    staff.note(tx, by, "change_role", str(staff_id), was=member.role, role=role, reason=reason)
    tx.wake("desk")


def disable(tx: Tx, staff_id: int, *, by: int, reason: str = "", to: Mapping[str, int] = NOBODY) -> bool:
    """They are out, and what they had in hand is whose ``to`` says by kind, else a colleague's to take; False when they
    were out already. LastAdmin, LookupError."""
    member = _member(tx, staff_id)
    if _is_last_admin(tx, member):
        raise LastAdmin
    before = leaving.in_hand(tx, staff_id)
    if member.disabled_at is not None:
        return False
    handing_work.hand(tx, staff_id, to, by=by, shut_out=lambda: staff.disable(tx, staff_id))
    held = {"tickets": before.tickets, "conversations": before.conversations}
    staff.note(tx, by, "disable_staff", str(staff_id), **held, reason=reason)
    tx.wake("desk")
    return True


def enable(tx: Tx, staff_id: int, *, by: int) -> bool:
    """They work here again; a fresh link lets them in. False when they never left."""
    _member(tx, staff_id)
    out = (staff_table.c.id == staff_id) & staff_table.c.disabled_at.is_not(None)
    done = bool(tx.changed(staff_table.update().where(out).values(disabled_at=None)))
    if done:
        own_sign_in.reset(tx, staff_id, by=by)
        staff.note(tx, by, "enable_staff", str(staff_id))
    return done


def _member(tx: Tx, staff_id: int) -> Member:
    member = staff.get(tx, staff_id)
    if member is None:
        raise LookupError(f"no member of staff {staff_id}")
    return member


def manages(tx: Tx, staff_id: int) -> None:
    """Only an admin responsible for everything decides who works here and where; one held to a place could give themselves
    the rest. MayNot."""
    member_for(tx, staff_id, "staff", "act")
    if not tx.scalar(select(unlimited(staff_id))):
        raise MayNot


def give_scope(tx: Tx, staff_id: int, *, by: int, reason: str = "", **what: Any) -> None:
    """Hold somebody to one more place or subject. LookupError, LastAdmin: somebody must stay responsible for everything."""
    if _is_last_admin(tx, _member(tx, staff_id)):
        raise LastAdmin
    scopes.give(tx, staff_id, by=by, reason=reason, **what)


def work_for(tx: Tx, staff_id: int, unit_id: int | None, *, by: int) -> None:
    """Whom they work for; people of a unit outside the house meet only what it was given. LookupError, LastAdmin."""
    unit = units.get(tx, unit_id)
    if unit is not None and not unit.house and _is_last_admin(tx, _member(tx, staff_id)):
        raise LastAdmin
    units.work_for(tx, staff_id, unit_id, by=by)


def _is_last_admin(tx: Tx, member: Member) -> bool:
    """The last who manages. One at a time: two admins who disable each other at once are put in a row."""
    admins = (staff_table.c.role == Role.ADMIN.value) & staff_table.c.disabled_at.is_(None)
    left = [row["id"] for row in tx.all(select(staff_table.c.id).where(admins).with_for_update())]
    return [one for one in left if tx.scalar(select(unlimited(one)))] == [member.id]
