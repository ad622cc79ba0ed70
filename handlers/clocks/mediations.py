"""What time brings in a mediation: reminders before a session, the end of its month, the court's thirty days, and asking
after performance. Each is told once (ME-07, ME-12, ME-13)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, select

from handlers.clocks.telling import staff
from handlers.mediation_telling import ask, tell, to_mediator
from handlers.mediation_words import A_MOMENT
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import spoken
from knowledge import course
from knowledge.mediation import table
from storage import (
    mediation,
    mediation_agreements,
    mediation_life,
    mediation_reminders,
    mediation_sessions,
    mediation_visits,
)
from storage.mediation import Case
from storage.offices import Offices
from storage.tables import mediation_agreements as mediation_agreement_table
from storage.tables import mediations
from storage.transaction import Tx

A_DAY = timedelta(days=1)


def watch(tx: Tx, texts: Catalogue) -> None:
    """Everything about mediations that is due now."""
    _unnamed(tx, texts)
    _before_sessions(tx, texts)
    _terms(tx, texts)
    _court(tx, texts)
    _performance(tx, texts)


def _unnamed(tx: Tx, texts: Catalogue) -> None:
    """A case nobody mediates, new or left behind, is told of in the staff group: its number, and nothing of it."""
    for case in mediation_life.unnamed(tx, for_hours=table().clock.unnamed_hours):
        about = int((case.left_unnamed_at or case.opened_at).timestamp()) // 60
        if mediation_reminders.once(tx, case.id, "unnamed", about):
            whose, number = Offices(tx).whose_id(case.ticket_id), case.file_number or case.number
            staff(tx, texts, "mediation.staff_unnamed", whose, number=number)


def _before_sessions(tx: Tx, texts: Catalogue) -> None:
    """The day before, and shortly before; of two that are due at once one is enough."""
    spans = sorted(course.shipped().before_session, reverse=True)
    for row in mediation_sessions.agreed_before(tx, tx.now + spans[0]):
        due = sum(row["at"] - tx.now <= span for span in spans)
        asked_just_now = row["proposed_at"] > tx.now - timedelta(hours=1)
        if due <= row["reminded"]:
            continue
        mediation_sessions.reminded(tx, int(row["id"]), due)
        if not asked_just_now:
            case = mediation.held(tx, int(row["mediation_id"]))
            tell(tx, texts, case, lambda voice, row=row: voice.session("session_soon", row))  # type: ignore[misc]


def _terms(tx: Tx, texts: Catalogue) -> None:
    soon = timedelta(days=table().clock.soon_days)
    for case in mediation_reminders.ending(tx, tx.now + soon):
        due = case.settle_by
        assert due is not None
        about = int(due.timestamp()) // 60  # a term that is put off is told of anew
        if due <= tx.now and mediation_reminders.once(tx, case.id, "term_over", about):
            tell(tx, texts, case, lambda voice: voice("term_over"))
            to_mediator(tx, texts, case, "staff_over")
        elif due > tx.now and mediation_reminders.once(tx, case.id, "term_soon", about):
            to_mediator(tx, texts, case, "staff_due", due=spoken(texts["zh"], due - A_MOMENT, now=tx.now))


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    """Open cases, and those whose days for the court run on after they are filed."""
    to_court = mediation_agreements.way_to_court(_court_since(tx))
    return mediations.c.ended_at.is_(None) | mediations.c.id.in_(
        select(mediation_agreement_table.c.mediation_id).where(to_court)
    )


def _court_since(tx: Tx) -> datetime:
    return tx.now - (course.shipped().last_court + 60) * A_DAY


def _court(tx: Tx, texts: Catalogue) -> None:
    for row in mediation_agreements.before_court(tx, _court_since(tx)):
        case = mediation.held(tx, int(row["mediation_id"]))
        if mediation_agreements.confirmable(case, row):
            _court_of(tx, texts, case, row)


def _court_of(tx: Tx, texts: Catalogue, case: Case, row: RowMapping) -> None:
    """Day 20, the last day one can go, and the end on day 30; whoever hears of it late hears of the last one only."""
    court = course.court(row["in_force_on"], office=Offices(tx).of_ticket_id(case.ticket_id))
    moments = (("court_over", court.over_at), ("court_last", court.last_call_at), ("court_day", court.remind_at))
    key = next((name for name, moment in moments if tx.now >= moment), None)
    if key is None or not mediation_reminders.once(tx, case.id, key, int(row["id"])):
        return
    tell(tx, texts, case, lambda voice: voice(key, last=voice.day(court.go_by)))
    to_mediator(tx, texts, case, "staff_court", last=court.go_by.isoformat())


def _performance(tx: Tx, texts: Catalogue) -> None:
    for row in mediation_visits.due(tx):
        ask(tx, texts, mediation_visits.ask(tx, row))
        to_mediator(tx, texts, mediation.held(tx, int(row["mediation_id"])), "staff_visit")
