"""Whose time is up, kind by kind, as conditions: the clock deletes by them, an admin sees by them what it would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from knowledge.retention import LEFT_AFTER
from storage import household_ends
from storage.erasure import GONE, NOBODY
from storage.legal_holds import held
from storage.own_data import EXPORT
from storage.retention_terms import kept
from storage.tables import (
    alarms,
    audit,
    blobs,
    calls,
    care_notes,
    chats,
    claim_tries,
    consents,
    conversations,
    data_requests,
    disclosure_asks,
    drafts,
    households,
    inbox,
    mediation_blobs,
    messages,
    notice_recipients,
    notices,
    occasion_entries,
    occasions,
    outbox,
    proxies,
    residents,
    ticket_blobs,
    tickets,
    topics,
    volunteers,
    web_sessions,
)
from storage.tickets import OPEN
from storage.transaction import Tx

MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """Rows of ``table`` whose time is up; ``since``: from when it was counted."""

    table: Table
    since: ColumnElement[Any]
    where: Sequence[ColumnElement[bool]]


def _old(column: ColumnElement[Any], *more: ColumnElement[bool]) -> Callable[[datetime, datetime], Due]:
    table: Table = column.table
    return lambda before, _now: Due(table, column, (column < before, *more))


def _words(before: datetime, _now: datetime) -> Due:
    """What belongs to a ticket stays with it; what is still to be sent or answered stays too."""
    unsent = select(outbox.c.message_id).where(outbox.c.state.in_(("pending", "sending")))
    talking = select(conversations.c.id).where(conversations.c.state != "ended")
    busy = func.coalesce(messages.c.conversation_id.in_(talking), False)
    kept = func.coalesce(
        messages.c.topic_id.in_(select(topics.c.id).where(topics.c.state.in_(("open", "closed")))), False
    )
    free = (messages.c.ticket_id.is_(None), messages.c.id.not_in(unsent), ~busy, ~kept)
    return Due(messages, messages.c.at, (messages.c.at < before, *free))


def _over(before: datetime, *route: ColumnElement[bool]) -> Due:
    over = (tickets.c.state.not_in(OPEN), tickets.c.description != GONE, ~held(tickets.c.id))
    return Due(tickets, tickets.c.closed_at, (tickets.c.closed_at < before, *over, *route))


def _sessions(before: datetime, now: datetime) -> Due:
    """Those nobody used any more, and those of whoever has left."""
    gone = select(chats.c.id).where(chats.c.left_at < now - LEFT_AFTER)
    ended = or_(web_sessions.c.seen_at < before, web_sessions.c.chat_id.in_(gone))
    return Due(web_sessions, web_sessions.c.seen_at, (ended,))


def _consents(before: datetime, _now: datetime) -> Due:
    """All but the answer that holds now."""
    newest = select(func.max(consents.c.id)).join(residents, residents.c.id == consents.c.resident_id)
    holding = newest.group_by(consents.c.resident_id, consents.c.about)
    return Due(consents, consents.c.at, (consents.c.at < before, consents.c.id.not_in(holding)))


def _places(before: datetime, _now: datetime) -> Due:
    over = select(occasions.c.id).where(occasions.c.ends_at < before)
    ended = select(occasions.c.ends_at).where(occasions.c.id == occasion_entries.c.occasion_id).scalar_subquery()
    where = (occasion_entries.c.occasion_id.in_(over), _named(occasion_entries.c.resident_id))
    return Due(occasion_entries, ended, where)


def _named(resident_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return resident_id.not_in(select(chats.c.resident_id).where(chats.c.remote == NOBODY))


def _told(before: datetime, _now: datetime) -> Due:
    over = select(notices.c.id).where(notices.c.ended_at < before)
    ended = select(notices.c.ended_at).where(notices.c.id == notice_recipients.c.notice_id).scalar_subquery()
    return Due(notice_recipients, ended, (notice_recipients.c.notice_id.in_(over),))


def _calls(before: datetime, _now: datetime) -> Due:
    touched = calls.c.updated_at > calls.c.began_at  # what was forgotten is as old as it began
    named = or_(touched, calls.c.number.is_not(None), calls.c.chat_id.is_not(None))
    return Due(calls, calls.c.began_at, (calls.c.state.in_(("done", "missed")), calls.c.began_at < before, named))


def _files(before: datetime, _now: datetime) -> Due:
    kept = select(ticket_blobs.c.blob_id).union(select(mediation_blobs.c.blob_id))
    return Due(
        blobs, blobs.c.created_at, (blobs.c.created_at < before, blobs.c.kind != EXPORT, blobs.c.id.not_in(kept))
    )


DUE: Mapping[str, Callable[[datetime, datetime], Due]] = {
    "words": _words,
    "files": _files,
    "forms": _old(drafts.c.updated_at, drafts.c.state.in_(("cancelled", "expired", "filed"))),
    "cases": lambda before, _now: _over(before, tickets.c.route != "dispute"),
    "disputes": lambda before, _now: _over(before, tickets.c.route == "dispute"),
    "alarms": _old(alarms.c.ended_at, or_(alarms.c.place.is_not(None), alarms.c.message_id.is_not(None))),
    "care": _old(care_notes.c.closed_at),
    "households": lambda before, _now: Due(households, households.c.ended_at, household_ends.over(before)),
    "exports": _old(blobs.c.created_at, blobs.c.kind == EXPORT),
    "raw": _old(inbox.c.finished_at, inbox.c.state != "pending", inbox.c.payload.is_not(None)),
    "letters": _old(outbox.c.finished_at),
    "sessions": _sessions,
    "tries": _old(claim_tries.c.at),
    "consents": _consents,
    "proxies": _old(proxies.c.ended_at),
    "places": _places,
    "volunteers": _old(volunteers.c.left_at, volunteers.c.state == "left", _named(volunteers.c.resident_id)),
    "looks": _old(audit.c.at),
    "asks": _old(
        disclosure_asks.c.answered_at, and_(disclosure_asks.c.state != "open", disclosure_asks.c.words != GONE)
    ),
    "told": _told,
    "calls": _calls,
    "requests": _old(
        data_requests.c.done_at, or_(data_requests.c.name.is_not(None), data_requests.c.contact.is_not(None))
    ),
    "recordings": _old(calls.c.began_at, calls.c.recording.is_not(None)),
}
"""By the kind of ``data/retention.yaml``; the two name the same kinds."""


def due(tx: Tx, kind: str, *, ahead: timedelta = timedelta(0)) -> Due:
    """What of this kind goes now, or within ``ahead`` from now, by the terms in force."""
    now = tx.now + ahead
    return DUE[kind](now - kept(tx, kind), now)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the next run takes of a kind, since when the oldest of it counts, and how much within a month."""

    today: int
    oldest: datetime | None
    month: int


def forecast(tx: Tx) -> dict[str, Forecast]:
    """A dry run: nothing is changed."""
    return {kind: _forecast(tx, kind) for kind in DUE}


def _forecast(tx: Tx, kind: str) -> Forecast:
    today, month = due(tx, kind), due(tx, kind, ahead=MONTH)
    count, oldest = tx.tuples(select(func.count(), func.min(today.since)).select_from(today.table).where(*today.where))[
        0
    ]
    later = tx.scalar(select(func.count()).select_from(month.table).where(*month.where))
    return Forecast(int(count), oldest, int(later))
