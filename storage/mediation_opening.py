"""How a case comes about: a resident's application, two about each other made one, acceptance, and who mediates.

The words of an application are the applicant's thread and nothing else: from that moment the ticket they came with is off
the ordinary desk, and confidential wherever it is still named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, func, or_, select, text

from knowledge import mediation as rules
from knowledge.mediation import OPEN, Refusal, Side, State, Who
from storage import mediation
from storage.clocks import QUIET
from storage.mediation import Case, Party, Stale
from storage.migrate import LOCK
from storage.tables import (
    chats,
    mediation_blobs,
    mediation_parties,
    mediations,
    messages,
    residents,
    ticket_blobs,
    ticket_events,
    ticket_followers,
    tickets,
)
from storage.transaction import Tx

CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The other side as far as the applicant knows."""

    name: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    place_note: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """``told``: the version of rights and duties that was said first (ME-05); ``since``: their first message about it."""

    respondent: Whereabouts
    wish: str | None
    may_contact: bool
    told: str
    since: int | None = None


def apply(tx: Tx, ticket_id: int, *, chat_id: int, given: Application) -> Case | None:
    """The resident who filed this dispute applies for mediation; once, however often it is sent. None when it is not
    theirs, is over, or is no dispute."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id, _own(chat_id)).with_for_update())
    known = mediation.of_ticket(tx, ticket_id)
    if row is None or known is not None:
        return known if row is not None else None
    case_id = tx.insert(
        mediations,
        ticket_id=ticket_id,
        kind=row["category"] or "other",
        state=State.APPLIED.value,
        opened_at=tx.now,
        contact_consent_at=tx.now if given.may_contact else None,
    )
    _parties(tx, case_id, row, chat_id, given)
    case = mediation.held(tx, case_id)
    mediation.record(tx, case, "apply", actor="applicant")
    _first_words(tx, case, row, given)
    _off_the_desk(tx, row, chat_id, given.since)
    return _joined(tx, case) or case


def _own(chat_id: int) -> ColumnElement[bool]:
    """Filed by this chat's own resident: nobody applies for somebody else."""
    mine = select(chats.c.resident_id).where(chats.c.id == chat_id)
    return tickets.c.resident_id.in_(mine) & (tickets.c.route == "dispute") & tickets.c.closed_at.is_(None)


def _parties(tx: Tx, case_id: int, row: RowMapping, chat_id: int, given: Application) -> None:
    who = tx.first(select(residents).where(residents.c.id == row["resident_id"]))
    assert who is not None
    home = who if who["room"] else row
    flat = {part: home[part] for part in ("building", "unit", "room")}
    tx.insert(
        mediation_parties,
        mediation_id=case_id,
        side=Side.APPLICANT.value,
        resident_id=row["resident_id"],
        chat_id=chat_id,
        name=who["name"],
        phone=row["phone"] or who["phone"],
        told_version=given.told,
        told_at=tx.now,
        willing=True,
        willing_at=tx.now,
        **flat,
    )
    other = {name: getattr(given.respondent, name) for name in Whereabouts.__dataclass_fields__}
    tx.insert(mediation_parties, mediation_id=case_id, side=Side.RESPONDENT.value, **other)


def _first_words(tx: Tx, case: Case, row: RowMapping, given: Application) -> None:
    said = [str(row["description"]), *([given.wish] if given.wish else [])]
    held = tx.all(select(ticket_blobs.c.blob_id).where(ticket_blobs.c.ticket_id == row["id"]))
    files = [int(one["blob_id"]) for one in held]
    mediation.say(tx, case, thread=Side.APPLICANT.value, author=Side.APPLICANT.value, text="\n".join(said), blobs=files)
    mediation.change_party(tx, case.applicant, unread=1)


def _off_the_desk(tx: Tx, row: RowMapping, chat_id: int, since: int | None) -> None:
    values = {"confidential": True, "waiting_resident": False, "topic": None, "revision": tickets.c.revision + 1}
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values({**QUIET, **values}))
    if since is not None:
        said = (messages.c.chat_id == chat_id) & (messages.c.id >= since) & messages.c.ticket_id.is_(None)
        tx.execute(messages.update().where(said).values(ticket_id=row["id"]))


# -- two about each other ----------------------------------------------------------------------------------------------


def _joined(tx: Tx, case: Case) -> Case | None:
    """The open case the other side filed about this very household, now one with it; None where there is none."""
    first = _counterpart(tx, case)
    return join(tx, case, first, actor="system") if first is not None else None


def _counterpart(tx: Tx, case: Case) -> Case | None:
    mine, theirs = case.applicant, case.respondent
    if not (mine.building and mine.room and theirs.building and theirs.room):
        return None
    filed, named = _lives(theirs, Side.APPLICANT), _lives(mine, Side.RESPONDENT)
    earlier = (mediations.c.id != case.id) & mediations.c.counterpart_id.is_(None) & _still_open()
    return next(iter(mediation.cases(tx, earlier, mediations.c.id.in_(filed), mediations.c.id.in_(named))), None)


def _lives(party: Party, side: Side) -> Any:
    lived = mediation_parties
    same = (lived.c.building == party.building) & (lived.c.room == party.room) & (lived.c.side == side.value)
    if party.unit:
        same &= or_(lived.c.unit.is_(None), lived.c.unit == party.unit)
    return select(lived.c.mediation_id).where(same)


def _still_open() -> ColumnElement[bool]:
    return mediations.c.state.in_([state.value for state in OPEN])


def join(tx: Tx, case: Case, first: Case, *, actor: str, staff_id: int | None = None) -> Case:
    """``case`` goes on in ``first``, whose other side its applicant is; neither reads a word of the other's by it."""
    mine, free = case.applicant, first.respondent.resident_id in (None, case.applicant.resident_id)
    if mine.resident_id == first.applicant.resident_id or not free or case.state is not State.APPLIED:
        return case
    known = {name: getattr(mine, name) for name in ("name", "phone", "building", "unit", "room")}
    mediation.change_party(
        tx,
        first.respondent,
        **{name: value for name, value in known.items() if value},
        resident_id=mine.resident_id,
        chat_id=mine.chat_id,
        told_version=mine.told_version,
        told_at=mine.told_at,
        willing=True,
        willing_at=tx.now,
        invited_by="joined",
        unread=first.respondent.unread + 1,
    )
    _carry_over(tx, case, first)
    who = {Who.SYSTEM if staff_id is None else Who.MEDIATOR}
    mediation.step(tx, case, "join", who, actor=actor, staff_id=staff_id, counterpart_id=first.id)
    mediation.record(tx, first, "joined", actor=actor, staff_id=staff_id)
    keep_out(tx, first.ticket_id, mine.resident_id)
    if first.accepted_at is not None:
        _follow_clock(tx, case.ticket_id, first)
    return mediation.held(tx, first.id)


def _carry_over(tx: Tx, case: Case, first: Case) -> None:
    """What the second application said stands in that side's own thread of the case it joined."""
    side = Side.RESPONDENT.value
    for word in mediation.words_for(tx, case.id, rules.Reader(side=Side.APPLICANT)):
        mediation.say(tx, first, thread=side, author=side, text=word.text, held=word.held, blobs=word.blobs)


def keep_out(tx: Tx, ticket_id: int, resident_id: int | None) -> None:
    """The other side never follows the applicant's ticket, whatever code they were given."""
    theirs = (ticket_followers.c.ticket_id == ticket_id) & (ticket_followers.c.resident_id == resident_id)
    tx.execute(ticket_followers.delete().where(theirs))


def is_other_side(tx: Tx, ticket_id: int, resident_id: int) -> bool:
    """True of somebody whom this ticket's case is about."""
    side = (mediation_parties.c.side == Side.RESPONDENT.value) & (mediation_parties.c.resident_id == resident_id)
    join_ = mediations.c.id == mediation_parties.c.mediation_id
    query = select(mediation_parties.c.id).join(mediations, join_).where(side, mediations.c.ticket_id == ticket_id)
    return tx.scalar(query.limit(1)) is not None


# -- acceptance ----------------------------------------------------------------------------------------------------------


def accept(tx: Tx, case: Case, *, staff_id: int, revision: int, word: str) -> Case | Refusal | Stale:
    """The mediator accepts it: it gets the year's next number and its month (ME-02, ME-07)."""
    if revision != case.revision:
        return Stale(case.revision)
    year = tx.now.astimezone(CHINA).year
    sequence = _next_in(tx, year)
    due_at = rules.month_after(tx.now)
    number: dict[str, Any] = {
        "year": year,
        "sequence": sequence,
        "file_number": rules.file_number(year, sequence, word),
    }
    done = mediation.step(
        tx, case, "accept", {Who.MEDIATOR}, actor="staff", staff_id=staff_id,
        accepted_at=tx.now, due_at=due_at, **number,
    )  # fmt: skip
    if isinstance(done, (Refusal, Stale)):
        return done
    fresh = mediation.held(tx, case.id)
    for ticket_id in tickets_of(tx, fresh):
        _follow_clock(tx, ticket_id, fresh)
    return fresh


def _next_in(tx: Tx, year: int) -> int:
    """The year's next sequence; two accepted at the same instant get two."""
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK + 1})
    last = tx.scalar(select(func.max(mediations.c.sequence)).where(mediations.c.year == year))
    return int(last or 0) + 1


def tickets_of(tx: Tx, case: Case) -> list[int]:
    """The applicant's ticket, and that of an application joined with it."""
    joined = select(mediations.c.ticket_id).where(mediations.c.counterpart_id == case.id).order_by(mediations.c.id)
    return [case.ticket_id, *(int(row["ticket_id"]) for row in tx.all(joined))]


def _follow_clock(tx: Tx, ticket_id: int, case: Case) -> None:
    """The ticket stands in handling, due when the case is (ME-07)."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    assert row is not None
    values = {
        "state": "handling",
        "due_at": case.settle_by or row["due_at"],
        "due_rule": "ME-07",
        "due_provisional": False,
        "first_contact_at": row["first_contact_at"] or tx.now,
        "assigned_to": case.mediator_id,
        "revision": row["revision"] + 1,
    }
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values({**QUIET, **values}))
    note_on_ticket(tx, row, "handle", to_state="handling", staff_id=case.mediator_id)


def note_on_ticket(tx: Tx, row: RowMapping, action: str, *, to_state: str, staff_id: int | None) -> None:
    """A line of the ticket's own history: a step, and nobody's words."""
    actor = "staff" if staff_id else "bot"
    line = {"actor": actor, "staff_id": staff_id, "action": action, "from_state": row["state"], "to_state": to_state}
    tx.insert(ticket_events, ticket_id=int(row["id"]), at=tx.now, **line)


def of_mediations(tx: Tx, blob_id: int) -> Sequence[int]:
    """The cases a file belongs to."""
    query = select(mediation_blobs.c.mediation_id).where(mediation_blobs.c.blob_id == blob_id)
    return [int(row["mediation_id"]) for row in tx.all(query)]


def not_yet_applied(tx: Tx, chat_id: int) -> tuple[int, str, str | None] | None:
    """This chat's own newest open dispute that is in no mediation: its id, number and kind."""
    query = select(tickets.c.id, tickets.c.number, tickets.c.category).where(_own(chat_id))
    free = tickets.c.id.not_in(select(mediations.c.ticket_id))
    found = tx.tuples(query.where(free).order_by(tickets.c.id.desc()).limit(1))
    return (int(found[0][0]), str(found[0][1]), found[0][2]) if found else None
