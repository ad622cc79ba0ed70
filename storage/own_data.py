"""What is kept about one resident, for themselves to see, correct and take away (PI-12): all of theirs, nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.sql.schema import Column, Table

from storage import course_erasure, mediation, register, residents
from storage.tables import (
    alarms,
    answers,
    appointments,
    audit,
    blobs,
    call_backs,
    calls,
    certificates,
    chats,
    consents,
    conversations,
    data_requests,
    disclosure_asks,
    drafts,
    gaps,
    message_versions,
    messages,
    notice_recipients,
    occasion_entries,
    occasion_swaps,
    proxies,
    proxy_events,
    quiet_hours,
    redirects,
    ring_backs,
    subscriptions,
    ticket_blobs,
    ticket_calls,
    ticket_events,
    ticket_followers,
    tickets,
    transcripts,
    volunteer_claims,
    volunteer_events,
    volunteer_hours,
    volunteer_invitations,
    volunteers,
)
from storage.tables import residents as resident_table
from storage.tickets import OPEN
from storage.transaction import Tx

EXPORT = "export"
"""The kind of a file made for a resident with their data; it is no part of the next one."""
INSIDE = ("staff_id", "identity_by", "decided_by", "done_by", "identity_note", "revision")
AMONG_STAFF = ("link", "unlink", "join_incident", "leave_incident")
OWN_COLUMNS: Sequence[str] = ("name", "phone", "building", "unit", "room")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What is kept, in figures; ``looks`` how often staff opened a file or uncovered a confidential matter of theirs."""

    name: str | None = None
    phone: str | None = None
    building: str | None = None
    unit: str | None = None
    room: str | None = None
    consent_version: str | None = None
    consented_at: datetime | None = None
    refused_at: datetime | None = None
    tickets: int
    open_tickets: int
    messages: int
    files: int
    proxies: int
    looks: int


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose data it is: the resident, where there is one, and every chat of theirs."""

    resident_id: int | None
    chat_ids: list[int]


def owner(tx: Tx, chat_id: int) -> Owner:
    resident_id = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    if resident_id is None:
        return Owner(None, [chat_id])
    found = tx.all(select(chats.c.id).where(chats.c.resident_id == resident_id).order_by(chats.c.id))
    return Owner(int(resident_id), [int(row["id"]) for row in found])


def overview(tx: Tx, chat_id: int) -> Overview:
    mine = owner(tx, chat_id)
    own = tickets.c.resident_id == mine.resident_id
    known = tx.first(
        select(*(resident_table.c[name] for name in (*OWN_COLUMNS, "consent_version", "consented_at", "refused_at")))
        .where(resident_table.c.id == mine.resident_id)
    )  # fmt: skip
    return Overview(
        **(dict(known) if known else {}),
        tickets=_count(tx, tickets, own),
        open_tickets=_count(tx, tickets, own, tickets.c.state.in_(OPEN)),
        messages=_count(tx, messages, messages.c.chat_id.in_(mine.chat_ids)),
        files=_count(tx, blobs, blobs.c.chat_id.in_(mine.chat_ids), blobs.c.kind != EXPORT),
        proxies=_count(tx, proxies, proxies.c.resident_id == mine.resident_id, proxies.c.ended_at.is_(None)),
        looks=len(_looks(tx, mine)),
    )


def _count(tx: Tx, table: Table, *where: Any) -> int:
    return int(tx.scalar(select(func.count()).select_from(table).where(*where)))


def correct(tx: Tx, /, *, chat_id: int, **values: str | None) -> None:
    """Put right what is known about somebody; None takes it away."""
    wrong = set(values) - set(OWN_COLUMNS)
    if wrong:
        raise ValueError(f"nobody may correct {', '.join(sorted(wrong))} like this")
    mine = resident_table.c.id == residents.of_chat(tx, chat_id)
    tx.execute(resident_table.update().where(mine).values(values))


def _looks(tx: Tx, mine: Owner) -> list[Mapping[str, Any]]:
    """When staff looked at what is kept of them, and how; who it was stays with the supervision of staff."""
    if mine.resident_id is None:
        return []
    numbers = select(tickets.c.number).where(tickets.c.resident_id == mine.resident_id)
    files = [str(row["id"]) for row in tx.all(select(blobs.c.id).where(blobs.c.chat_id.in_(mine.chat_ids)))]
    at_tickets = (audit.c.action == "uncover") & audit.c.object.in_(numbers)
    at_files = (audit.c.action == "open_file") & audit.c.object.in_(files)
    query = select(audit.c.at, audit.c.action, audit.c.object).where(at_tickets | at_files).order_by(audit.c.id)
    return [dict(row) for row in tx.all(query)]


def everything(tx: Tx, chat_id: int) -> dict[str, list[dict[str, Any]]]:
    """Every row that is about them, by the name of what it is; secrets of the machinery (hashes, leases) stay out."""
    mine = owner(tx, chat_id)
    of_them, in_chats = mine.resident_id, mine.chat_ids
    theirs = select(tickets.c.id).where(tickets.c.resident_id == of_them)
    queries = {
        "resident": _rows(resident_table, resident_table.c.id == of_them),
        "consents": _rows(consents, consents.c.resident_id == of_them, without=("resident_id",)),
        "chats": _rows(chats, chats.c.id.in_(in_chats), without=("lease_owner", "lease_until", "next_send_at")),
        "messages": _rows(messages, messages.c.chat_id.in_(in_chats), without=("client_key", "staff_id", "buttons")),
        "files": _rows(
            blobs,
            blobs.c.chat_id.in_(in_chats),
            blobs.c.kind != EXPORT,
            _THEIRS,
            without=("content", "remote_file", "taken_back"),
        ),
        "forms": _rows(drafts, drafts.c.chat_id.in_(in_chats)),
        "answers": _rows(answers, answers.c.chat_id.in_(in_chats)),
        "not_answered": _rows(gaps, gaps.c.chat_id.in_(in_chats), without=("group_id", "core")),
        "conversations": _rows(conversations, conversations.c.chat_id.in_(in_chats), without=("taken_by",)),
        "alarms": _rows(
            alarms, alarms.c.chat_id.in_(in_chats), without=("taken_by", "ended_by", "note", "checks", "report")
        ),
        "appointments": _rows(
            appointments, appointments.c.chat_id.in_(in_chats), without=("asked_id", "done_by", "level", "note")
        ),
        "tickets": _rows(tickets, tickets.c.resident_id == of_them, without=("assigned_to", "revision", "unread")),
        "ticket_history": _history(theirs),
        "ticket_files": _rows(ticket_blobs, ticket_blobs.c.ticket_id.in_(theirs)),
        "spoken_of": _rows(ticket_calls, ticket_calls.c.ticket_id.in_(theirs), without=("staff_id",)),
        "voice_in_words": _rows(transcripts, transcripts.c.ticket_id.in_(theirs), without=("staff_id",)),
        "earlier_words": _rows(message_versions, message_versions.c.message_id.in_(_said_in(in_chats))),
        "call_backs": _rows(call_backs, call_backs.c.ticket_id.in_(theirs), without=("staff_id",)),
        "calls": _rows(
            calls, calls.c.chat_id.in_(in_chats), without=("external", "line", "staff_id", "revision", "looked")
        ),
        "ring_backs": _rows(ring_backs, ring_backs.c.chat_id.in_(in_chats), without=("done_by", "revision")),
        "redirects": _rows(redirects, redirects.c.chat_id.in_(in_chats)),
        "disclosure_asks": _rows(
            disclosure_asks, disclosure_asks.c.chat_id.in_(in_chats), without=("answered_by", "warned_at", "late")
        ),
        "subscriptions": _rows(subscriptions, subscriptions.c.chat_id.in_(in_chats)),
        "quiet_hours": _rows(quiet_hours, quiet_hours.c.chat_id.in_(in_chats)),
        "notices": _rows(notice_recipients, notice_recipients.c.chat_id.in_(in_chats)),
        "followed": _rows(ticket_followers, ticket_followers.c.resident_id == of_them),
        "places": _rows(
            occasion_entries, occasion_entries.c.resident_id == of_them, without=("notice_id", "called_by", "revision")
        ),
        "stand_ins": _rows(occasion_swaps, _asked_or_asking(of_them), without=("code",)),
        "mediation_asked": course_erasure.asked_of(in_chats),
        "mediation_sessions": course_erasure.sessions_of(of_them),
        "mediation_agreements": course_erasure.agreements_of(of_them),
        "register": register.own(of_them),
        "proxies": _rows(proxies, proxies.c.resident_id == of_them, without=("staff_id", "proxy_resident_id")),
        "proxy_acts": _proxy_acts(of_them),
        "data_requests": _rows(data_requests, data_requests.c.resident_id == of_them, without=INSIDE),
    }
    queries |= _volunteering(of_them)
    found = {name: [dict(row) for row in tx.all(query)] for name, query in queries.items()}
    return found | {
        "mediations": mediation.parts_of(tx, of_them),
        "mediation_words": mediation.words_of(tx, of_them),
        "staff_looked": [dict(row) for row in _looks(tx, mine)],
    }


def _volunteering(resident_id: int | None) -> dict[str, Select[Any]]:
    """What they offered and served; who of the staff wrote it down stays with the supervision of staff."""
    mine = select(volunteers.c.id).where(volunteers.c.resident_id == resident_id)
    parts: dict[str, tuple[Table, Sequence[str]]] = {
        "volunteer_history": (volunteer_events, ("staff_id",)),
        "hours": (volunteer_hours, ("staff_id",)),
        "hour_claims": (volunteer_claims, ("decided_by", "revision")),
        "certificates": (certificates, ("issued_by", "revoked_by")),
        "invitations": (volunteer_invitations, ("staff_id",)),
    }
    own = _rows(
        volunteers, volunteers.c.resident_id == resident_id, without=("guardian_code", "guardian_by", "revision")
    )
    rest = {name: _rows(table, table.c.volunteer_id.in_(mine), without=left) for name, (table, left) in parts.items()}
    return {"volunteer": own} | rest


def _rows(table: Table, *where: Any, without: Sequence[str] = ()) -> Select[Any]:
    columns: list[Column[Any]] = [column for column in table.columns if column.name not in without]
    return select(*columns).where(*where).order_by(*table.primary_key.columns)


def _said_in(chat_ids: Sequence[int]) -> Any:
    return select(messages.c.id).where(messages.c.chat_id.in_(chat_ids), messages.c.taken_back_at.is_(None))


def _seen() -> Any:
    """Notes staff make for themselves are about a colleague's work, and which tickets they tied together may be about a
    neighbour; the steps themselves are all here."""
    return ticket_events.c.action.not_in(("note", *AMONG_STAFF))


def _history(ticket_ids: Any) -> Select[Any]:
    """Its steps, without words that a colleague took back: they may have been about somebody else (WO-23)."""
    gone = ticket_events.c.message_id.in_(select(messages.c.id).where(messages.c.taken_back_at.is_not(None)))
    columns: list[Any] = [one for one in ticket_events.columns if one.name not in ("staff_id", "note")]
    columns.append(case((gone, None), else_=ticket_events.c.note).label("note"))
    query = select(*columns).where(ticket_events.c.ticket_id.in_(ticket_ids), _seen())
    return query.order_by(ticket_events.c.id)


_THEIRS = blobs.c.taken_back.is_(False)
"""Files that a colleague did not take back."""


def _asked_or_asking(resident_id: int | None) -> Any:
    mine = select(occasion_entries.c.id).where(occasion_entries.c.resident_id == resident_id)
    return or_(occasion_swaps.c.to_resident_id == resident_id, occasion_swaps.c.entry_id.in_(mine))


def _proxy_acts(resident_id: int | None) -> Select[Any]:
    mine = select(proxies.c.id).where(proxies.c.resident_id == resident_id)
    return _rows(proxy_events, proxy_events.c.proxy_id.in_(mine))


def files(tx: Tx, chat_id: int, *, most: int) -> list[tuple[int, str, bytes]]:
    """The files themselves (id, name, content), oldest first, as many as fit into ``most`` bytes together."""
    mine = owner(tx, chat_id)
    sizes = tx.all(
        select(blobs.c.id, blobs.c.size)
        .where(blobs.c.chat_id.in_(mine.chat_ids), blobs.c.kind != EXPORT, blobs.c.content.is_not(None), _THEIRS)
        .order_by(blobs.c.id)
    )
    chosen, taken = [], 0
    for row in sizes:
        taken += int(row["size"])
        if taken <= most:
            chosen.append(int(row["id"]))
    rows = tx.all(select(blobs.c.id, blobs.c.kind, blobs.c.name, blobs.c.content).where(blobs.c.id.in_(chosen)))
    return [(int(row["id"]), str(row["name"] or row["kind"]), bytes(row["content"])) for row in rows]
