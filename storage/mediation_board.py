"""The mediation desk in one look: which cases want what, and one case as far as this colleague may see it (ME-15).

Whoever steps aside from a case finds no line of it here; whoever is not its mediator sees number, kind, state and clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from knowledge.mediation import Access, Side, State, Who, next_link
from storage import alarms, blobs, mediation, mediation_life, mediation_next, mediation_talk, staff
from storage.belonging import cases_of
from storage.blobs import Blob
from storage.mediation import Case, Event, Word
from storage.mediation_desk import Footing, footing, read
from storage.mediation_joining import joinable
from storage.mediation_life import Neighbour
from storage.staff import Member
from storage.tables import mediations
from storage.transaction import Tx

ENDED_FOR = timedelta(days=30)
NO_ANSWER = timedelta(days=3)
"""After so long without an answer the mediator is told to ring or call."""


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list. ``todo``: what its reader should do now, ``next.<key>`` or ``todo.<key>`` in words."""

    case: Case
    on: Footing
    todo: str | None
    waits: bool
    unread: bool


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case. Without access to its words everything from ``words`` on is empty."""

    case: Case
    on: Footing
    todo: str | None
    waits: bool
    link: str | None
    words: Sequence[Word]
    events: Sequence[Event]
    reached: Mapping[Side, str]
    neighbours: Sequence[Neighbour]
    danger: Sequence[Side]
    joined: bool
    joinable: Sequence[Case]
    """Other cases of this mediator that it may be joined with."""
    wanted: Mapping[int, bool]
    """Held words whose writer asked to let them cross."""

    def thread(self, *names: str) -> list[Word]:
        return [word for word in self.words if word.thread in names]


def board(tx: Tx, member: Member) -> list[Line]:
    """Open cases and those ended lately, what wants something of this member first."""
    lately = or_(mediations.c.ended_at.is_(None), mediations.c.ended_at > tx.now - ENDED_FOR)
    found = mediation.cases(tx, lately, mediations.c.counterpart_id.is_(None), cases_of(member.id))
    lines = [_line(tx, case, footing(tx, case, member)) for case in found]
    seen = [line for line in lines if line.on.access is not Access.NONE]
    return sorted(seen, key=lambda line: (not line.case.is_open, line.todo is None, line.waits))


def _line(tx: Tx, case: Case, on: Footing) -> Line:
    unread = on.reads and any(party.unread for party in case.parties.values())
    todo, waits = todo_of(tx, case, on)
    return Line(case, on, todo, waits, unread)


def todo_of(tx: Tx, case: Case, on: Footing) -> tuple[str | None, bool]:
    """What this colleague should do now, and whether it is for others to answer first."""
    if not case.is_open:
        return None, False
    if case.mediator_id is None:
        return ("name" if on.who & {Who.NAMING, Who.UNNAMED} else None), False
    if case.other_mediator_asked and Who.NAMING in on.who:
        return "rename", False
    if not on.reads:
        return None, False
    return _to_mediate(tx, case)


def _to_mediate(tx: Tx, case: Case) -> tuple[str | None, bool]:
    if case.state is State.APPLIED:
        return "accept", False
    if case.state is State.ACCEPTED:
        if case.respondent.willing:
            return "begin", False
        return ("invite" if mediation_life.may_ask(case) is None else "consent"), False
    if case.state is State.INVITING:
        asked = case.respondent.invited_at
        return ("ring" if asked is not None and asked < tx.now - NO_ANSWER else "asked"), True
    following = mediation_next.next_step(tx, case)
    return (f"next.{following.key}", following.waits) if following else (None, False)


def count(tx: Tx, member: Member) -> int:
    """How many cases want something of this member now."""
    return sum(line.unread or (line.todo is not None and not line.waits) for line in board(tx, member))


def look(tx: Tx, case_id: int, member: Member) -> CasePage | None:
    """One case as this colleague may see it; None where there is none, or it concerns them."""
    found = mediation.get(tx, case_id)
    case = mediation.leading(tx, found) if found else None
    if case is None:
        return None
    on = footing(tx, case, member)
    if on.access is Access.NONE:
        return None
    todo, waits = todo_of(tx, case, on)
    words = read(tx, case, on)
    if on.reads:
        mediation_talk.seen(tx, case)
    return CasePage(
        case=case,
        on=on,
        todo=todo,
        waits=waits,
        link=next_link(case.kind),
        words=words,
        events=mediation.history(tx, case.id) if on.reads else [],
        reached={side: mediation_talk.reached(tx, party) for side, party in case.parties.items()} if on.reads else {},
        neighbours=mediation_life.neighbours(tx, case) if on.reads else [],
        danger=in_danger(tx, case) if on.reads else [],
        joined=_is_joined(tx, case),
        joinable=joinable(tx, case, on),
        wanted=_wanted(tx, case) if on.reads else {},
    )


def in_danger(tx: Tx, case: Case) -> list[Side]:
    """Sides with an alarm that is not over: danger goes before every mediation (ME-08, ME-19)."""
    return [
        side for side, party in case.parties.items() if party.chat_id is not None and alarms.open_in(tx, party.chat_id)
    ]


def _is_joined(tx: Tx, case: Case) -> bool:
    return tx.scalar(select(mediations.c.id).where(mediations.c.counterpart_id == case.id).limit(1)) is not None


def _wanted(tx: Tx, case: Case) -> dict[int, bool]:
    asked = (event.word_id for event in mediation.history(tx, case.id) if event.action == "ask_release")
    return {word_id: True for word_id in asked if word_id is not None}


def of_number(tx: Tx, number: str) -> int | None:
    """The case of a ticket, by the ticket's number."""
    found = mediation.by_number(tx, number)
    return found.id if found else None


def mediators(tx: Tx, case: Case) -> list[Member]:
    """Who may be named: mediators who are in, and whom nothing speaks against."""
    members = [one for one in staff.everyone(tx) if one.role == "mediator" and one.disabled_at is None]
    return [one for one in members if not footing(tx, case, one).conflicts]


def file_of(tx: Tx, case_id: int, blob_id: int, member: Member) -> Blob | None:
    """A file of the case, for its mediator alone; the look is kept."""
    case = mediation.get(tx, case_id)
    on = footing(tx, case, member) if case else None
    if case is None or on is None or not on.reads:
        return None
    held = any(blob_id in word.blobs for word in read(tx, case, on))
    return blobs.get(tx, blob_id) if held else None
