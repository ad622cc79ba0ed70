"""What a colleague may see and do of a case: the named mediator all of it, others its number and clock, whom it concerns
nothing at all (ME-15, WO-24). Every look at the words is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select

from knowledge import mediation as rules
from knowledge.mediation import Access, Conflict, Reader, Who
from knowledge.stepping_aside import named_duties, names
from storage.mediation import Case, Party, Word, words_for
from storage.staff import Member
from storage.tables import mediation_parties, mediation_seen, staff_homes, ticket_barred
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Footing:
    """How a colleague stands to a case."""

    member: Member
    access: Access
    who: frozenset[Who]
    conflicts: frozenset[Conflict]

    @property
    def reads(self) -> bool:
        return self.access is Access.ALL


def footing(tx: Tx, case: Case, member: Member) -> Footing:
    found = conflicts(tx, case, member)
    mine = case.mediator_id == member.id and member.disabled_at is None
    role = member.role if member.disabled_at is None else ""
    named = case.mediator_id is not None
    return Footing(
        member,
        rules.access(role=role, is_mediator=mine, named=named, conflicts=found),
        rules.capacities(role=role, is_mediator=mine, named=named, conflicts=found),
        found,
    )


def read(tx: Tx, case: Case, on: Footing) -> list[Word]:
    """The words of a case as this colleague may read them; that they did is kept."""
    found = words_for(tx, case.id, Reader(access=on.access))
    if on.reads:
        tx.insert(mediation_seen, mediation_id=case.id, staff_id=on.member.id, at=tx.now)
    return found


def conflicts(tx: Tx, case: Case, member: Member) -> frozenset[Conflict]:
    """Why this colleague steps aside from the case; empty where nothing speaks against them."""
    found = {Conflict.DECLARED} if _barred(tx, case, member) else set()
    home = _home(tx, member.id)
    for party in case.parties.values():
        if party.name and party.name.strip() == member.name:
            found.add(Conflict.PARTY)
        if home and party.building and party.flat == home:
            found.add(Conflict.HOUSEHOLD)
    if _complained_of(case, member):
        found.add(Conflict.COMPLAINED_OF)
    if home and _earlier_party(tx, case, home):
        found.add(Conflict.EARLIER_PARTY)
    return frozenset(found)


def _complained_of(case: Case, member: Member) -> bool:
    """The other side is called like this colleague; a name that is a duty ("调解室") names nobody."""
    told = f"{case.respondent.name or ''} {case.respondent.place_note or ''}".strip()
    return bool(told) and not named_duties(member.name) and names(told, member.name)


def _barred(tx: Tx, case: Case, member: Member) -> bool:
    me = or_(ticket_barred.c.name == member.name, ticket_barred.c.role == member.role)
    return (
        tx.scalar(select(ticket_barred.c.id).where(ticket_barred.c.ticket_id == case.ticket_id, me).limit(1))
        is not None
    )


def _home(tx: Tx, staff_id: int) -> tuple[str, str] | None:
    row = tx.first(select(staff_homes.c.building, staff_homes.c.room).where(staff_homes.c.staff_id == staff_id))
    return (str(row["building"]), str(row["room"])) if row else None


def _earlier_party(tx: Tx, case: Case, home: tuple[str, str]) -> bool:
    """Their household was a party in another case with one of these two flats."""
    parties = mediation_parties
    theirs = (parties.c.building == home[0]) & (parties.c.room == home[1]) & (parties.c.mediation_id != case.id)
    earlier = select(parties.c.mediation_id).where(theirs)
    flats = [_lives(party) for party in case.parties.values() if party.building and party.room]
    if not flats:
        return False
    return tx.scalar(select(parties.c.id).where(parties.c.mediation_id.in_(earlier), or_(*flats)).limit(1)) is not None


def _lives(party: Party) -> ColumnElement[bool]:
    parties = mediation_parties
    return (parties.c.building == party.building) & (parties.c.room == party.room)


def set_home(tx: Tx, staff_id: int, *, building: str, unit: str | None, room: str) -> None:
    """Where a colleague lives, so that they step aside from their own household's disputes."""
    tx.execute(staff_homes.delete().where(staff_homes.c.staff_id == staff_id))
    tx.insert(staff_homes, staff_id=staff_id, building=building, unit=unit, room=room, since=tx.now)


def homes(tx: Tx) -> Mapping[int, str]:
    """Everybody's home as one reads it."""
    rows = tx.all(select(staff_homes))
    return {int(row["staff_id"]): f"{row['building']}栋{row['room']}" for row in rows}
