"""The course of a case as its mediator sees it, in one look; that they looked is kept (ME-15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import RowMapping, select

from knowledge import course
from knowledge.agreements import Agreement, Finding, findings
from knowledge.course import Court
from knowledge.mediation import Side
from knowledge.mediation_file import Line
from knowledge.signing import lacking
from storage import (
    mediation,
    mediation_agreements,
    mediation_asks,
    mediation_desk,
    mediation_extensions,
    mediation_next,
    mediation_papers,
    mediation_sessions,
    mediation_talk,
    mediation_visits,
)
from storage.mediation import Case, Event
from storage.mediation_course import names
from storage.mediation_next import Next
from storage.offices import Offices
from storage.staff import MayNot, Member
from storage.tables import mediation_seen, mediation_words, tickets
from storage.transaction import Tx

Asked = Mapping[tuple[str, int, str], RowMapping]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage:
    """Everything of a case but its threads."""

    case: Case
    next: Next | None
    asked: Asked
    sessions: Sequence[RowMapping]
    extensions: Sequence[RowMapping]
    versions: Sequence[RowMapping]
    text: Agreement | None
    findings: Sequence[Finding]
    lacking: Sequence[str]
    court: Court | None
    visits: Sequence[RowMapping]
    terms: Mapping[int, Agreement]
    papers: Sequence[RowMapping]
    index: Sequence[Line]
    history: Sequence[Event]
    told: str
    source: str
    reach: Mapping[str, str]
    scans: Sequence[RowMapping]

    @property
    def version(self) -> RowMapping | None:
        return self.versions[-1] if self.versions else None

    @property
    def open_session(self) -> RowMapping | None:
        return next((row for row in self.sessions if row["state"] in mediation_sessions.OPEN), None)

    @property
    def open_extension(self) -> RowMapping | None:
        return next((row for row in self.extensions if row["state"] == "asked"), None)

    def ask(self, kind: str, about: int, side: str) -> RowMapping | None:
        return self.asked.get((kind, about, side))


def look(tx: Tx, case_id: int, member: Member) -> CoursePage | None:
    """For its mediator alone; MayNot for others, None where there is no such case."""
    case = mediation.get(tx, case_id)
    if case is None:
        return None
    if not mediation_desk.footing(tx, case, member).reads:
        raise MayNot
    tx.insert(mediation_seen, mediation_id=case.id, staff_id=member.id, at=tx.now)
    return _page(tx, case)


def _page(tx: Tx, case: Case) -> CoursePage:
    versions = mediation_agreements.of_case(tx, case.id)
    version = versions[-1] if versions else None
    text = mediation_agreements.text_of(version) if version and version["content"] else None
    on = version["in_force_on"] if version else None
    today = on or course.day_of(tx.now)
    return CoursePage(
        case=case,
        next=mediation_next.next_step(tx, case),
        asked=mediation_asks.all_of(tx, case.id),
        sessions=mediation_sessions.of_case(tx, case.id),
        extensions=mediation_extensions.of_case(tx, case.id),
        versions=versions,
        text=text,
        findings=findings(text, parties=names(case), today=today) if text else [],
        lacking=lacking(mediation_agreements.signing(version)) if version else [],
        court=_court(tx, case, on) if on and version and version["form"] == "written" else None,
        visits=[row for row in mediation_visits.of_case(tx, case.id) if row["outcome"] != "void"],
        terms={int(row["id"]): mediation_agreements.text_of(row) for row in versions if row["content"]},
        papers=mediation_papers.of_case(tx, case.id),
        index=mediation_papers.index_of(tx, case),
        history=mediation.history(tx, case.id),
        told=_application(tx, case),
        source=str(tx.scalar(select(tickets.c.source).where(tickets.c.id == case.ticket_id)) or ""),
        reach={party.side.value: mediation_talk.reached(tx, party) for party in case.parties.values()},
        scans=mediation_papers.scans(tx, case.id),
    )


def _court(tx: Tx, case: Case, on: date) -> course.Court:
    return course.court(on, office=Offices(tx).of_ticket_id(case.ticket_id))


def _application(tx: Tx, case: Case) -> str:
    """What the applicant told, and wished, when they applied: the first thing they said in it."""
    theirs = (mediation_words.c.mediation_id == case.id) & (mediation_words.c.author == Side.APPLICANT.value)
    query = select(mediation_words.c.text).where(theirs).order_by(mediation_words.c.id).limit(1)
    return str(tx.scalar(query) or "")
