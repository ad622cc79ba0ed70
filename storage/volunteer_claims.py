"""Claims: somebody says hours of theirs are not in the book; the organiser looks and decides, once (VO-08)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, Select, select

from knowledge.served import Entry
from knowledge.volunteer_data import shipped
from storage import staff, volunteer_hours, volunteers
from storage.tables import volunteer_claims as claims
from storage.tables import volunteers as register
from storage.transaction import Tx
from storage.volunteer_hours import Changed, Entered

Kind = Literal["new", "same", "counted", "too_many", "too_old", "too_long"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What became of a claim; ``entries`` are what the ledger holds for the same time ("counted")."""

    kind: Kind
    claim_id: int | None = None
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim with whose it is, as the organiser reads it."""

    id: int
    volunteer_id: int
    chat_id: int
    words: str
    minutes: int
    from_at: datetime
    until_at: datetime
    state: str
    created_at: datetime
    answer: str | None
    revision: int
    number: str
    name: str | None


def in_time(tx: Tx, volunteer_id: int, start: datetime, end: datetime) -> list[Entry]:
    """What the ledger holds for a span: it answers most questions (VO-08)."""
    mine = volunteer_hours.of_volunteer(tx, volunteer_id)
    return [entry for entry in mine if entry.minutes > 0 and entry.starts_at < end and start < entry.ends_at]


def open_(
    tx: Tx, volunteer_id: int, *, chat_id: int, words: str, minutes: int, start: datetime, end: datetime,
    despite: bool = False,
) -> Opened:  # fmt: skip
    """Ask for hours. The same hours twice are one claim; what the ledger holds already is shown unless ``despite``."""
    volunteers.held(tx, volunteer_id)
    limits = shipped().limits
    if minutes > limits.longest_entry_minutes:
        return Opened("too_long")
    if (tx.now - start).days > limits.claim_back_days:
        return Opened("too_old")
    counted = tuple(in_time(tx, volunteer_id, start, end))
    if counted and not despite:
        return Opened("counted", entries=counted)
    mine = tx.all(select(claims).where(claims.c.volunteer_id == volunteer_id, claims.c.state.in_(("open", "accepted"))))
    if (same := _same(mine, minutes, start, end)) is not None:
        return Opened("same", claim_id=same)
    if sum(row["state"] == "open" for row in mine) >= limits.open_claims:
        return Opened("too_many")
    values = {"words": words, "minutes": minutes, "from_at": start, "until_at": end, "created_at": tx.now}
    claim_id = tx.insert(claims, volunteer_id=volunteer_id, chat_id=chat_id, **values)
    tx.wake("desk")
    return Opened("new", claim_id=claim_id)


def _same(rows: Any, minutes: int, start: datetime, end: datetime) -> int | None:
    """The same length at the same time, or within it: told twice, in whatever words."""
    for row in rows:
        if row["minutes"] == minutes and row["from_at"] < end and start < row["until_at"]:
            return int(row["id"])
    return None


def withdraw(tx: Tx, claim_id: int, *, volunteer_id: int) -> bool:
    """The resident lets it be; False when it was decided before, or is not theirs."""
    mine = (claims.c.id == claim_id) & (claims.c.volunteer_id == volunteer_id) & (claims.c.state == "open")
    values = {"state": "withdrawn", "decided_at": tx.now, "revision": claims.c.revision + 1}
    tx.wake("desk")
    return bool(tx.changed(claims.update().where(mine).values(values)))


def accept(
    tx: Tx, claim_id: int, *, revision: int, what: str, start: datetime, end: datetime, by: int,
    category: str | None = None, place: str | None = None, despite: bool = False, answer: str | None = None,
) -> tuple[Claim, Entered]:  # fmt: skip
    """The hours are entered, with the claim as their reason. Changed when it was decided before; Overlaps as ever."""
    claim = _decide(tx, claim_id, revision=revision, by=by, state="accepted", answer=answer)
    entered = volunteer_hours.enter_by_hand(
        tx, claim.volunteer_id, what=what, start=start, end=end, by=by, category=category, place=place,
        kind="claim_accepted", claim_id=claim_id, despite=despite,
    )  # fmt: skip
    return claim, entered


def refuse(tx: Tx, claim_id: int, *, revision: int, by: int, answer: str) -> Claim:
    """No, and why; nobody is refused without a reason. ValueError without one."""
    if not answer.strip():
        raise ValueError("a refusal needs its reason")
    return _decide(tx, claim_id, revision=revision, by=by, state="refused", answer=answer)


def _decide(tx: Tx, claim_id: int, *, revision: int, by: int, state: str, answer: str | None) -> Claim:
    member = staff.actor(tx, by)
    claim = get(tx, claim_id)
    mine = (claims.c.id == claim_id) & (claims.c.revision == revision) & (claims.c.state == "open")
    values = {"state": state, "decided_by": member.id, "decided_at": tx.now, "answer": answer, "revision": revision + 1}
    if not tx.changed(claims.update().where(mine).values(values)):
        raise Changed
    staff.note(tx, by, f"claim_{state}", claim.number, claim=claim_id)
    tx.wake("desk")
    return claim


def get(tx: Tx, claim_id: int) -> Claim:
    row = tx.first(_query().where(claims.c.id == claim_id))
    if row is None:
        raise LookupError(f"no claim {claim_id}")
    return _claim(row)


def still_open(tx: Tx, volunteer_id: int | None = None, *where: ColumnElement[bool]) -> list[Claim]:
    """Those to be decided, the oldest first; of one volunteer, or of all."""
    query = _query().where(claims.c.state == "open", *where).order_by(claims.c.id)
    if volunteer_id is not None:
        query = query.where(claims.c.volunteer_id == volunteer_id)
    return [_claim(row) for row in tx.all(query)]


def _query() -> Select[Any]:
    names = [claims.c[name] for name in Claim.__dataclass_fields__ if name in claims.c]
    return select(*names, register.c.number, register.c.name).join(register, register.c.id == claims.c.volunteer_id)


def _claim(row: RowMapping) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__dataclass_fields__})
