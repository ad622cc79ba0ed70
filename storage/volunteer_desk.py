"""The organiser's desk: the register with its filters, one volunteer with all that is known, what waits to be decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from knowledge.served import Entry
from knowledge.sign_up import Window
from knowledge.volunteers import Volunteer
from storage import certificates, staff, volunteer_claims, volunteer_hours, volunteers
from storage.certificates import Certificate
from storage.tables import certificates as certificate_table
from storage.tables import residents, volunteer_events
from storage.tables import volunteer_claims as claims
from storage.tables import volunteer_hours as ledger
from storage.tables import volunteers as register
from storage.transaction import Tx
from storage.volunteer_claims import Claim

ON = ("active", "paused", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What the register is narrowed to; "" means everything. ``time`` is a part of the week: weekday, evening, weekend."""

    state: str = ""
    category: str = ""
    time: str = ""
    building: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One volunteer in the register; ``minutes`` from the ledger."""

    volunteer: Volunteer
    name: str | None
    minutes: int
    claims: int


@dataclass(frozen=True, slots=True)
class Step:
    at: datetime
    actor: str
    staff: str | None
    action: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """Everything about one volunteer; ``lines`` is the ledger as it was written."""

    volunteer: Volunteer
    name: str | None
    guardian_by: str | None
    entries: Sequence[Entry]
    lines: Sequence[dict[str, object]]
    claims: Sequence[Claim]
    certificates: Sequence[Certificate]
    steps: Sequence[Step]
    staff: dict[int, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the desk has to decide."""

    claims: Sequence[Claim]
    certificates: Sequence[Certificate]
    guardians: int

    @property
    def number(self) -> int:
        return len(self.claims) + len(self.certificates)


def listed(tx: Tx, wanted: Filter, *where: ColumnElement[bool]) -> list[Line]:
    """The register, the newest first; whoever left stands in it only when asked for."""
    states = (wanted.state,) if wanted.state else ON
    query = select(register, residents.c.name.label("called"))
    query = query.join(residents, residents.c.id == register.c.resident_id).where(register.c.state.in_(states), *where)
    rows = tx.all(query.order_by(register.c.id.desc()))
    minutes, asked = _minutes(tx), _claims(tx)
    known = [(volunteers.volunteer_of(row), row["called"]) for row in rows]
    lines = [Line(one, one.name or called, minutes.get(one.id, 0), asked.get(one.id, 0)) for one, called in known]
    return [line for line in lines if _wanted(line, wanted)]


def _minutes(tx: Tx) -> dict[int, int]:
    query = select(ledger.c.volunteer_id, func.sum(ledger.c.minutes)).group_by(ledger.c.volunteer_id)
    return {int(key): int(total) for key, total in tx.tuples(query)}


def _claims(tx: Tx) -> dict[int, int]:
    query = select(claims.c.volunteer_id, func.count()).where(claims.c.state == "open").group_by(claims.c.volunteer_id)
    return {int(key): int(number) for key, number in tx.tuples(query)}


def _wanted(line: Line, wanted: Filter) -> bool:
    known = line.volunteer
    if wanted.category and known.categories and wanted.category not in known.categories:
        return False
    if wanted.time and not any(_in(window, wanted.time) for window in known.times):
        return False
    if wanted.building and wanted.building not in (known.building, *known.reach):
        return False
    said = " ".join(filter(None, (known.number, line.name, known.skills, known.phone)))
    return wanted.words.lower() in said.lower()


def _in(window: Window, time: str) -> bool:
    if time == "evening":
        return "eve" in window.parts
    days = {5, 6} if time == "weekend" else {0, 1, 2, 3, 4}
    return bool(days.intersection(window.days)) and (time == "weekend" or window.parts != ("eve",))


def page(tx: Tx, number: str) -> Page | None:
    """One volunteer by number; None where there is none."""
    volunteer_id = tx.scalar(select(register.c.id).where(register.c.number == number))
    known = volunteers.get(tx, int(volunteer_id)) if volunteer_id is not None else None
    if known is None:
        return None
    names = staff.names(tx)
    heard_by = tx.scalar(select(register.c.guardian_by).where(register.c.id == known.id))
    called = tx.scalar(select(residents.c.name).where(residents.c.id == known.resident_id))
    return Page(
        volunteer=known,
        name=known.name or called,
        guardian_by=names.get(heard_by) if heard_by else None,
        entries=volunteer_hours.of_volunteer(tx, known.id)[::-1],
        lines=volunteer_hours.lines(tx, known.id),
        claims=volunteer_claims.still_open(tx, known.id),
        certificates=certificates.of_volunteer(tx, known.id)[::-1],
        steps=_steps(tx, known.id, names),
        staff=names,
    )


def _steps(tx: Tx, volunteer_id: int, names: dict[int, str]) -> list[Step]:
    query = select(volunteer_events).where(volunteer_events.c.volunteer_id == volunteer_id)
    rows = tx.all(query.order_by(volunteer_events.c.id.desc()))
    return [Step(row["at"], row["actor"], names.get(row["staff_id"]), row["action"], row["note"]) for row in rows]


def waiting(tx: Tx, *where: ColumnElement[bool]) -> Waiting:
    minors = select(func.count()).select_from(register).where(register.c.state == "waiting", *where)
    return Waiting(
        volunteer_claims.still_open(tx, None, *where), certificates.asked_for(tx, *where), int(tx.scalar(minors))
    )


def count_waiting(tx: Tx, *where: ColumnElement[bool]) -> int:
    """Claims and certificates to be decided, for the frame around every page."""
    of = (certificate_table.join(register, register.c.id == certificate_table.c.volunteer_id), claims.join(register))
    asked = select(func.count()).select_from(of[0]).where(certificate_table.c.state == "asked", *where)
    open_ones = select(func.count()).select_from(of[1]).where(claims.c.state == "open", *where)
    return int(tx.scalar(asked)) + int(tx.scalar(open_ones))
