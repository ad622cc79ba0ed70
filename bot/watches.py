"""What time brings, one watch a line: a unit that does whatever is due, and the look that says whether anything can be.

All looks are one read; on a quiet estate a tick writes nothing. A new clock is one more line in ``WATCHES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from handlers import ticket_notices
from handlers.clocks import alarm_letters as alarm_letter_clock
from handlers.clocks import alarms as alarm_clock
from handlers.clocks import appointments as appointment_clock
from handlers.clocks import calendar as calendar_clock
from handlers.clocks import care, disclosure, disclosure_calendar, line, work
from handlers.clocks import data_requests as request_clock
from handlers.clocks import households as household_clock
from handlers.clocks import mediations as mediation_clock
from handlers.clocks import volunteers as volunteer_clock
from handlers.incident_words import answered
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from storage import (
    alarm_letters,
    call_list,
    faq,
    figure_days,
    gaps,
    hand_overs,
    incident_telling,
    invitations,
    promises,
    provisional,
    request_reminders,
    signing_for,
    ticket_alarms,
    verdicts,
    volunteers,
)
from storage.tables import (
    appointments,
    care_notes,
    conversations,
    disclosure_asks,
    tickets,
)
from storage.tickets import OPEN
from storage.transaction import Tx

Unit = Callable[[Tx, Catalogue], Any]


@dataclass(frozen=True, slots=True)
class Watch:
    """``may_be_due`` is cheap and never says no where the unit would do something."""

    unit: Unit
    may_be_due: Callable[[Tx], ColumnElement[bool]]


def keep_promises(tx: Tx, texts: Catalogue) -> int:
    """Tell staff of promises about to pass, and everybody of those that have; how many."""
    late, near = promises.late(tx), promises.soon(tx)
    for passing in late:
        speak(tx, ticket_notices.missed(tx, texts, passing))
    for passing in near:
        speak(tx, ticket_notices.near(tx, texts, passing))
    return len(late) + len(near)


def ask_again(tx: Tx, texts: Catalogue) -> int:
    """Ask residents once more who have not said whether it is solved, or not answered; how many."""
    due = verdicts.due_to_ask(tx)
    for row, chat_ids in due:
        speak(tx, ticket_notices.asked_again(tx, texts, row, chat_ids))
    return len(due)


def end_quietly(tx: Tx, texts: Catalogue) -> int:
    """Close what nobody may telephone about (WO-15) and its resident has not answered; how many."""
    ended = call_list.unasked(tx)
    for row in ended:
        speak(tx, ticket_notices.ended_quietly(tx, texts, row))
    return len(ended)


def due(tx: Tx) -> list[Watch]:
    """The watches that may have something to do."""
    looks = select(*(exists().where(watch.may_be_due(tx)) for watch in WATCHES))
    [found] = tx.tuples(looks)
    return [watch for watch, waits in zip(WATCHES, found, strict=True) if waits]


def _care_due(tx: Tx) -> ColumnElement[bool]:
    return (care_notes.c.follow_up_at <= tx.now) & care_notes.c.closed_at.is_(None)


WATCHES: tuple[Watch, ...] = (
    Watch(alarm_clock.repeat, alarm_clock.may_be_due),
    Watch(alarm_clock.ring_for_tickets, ticket_alarms.unheard),
    Watch(alarm_letter_clock.tell, alarm_letters.untold),
    Watch(alarm_letter_clock.tell_group, alarm_letters.group_untold),
    Watch(alarm_letter_clock.settle, alarm_letters.unsettled),
    Watch(line.watch, lambda _: conversations.c.state != "ended"),
    Watch(appointment_clock.watch, lambda _: appointments.c.state == "open"),
    Watch(care.remind, _care_due),
    Watch(household_clock.watch, household_clock.may_be_due),
    Watch(request_clock.watch, request_reminders.owing),
    Watch(lambda tx, _: gaps.sort_some(tx), gaps.waits),
    Watch(mediation_clock.watch, mediation_clock.may_be_due),
    Watch(disclosure_calendar.watch, disclosure_calendar.may_be_due),
    Watch(disclosure.watch, lambda _: disclosure_asks.c.state == "open"),
    Watch(calendar_clock.count_anew, provisional.due),
    Watch(keep_promises, lambda _: tickets.c.state.in_(OPEN)),
    Watch(lambda tx, _: volunteers.resume_due(tx), volunteers.rested),
    Watch(volunteer_clock.invite, invitations.waiting),
    Watch(work.remind, signing_for.may_be_due),
    Watch(work.ask, hand_overs.may_be_due),
    Watch(lambda tx, _: signing_for.archive(tx), signing_for.to_archive),
    Watch(lambda tx, texts: incident_telling.tell_some(tx, answered(texts)), incident_telling.waiting),
    Watch(ask_again, lambda tx: tickets.c.ask_at <= tx.now),
    Watch(end_quietly, lambda tx: tickets.c.call_at <= tx.now),
    Watch(lambda tx, _: faq.come_due(tx), faq.planned_due),
    Watch(lambda tx, _: faq.come_due(tx), faq.run_out),
    Watch(lambda tx, _: figure_days.settle(tx), figure_days.due),
)
"""In the order they are done: who may be in danger first."""
