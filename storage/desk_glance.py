"""What is there at all, in one small question, before every page of the console asks twenty finer ones.

Most of a desk's rooms have nothing waiting most of the time. To hold a question to what a member may meet costs a hundred
times what SQLite takes to answer it; where there is nothing to be met, it need not be asked. A glance never says no where
the finer question would find something. Conditions that seem to say a thing twice name the index they are answered from.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select, text

from knowledge import backups, data_requests
from storage import tables as t
from storage.backup_runs import COPIES
from storage.first_steps import FACT
from storage.hot import Hot
from storage.mediation_board import ENDED_FOR
from storage.sessions import LATELY
from storage.staff import Signed
from storage.transaction import Tx
from storage.types import Id, UtcDateTime

A_DAY = timedelta(days=1)


def glance(tx: Tx, signed: Signed) -> frozenset[str]:
    """The names of what may be waiting for somebody."""
    times = {name: tx.now + span for name, span in _spans().items()}
    [found] = _GLANCE.all(tx, reader=signed.member.id, session=signed.session, now=tx.now, **times)
    return frozenset(name for name, is_there in zip(THERE, found, strict=True) if is_there)


def _spans() -> dict[str, timedelta]:
    return {
        "day_ago": -A_DAY,
        "lately": -LATELY,
        "ended": -ENDED_FOR,
        "stale": -backups.shipped().stale,
        "soon": data_requests.shipped().warn,
    }


def _at(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


def _one_of(column: ColumnElement[Any], *values: str) -> ColumnElement[bool]:
    return or_(*(column == value for value in values))


def _elsewhere() -> ColumnElement[bool]:
    session, mine = t.staff_sessions.c, t.staff_sessions.c.staff_id == bindparam("reader", type_=Id)
    other = (session.token_hash != bindparam("session")) & (session.seen_at > _at("lately"))
    return exists().where(mine, or_(other, session.other_at > _at("day_ago")))


def _occasion() -> ColumnElement[bool]:
    occasion, entry = t.occasions.c, t.occasion_entries.c
    over = exists().where(occasion.state == "open", occasion.ends_at <= _at("now"))
    told = select(entry.id).where(entry.occasion_id == occasion.id, entry.notice_id.is_not(None))
    uncalled = exists(told.where(entry.called_at.is_(None)).correlate(t.occasions))
    return or_(over, exists(select(occasion.id).where(occasion.starts_at > _at("now"), uncalled)))


def _trouble() -> ColumnElement[bool]:
    run, early = t.backup_runs.c, exists().where(t.staff.c.created_at <= _at("stale"))
    good = (_one_of(run.kind, *COPIES), run.state == "verified", run.gone_at.is_(None), run.at > _at("stale"))
    return or_(
        exists().where(t.inbox.c.state == "parked"),
        exists(select(t.outbox.c.id).where(text("outbox.state IN ('dead','doubtful')"))),
        exists().where(t.chats.c.kind == "staff"),
        and_(~exists().where(*good), early),
    )


def _called_back() -> ColumnElement[bool]:
    ticket, due = t.tickets.c, t.ring_backs.c
    wanted = or_(ticket.needs_call_back.is_(True), ticket.waiting_resident.is_(True))
    return or_(
        exists().where(ticket.call_at <= _at("now"), wanted),
        exists().where(due.state == "open", due.due_at <= _at("now")),
    )


THERE: dict[str, ColumnElement[bool]] = {
    "elsewhere": _elsewhere(),
    "alarm": exists().where(t.alarms.c.ended_at.is_(None)),
    "conversation": exists().where(t.conversations.c.state == "waiting", t.conversations.c.state != "ended"),
    "appointment": exists().where(t.appointments.c.state == "open", t.appointments.c.at <= _at("now")),
    "call_back": _called_back(),
    "care": exists().where(t.care_notes.c.closed_at.is_(None), t.care_notes.c.follow_up_at <= _at("now")),
    "volunteer": or_(
        exists().where(t.certificates.c.state == "asked"),
        exists().where(t.volunteer_claims.c.state == "open"),
    ),
    "occasion": _occasion(),
    "mediation": exists().where(or_(t.mediations.c.ended_at.is_(None), t.mediations.c.ended_at > _at("ended"))),
    "health": _trouble(),
    "disclosure": exists().where(t.disclosure_asks.c.state == "open"),
    "call": exists().where(t.calls.c.state == "ringing", text("calls.state IN ('ringing','open')")),
    "incident": exists().where(t.incidents.c.state == "open"),
    "household": exists().where(t.households.c.state == "active"),
    "no_password": exists().where(t.staff.c.id == bindparam("reader", type_=Id), t.staff.c.password_hash.is_(None)),
    "setup": or_(~exists().where(t.communities.c.id > 0), exists().where(t.facts.c.name == FACT)),
    "notice": exists().where(t.notices.c.state == "asked"),
    "data_request": exists().where(
        _one_of(t.data_requests.c.state, "open", "decided"), t.data_requests.c.due_at <= _at("soon")
    ),
}
_GLANCE = Hot(select(*THERE.values()))
