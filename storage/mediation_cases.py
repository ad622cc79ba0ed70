"""A mediation as it is kept: the case, its parties, its history, and what was said in each thread. Reading only.

Who may read which word is decided by `knowledge.mediation.may_read` and nowhere else: every list of words is assembled by
`words_for`. What changes a case is in `storage.mediation`, which gives all of this as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, func, or_, select

from knowledge import mediation as rules
from knowledge.mediation import Reader, Side, Spoken, State
from storage.tables import (
    mediation_blobs,
    mediation_events,
    mediation_parties,
    mediation_releases,
    mediation_words,
    mediations,
    tickets,
)
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Party:
    """One side, as far as it is known; without a chat it is reached by the mediator alone."""

    id: int
    mediation_id: int
    side: Side
    resident_id: int | None
    chat_id: int | None
    name: str | None
    phone: str | None
    building: str | None
    unit: str | None
    room: str | None
    place_note: str | None
    told_version: str | None
    told_at: datetime | None
    willing: bool | None
    willing_at: datetime | None
    joint: bool | None
    invited_at: datetime | None
    invited_by: str | None
    invite_expires: datetime | None
    unread: int
    awaited_at: datetime | None
    left_at: datetime | None

    @property
    def flat(self) -> tuple[str | None, str | None]:
        return self.building, self.room


@dataclass(frozen=True, slots=True)
class Case:
    """A case with both parties; ``number`` is the applicant's ticket, which the other side never sees."""

    id: int
    ticket_id: int
    number: str
    kind: str
    state: State
    file_number: str | None
    opened_at: datetime
    accepted_at: datetime | None
    due_at: datetime | None
    extended_until: datetime | None
    mediator_id: int | None
    mediator: str | None
    left_unnamed_at: datetime | None
    other_mediator_asked: str | None
    closed_session: bool
    contact_consent_at: datetime | None
    counterpart_id: int | None
    ended_at: datetime | None
    ending: str | None
    revision: int
    parties: Mapping[Side, Party]

    @property
    def applicant(self) -> Party:
        return self.parties[Side.APPLICANT]

    @property
    def respondent(self) -> Party:
        return self.parties[Side.RESPONDENT]

    @property
    def is_open(self) -> bool:
        return rules.is_open(self.state)

    @property
    def settle_by(self) -> datetime | None:
        """When it should be settled: the month, or what both agreed to (ME-07)."""
        return self.extended_until or self.due_at

    @property
    def joint(self) -> bool:
        """Both sides agreed to speak in one thread."""
        return all(party.joint for party in self.parties.values())


@dataclass(frozen=True, slots=True)
class Word:
    """One entry of a thread; ``held``: why the mediator looks before it crosses; ``corrects``: its writer put right with
    it what they had said before."""

    id: int
    thread: str
    author: str
    staff: str | None
    text: str
    held: str | None
    at: datetime
    message_id: int | None
    released_to: tuple[str, ...]
    blobs: tuple[int, ...]
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    at: datetime
    actor: str
    staff: str | None
    action: str
    from_state: str | None
    to_state: str
    note: str | None
    word_id: int | None


def get(tx: Tx, case_id: int) -> Case | None:
    return _one(tx, _CASE.where(mediations.c.id == case_id))


def of_ticket(tx: Tx, ticket_id: int) -> Case | None:
    return _one(tx, _CASE.where(mediations.c.ticket_id == ticket_id))


def by_number(tx: Tx, number: str) -> Case | None:
    """By the applicant's ticket or the archive's number."""
    return _one(tx, _CASE.where(or_(tickets.c.number == number, mediations.c.file_number == number)))


def leading(tx: Tx, case: Case) -> Case:
    """The case it is handled in: itself, or the one it was joined with."""
    return (get(tx, case.counterpart_id) if case.counterpart_id else None) or case


def cases(tx: Tx, *where: Any) -> list[Case]:
    """Cases, the one to be settled soonest first, those without a clock by age."""
    order = (func.coalesce(mediations.c.extended_until, mediations.c.due_at, mediations.c.opened_at), mediations.c.id)
    return _all(tx, _CASE.where(*where).order_by(*order))


def _one(tx: Tx, query: Select[Any]) -> Case | None:
    return next(iter(_all(tx, query)), None)


def _all(tx: Tx, query: Select[Any]) -> list[Case]:
    rows = tx.all(query)
    parties = _parties(tx, [int(row["id"]) for row in rows])
    return [_case(row, parties[int(row["id"])]) for row in rows]


def _case(row: RowMapping, parties: Mapping[Side, Party]) -> Case:
    return Case(**{**row, "state": State(row["state"]), "parties": parties})


def _parties(tx: Tx, case_ids: Sequence[int]) -> dict[int, dict[Side, Party]]:
    found: dict[int, dict[Side, Party]] = {case_id: {} for case_id in case_ids}
    query = select(*_PARTY).where(mediation_parties.c.mediation_id.in_(case_ids))
    for row in tx.all(query):
        party = Party(**{**row, "side": Side(row["side"])})
        found[party.mediation_id][party.side] = party
    return found


def history(tx: Tx, case_id: int) -> list[Event]:
    events = mediation_events
    query = (
        select(events.c.at, events.c.actor, staff_table.c.name, events.c.action, events.c.from_state)
        .add_columns(events.c.to_state, events.c.note, events.c.word_id)
        .outerjoin(staff_table, staff_table.c.id == events.c.staff_id)
        .where(events.c.mediation_id == case_id)
        .order_by(events.c.id)
    )
    return [Event(*row) for row in tx.tuples(query)]


def words_for(tx: Tx, case_id: int, reader: Reader) -> list[Word]:
    """What this reader may read of a case, oldest first."""
    return [
        word for word in _words(tx, case_id) if rules.may_read(reader, Spoken(word.thread, word.released_to))
    ]  # fmt: skip


def _words(tx: Tx, case_id: int) -> list[Word]:
    entries = mediation_words
    query = (
        select(*(entries.c[name] for name in ("id", "thread", "author", "text", "held", "at", "message_id")))
        .add_columns(staff_table.c.name.label("staff"))
        .outerjoin(staff_table, staff_table.c.id == entries.c.staff_id)
        .where(entries.c.mediation_id == case_id)
        .order_by(entries.c.id)
    )
    rows = tx.all(query)
    released = _by_word(tx, mediation_releases.c.to_thread, mediation_releases, [int(row["id"]) for row in rows])
    files = _by_word(tx, mediation_blobs.c.blob_id, mediation_blobs, [int(row["id"]) for row in rows])
    put_right = _corrections(tx, case_id)
    return [
        Word(
            **row,
            released_to=released.get(row["id"], ()),
            blobs=files.get(row["id"], ()),
            corrects=row["id"] in put_right,
        )
        for row in rows
    ]


def _corrections(tx: Tx, case_id: int) -> set[int]:
    mine = (mediation_events.c.mediation_id == case_id) & (mediation_events.c.action == "correct")
    return {int(row["word_id"]) for row in tx.all(select(mediation_events.c.word_id).where(mine)) if row["word_id"]}


def _by_word(tx: Tx, column: Any, table: Any, word_ids: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    found: dict[int, tuple[Any, ...]] = {}
    for word_id, value in tx.tuples(
        select(table.c.word_id, column).where(table.c.word_id.in_(word_ids)).order_by(table.c.id)
    ):
        found[word_id] = (*found.get(word_id, ()), value)
    return found


def parts_of(tx: Tx, resident_id: int | None) -> list[dict[str, Any]]:
    """What is kept of somebody as a side of a case, for themselves: nothing of the other side."""
    own = (
        "side",
        "name",
        "phone",
        "building",
        "unit",
        "room",
        "told_version",
        "told_at",
        "willing",
        "willing_at",
        "joint",
    )
    query = select(
        mediations.c.kind, mediations.c.file_number, mediations.c.state, *(mediation_parties.c[n] for n in own)
    )
    query = query.join(mediation_parties, mediation_parties.c.mediation_id == mediations.c.id)
    theirs = mediation_parties.c.resident_id == resident_id
    return [dict(row) for row in tx.all(query.where(theirs).order_by(mediations.c.id))]


def words_of(tx: Tx, resident_id: int | None) -> list[dict[str, Any]]:
    """Every word of their cases that somebody may read as the side they are."""
    sides = select(mediation_parties.c.mediation_id, mediation_parties.c.side)
    rows = tx.tuples(sides.where(mediation_parties.c.resident_id == resident_id).order_by(mediation_parties.c.id))
    return [
        {"mediation": case_id, "thread": word.thread, "author": word.author, "text": word.text, "at": word.at}
        for case_id, side in rows
        for word in words_for(tx, case_id, Reader(side=Side(side)))
    ]


_CASE = (
    select(*(mediations.c[name] for name in Case.__dataclass_fields__ if name not in ("number", "mediator", "parties")))
    .add_columns(tickets.c.number, staff_table.c.name.label("mediator"))
    .join(tickets, tickets.c.id == mediations.c.ticket_id)
    .outerjoin(staff_table, staff_table.c.id == mediations.c.mediator_id)
)
_PARTY = [mediation_parties.c[name] for name in Party.__dataclass_fields__]
