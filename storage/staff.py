"""Staff: who they are, the links they sign in with, and their sessions.

A link opens the console once and for a day; a session for a week. Of either only the hash is kept, so that a stolen
database lets nobody in. Whoever is disabled is out at once.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, exists, select

from knowledge import reach
from knowledge.life import Role
from storage import alarms, conversations, households_of, leaving, mediation_life
from storage.hot import Hot
from storage.tables import (
    audit,
    sign_in_links,
    staff,
    staff_forms,
    staff_scopes,
    staff_sessions,
    staff_telegram,
    telegram_codes,
    units,
)
from storage.transaction import Tx

LINK_LIFE = timedelta(hours=24)
SESSION_LIFE = timedelta(days=7)
TOKEN_BYTES = 32
ROLES = tuple(role.value for role in Role if role not in (Role.RESIDENT, Role.SYSTEM))
ACTING = frozenset({"admin", "operator", "worker", "mediator"})
"""Roles that may change something; the others look."""

LinkState = Literal["good", "used", "expired", "unknown"]


class MayNot(Exception):
    """A member of staff tried what their role does not allow; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here."""

    id: int
    name: str
    role: str
    disabled_at: datetime | None
    unit_id: int | None = None
    guest: bool = False
    """Of a unit outside the house: they meet what that unit was given, and no more (WO-23)."""
    held: bool = False
    """Responsible for some places or subjects only: what is one for the whole house is not theirs to change."""

    @property
    def may_act(self) -> bool:
        return self.role in ACTING and self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is used from, and with what."""

    address: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who is signed in, and the token every form of theirs must carry."""

    member: Member
    csrf: str
    session: str  # the hash


def may(member: Member, kind: str, act: str) -> bool:
    """Whether somebody may do this at all: by role, and by whether they are of the house, and responsible for all of it."""
    return reach.shipped().may(member.role, kind, act, guest=member.guest, held=member.held)


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def add(tx: Tx, *, name: str, role: str) -> int:
    """A new member of staff; ValueError for an unknown role, an empty name, or a name that is taken."""
    name = name.strip()
    if role not in ROLES:
        raise ValueError(f"no such role: {role}; there are {', '.join(ROLES)}")
    if not name or named(tx, name) is not None:
        raise ValueError("a member of staff needs a name nobody else has")
    return tx.insert(staff, name=name, role=role, created_at=tx.now)


def named(tx: Tx, name: str) -> Member | None:
    row = tx.connection.execute(select(*_MEMBER).where(staff.c.name == name.strip())).first()
    return Member(*row) if row else None


def get(tx: Tx, staff_id: int) -> Member | None:
    row = _BY_ID.first(tx, staff=staff_id)
    return Member(*row) if row else None


def everyone(tx: Tx) -> list[Member]:
    """All members, those disabled last."""
    query = select(*_MEMBER).order_by(staff.c.disabled_at.is_not(None), staff.c.id)
    return [Member(*row) for row in tx.connection.execute(query)]


def names(tx: Tx) -> dict[int, str]:
    """Everybody's name, also of those who are out."""
    return {member.id: member.name for member in everyone(tx)}


def disable(tx: Tx, staff_id: int) -> bool:
    """They are out at once: sessions end, links are void, whoever they spoke with and whatever they looked after is a
    colleague's to take. False when they were out already."""
    leaving.put_back(tx, staff_id)
    conversations.release_of(tx, staff_id)
    alarms.let_go(tx, staff_id=staff_id)
    mediation_life.mediator_left(tx, staff_id)
    households_of.worker_left(tx, staff_id)
    tx.execute(staff_sessions.delete().where(staff_sessions.c.staff_id == staff_id))
    void_links(tx, staff_id)
    cut_off_telegram(tx, staff_id)
    still_in = (staff.c.id == staff_id) & staff.c.disabled_at.is_(None)
    return bool(tx.changed(staff.update().where(still_in).values(disabled_at=tx.now)))


def cut_off_telegram(tx: Tx, staff_id: int) -> None:
    """Their Telegram account is a stranger's from now on, and what they had begun there is dropped."""
    for table in (staff_telegram, telegram_codes):
        tx.execute(table.delete().where(table.c.staff_id == staff_id))
    begun = (staff_forms.c.staff_id == staff_id) & (staff_forms.c.state == "open")
    tx.execute(staff_forms.update().where(begun).values(state="dropped"))


def make_link(tx: Tx, staff_id: int) -> str:
    """A fresh token for ``/console/enter?token=``; earlier links of theirs are void from now on."""
    token = new_token()
    void_links(tx, staff_id)
    row = {"token_hash": hash_of(token), "staff_id": staff_id, "created_at": tx.now, "expires_at": tx.now + LINK_LIFE}
    tx.execute(sign_in_links.insert().values(row))
    return token


def void_links(tx: Tx, staff_id: int) -> None:
    unused = (sign_in_links.c.staff_id == staff_id) & sign_in_links.c.used_at.is_(None)
    tx.execute(sign_in_links.update().where(unused).values(expires_at=tx.now))


def look_at_link(tx: Tx, token: str) -> LinkState:
    """What a link is worth, without using it."""
    row = tx.first(_LINK, {"token": hash_of(token)})
    if row is None or row["disabled_at"] is not None:
        return "unknown"
    if row["used_at"] is not None:
        return "used"
    return "good" if row["expires_at"] > tx.now else "expired"


def enter(tx: Tx, token: str, place: Place = Place()) -> str | None:
    """Use a link: the session's own token, or None when the link is worth nothing (any more)."""
    if look_at_link(tx, token) != "good":
        return None
    mine = (sign_in_links.c.token_hash == hash_of(token)) & sign_in_links.c.used_at.is_(None)
    if not tx.changed(sign_in_links.update().where(mine).values(used_at=tx.now)):
        return None
    staff_id = int(tx.scalar(select(sign_in_links.c.staff_id).where(sign_in_links.c.token_hash == hash_of(token))))
    note(tx, staff_id, "sign_in", how="link")
    return begin_session(tx, staff_id, how="link", place=place)


def begin_session(tx: Tx, staff_id: int, *, how: str, place: Place) -> str:
    """A new session's own token; whoever calls has made sure who it is."""
    tx.execute(staff_sessions.delete().where(staff_sessions.c.expires_at <= tx.now))
    token = new_token()
    row = {
        "token_hash": hash_of(token),
        "staff_id": staff_id,
        "csrf": new_token(),
        "created_at": tx.now,
        "expires_at": tx.now + SESSION_LIFE,
        "how": how,
        "seen_at": tx.now,
        "address": place.address or None,
        "device": place.device or None,
    }
    tx.execute(staff_sessions.insert().values(row))
    return token


def signed_in(tx: Tx, token: str) -> Signed | None:
    """Whose session this is; None when it is nobody's, is over, or its owner is out."""
    row = _SIGNED_IN.first(tx, token=hash_of(token), now=tx.now)
    return Signed(Member(*row[:-1]), row[-1], hash_of(token)) if row else None


SEEN_EVERY = timedelta(minutes=1)


def saw(tx: Tx, staff_id: int) -> None:
    """They have the console before them; written down once a minute at most."""
    _SAW.changed(tx, staff=staff_id, now=tx.now, before=tx.now - SEEN_EVERY)


def leave(tx: Tx, session: str) -> None:
    """End one session, named by its hash."""
    tx.execute(staff_sessions.delete().where(staff_sessions.c.token_hash == session))


def actor(tx: Tx, staff_id: int) -> Member:
    """The gate of every unit that changes something: the member as they are now, or MayNot."""
    member = get(tx, staff_id)
    if member is None or not member.may_act:
        raise MayNot
    return member


def note(tx: Tx, staff_id: int | None, action: str, object: str | None = None, **detail: Any) -> None:
    """One line of the audit; lines are never changed."""
    tx.insert(audit, at=tx.now, staff_id=staff_id, action=action, object=object, detail=detail or None)


GUEST = exists(select(units.c.id).where(units.c.id == staff.c.unit_id, units.c.house.is_(False)).correlate(staff))
HELD = exists(select(staff_scopes.c.id).where(staff_scopes.c.staff_id == staff.c.id).correlate(staff))
_ABOUT = (staff.c.id, staff.c.name, staff.c.role, staff.c.disabled_at, staff.c.unit_id)
_MEMBER = (*_ABOUT, GUEST.label("guest"), HELD.label("held"))
_BY_ID = Hot(select(*_MEMBER).where(staff.c.id == bindparam("staff")))
_SIGNED_IN = Hot(
    select(*_MEMBER, staff_sessions.c.csrf)
    .join(staff, staff.c.id == staff_sessions.c.staff_id)
    .where(staff_sessions.c.token_hash == bindparam("token"), staff_sessions.c.expires_at > bindparam("now"))
    .where(staff.c.disabled_at.is_(None))
)
_SAW = Hot(
    staff.update()
    .where(staff.c.id == bindparam("staff"), staff.c.seen_at.is_(None) | (staff.c.seen_at <= bindparam("before")))
    .values(seen_at=bindparam("now"))
)
_LINK = (
    select(sign_in_links.c.used_at, sign_in_links.c.expires_at, staff.c.disabled_at)
    .join(staff, staff.c.id == sign_in_links.c.staff_id)
    .where(sign_in_links.c.token_hash == bindparam("token"))
)
