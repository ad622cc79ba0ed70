"""Certificates of hours served: on request, free and true, numbered, with what they said then (VO-09).

Only what our own ledger holds is certified. When an entry is corrected, an earlier certificate says so to whoever checks
it, and the next one replaces it; nothing that was handed out is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, func, select

from knowledge import series, served
from knowledge.served import Entry
from storage import staff, volunteer_hours, volunteers
from storage.tables import certificates
from storage.tables import volunteer_hours as ledger
from storage.tables import volunteers as register
from storage.transaction import Tx

CHINA = ZoneInfo("Asia/Shanghai")
TRIES = 20


class Nothing(Exception):
    """There is nothing to certify: no hours, or no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """``says`` is None once its holder had everything deleted; ``replaced_by`` the number of the one that counts now."""

    id: int
    number: str | None
    volunteer_id: int
    state: str
    asked_at: datetime
    issued_at: datetime | None
    says: dict[str, Any] | None
    minutes: int | None
    last_entry: int | None
    reason: str | None
    replaced_by: str | None
    volunteer: str
    name: str | None
    corrected: bool

    @property
    def stands(self) -> str:
        """What whoever checks it is told: valid, corrected, replaced, revoked."""
        if self.state != "issued":
            return self.state
        if self.replaced_by is not None:
            return "replaced"
        return "corrected" if self.corrected else "valid"


def ask(tx: Tx, volunteer_id: int) -> bool:
    """The resident wants one; False when one is asked for already. Nothing where there are no hours."""
    volunteers.held(tx, volunteer_id)
    if volunteer_hours.total(tx, volunteer_id) <= 0:
        raise Nothing
    waiting = (certificates.c.volunteer_id == volunteer_id) & (certificates.c.state == "asked")
    if tx.first(select(certificates.c.id).where(waiting)) is not None:
        return False
    tx.insert(certificates, volunteer_id=volunteer_id, state="asked", asked_at=tx.now)
    volunteers.record(tx, volunteer_id, actor="resident", action="ask_certificate")
    tx.wake("desk")
    return True


def issue(tx: Tx, volunteer_id: int, *, by: int, name: str, issuer: str, responsible: str, phone: str) -> Certificate:
    """A certificate of everything that counts now; those before it that a correction made untrue are replaced."""
    member = staff.actor(tx, by)
    known = volunteers.held(tx, volunteer_id)
    entries = [entry for entry in volunteer_hours.of_volunteer(tx, volunteer_id) if entry.minutes > 0]
    if not entries or not name.strip():
        raise Nothing
    number = _number(tx)
    values = {
        "number": number,
        "state": "issued",
        "issued_at": tx.now,
        "issued_by": by,
        "minutes": served.total(entries),
        "last_entry": max(entry.newest for entry in entries),
        "says": _says(known.number, name.strip(), entries)
        | {"issuer": issuer, "responsible": responsible, "handler": member.name, "phone": phone},
    }
    certificate_id = _fill(tx, volunteer_id, values)
    _replace(tx, volunteer_id, certificate_id)
    if known.name is None:
        volunteers.change(tx, volunteer_id, action="name", actor="staff", staff_id=by, name=name.strip())
    volunteers.record(tx, volunteer_id, actor="staff", staff_id=by, action="issue_certificate", note=number)
    staff.note(tx, by, "issue_certificate", number)
    tx.wake("desk")
    return get(tx, certificate_id)


def _fill(tx: Tx, volunteer_id: int, values: dict[str, Any]) -> int:
    """What was asked for becomes it; unasked, at the counter, it is a row of its own."""
    waiting = (certificates.c.volunteer_id == volunteer_id) & (certificates.c.state == "asked")
    row = tx.first(select(certificates.c.id).where(waiting))
    if row is None:
        return tx.insert(certificates, volunteer_id=volunteer_id, asked_at=tx.now, **values)
    tx.execute(certificates.update().where(certificates.c.id == row["id"]).values(values))
    return int(row["id"])


def _says(number: str, name: str, entries: list[Entry]) -> dict[str, Any]:
    """The snapshot: whose, how long, when and what."""
    lines = [
        {
            "what": entry.what,
            "category": entry.category,
            "place": entry.place,
            "start": entry.starts_at.isoformat(),
            "end": entry.ends_at.isoformat(),
            "minutes": entry.minutes,
            "entry": entry.id,
        }
        for entry in entries
    ]
    days = sorted(entry.starts_at for entry in entries)
    span = {"first": days[0].isoformat(), "last": days[-1].isoformat()}
    return {"number": number, "name": name, "entries": lines} | span


def _number(tx: Tx) -> str:
    today = tx.now.astimezone(CHINA).date()
    for _ in range(TRIES):
        number = series.make("LC", today, series.draw())
        if tx.first(select(certificates.c.id).where(certificates.c.number == number)) is None:
            return number
    raise RuntimeError("no free certificate number was drawn")


def _replace(tx: Tx, volunteer_id: int, newest: int) -> None:
    """Earlier ones that say something a later line of the ledger has corrected."""
    earlier = (certificates.c.volunteer_id == volunteer_id) & (certificates.c.id != newest)
    still = earlier & (certificates.c.state == "issued") & certificates.c.replaced_by.is_(None)
    for row in tx.all(select(certificates).where(still)):
        if _corrected(tx, row):
            tx.execute(certificates.update().where(certificates.c.id == row["id"]).values(replaced_by=newest))


def _corrected(tx: Tx, row: RowMapping) -> bool:
    """A line of the ledger that is newer than it corrects one of its entries."""
    if row["says"] is None or row["last_entry"] is None:
        return False
    said = [line["entry"] for line in row["says"]["entries"]]
    newer = (ledger.c.corrects_id.in_(said)) & (ledger.c.id > row["last_entry"])
    return bool(tx.scalar(select(func.count()).select_from(ledger).where(newer)))


def decline(tx: Tx, certificate_id: int, *, by: int, reason: str) -> Certificate:
    """Asked for, and it cannot be given; the reason is told. ValueError without one."""
    return _end(tx, certificate_id, by=by, reason=reason, before="asked", state="declined")


def revoke(tx: Tx, certificate_id: int, *, by: int, reason: str) -> Certificate:
    """It should not have been issued; whoever checks it is told that it is void."""
    return _end(tx, certificate_id, by=by, reason=reason, before="issued", state="revoked")


def _end(tx: Tx, certificate_id: int, *, by: int, reason: str, before: str, state: str) -> Certificate:
    staff.actor(tx, by)
    if not reason.strip():
        raise ValueError("a certificate is ended with a reason only")
    mine = (certificates.c.id == certificate_id) & (certificates.c.state == before)
    values = {"state": state, "revoked_at": tx.now, "revoked_by": by, "reason": reason}
    if not tx.changed(certificates.update().where(mine).values(values)):
        raise LookupError(f"no certificate {certificate_id} to end so")
    staff.note(tx, by, f"{state}_certificate", str(certificate_id), reason=reason)
    tx.wake("desk")
    return get(tx, certificate_id)


# --- reading ----------------------------------------------------------------------------------------------------------
def get(tx: Tx, certificate_id: int) -> Certificate:
    """LookupError where there is none."""
    found = _read(tx, certificates.c.id == certificate_id)
    if not found:
        raise LookupError(f"no certificate {certificate_id}")
    return found[0]


def by_number(tx: Tx, number: str) -> Certificate | None:
    found = _read(tx, certificates.c.number == number)
    return found[0] if found else None


def of_volunteer(tx: Tx, volunteer_id: int) -> list[Certificate]:
    return _read(tx, certificates.c.volunteer_id == volunteer_id)


def asked_for(tx: Tx, *where: ColumnElement[bool]) -> list[Certificate]:
    """Requests nobody has dealt with, the oldest first."""
    return _read(tx, certificates.c.state == "asked", *where)


def _read(tx: Tx, *where: ColumnElement[bool]) -> list[Certificate]:
    query = (
        select(certificates, register.c.number.label("volunteer"), register.c.name)
        .join(register, register.c.id == certificates.c.volunteer_id)
        .where(*where)
        .order_by(certificates.c.id)
    )
    return [_certificate(tx, row) for row in tx.all(query)]


def _certificate(tx: Tx, row: RowMapping) -> Certificate:
    names = [name for name in Certificate.__dataclass_fields__ if name not in ("replaced_by", "corrected")]
    later = select(certificates.c.number).where(certificates.c.id == row["replaced_by"])
    replaced_by = tx.scalar(later) if row["replaced_by"] is not None else None
    return Certificate(**{name: row[name] for name in names}, replaced_by=replaced_by, corrected=_corrected(tx, row))
