"""Time is up: what ``knowledge.retention`` says is deleted or made anonymous, some rows at a time, and noted (PI-05)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Table, and_, func, or_, select

from knowledge.retention import LEFT_AFTER, rules
from storage import forgetting_calls, household_ends
from storage.erasure import (
    AT_ONCE,
    GONE,
    NOBODY,
    anonymise,
    drop_files,
    drop_messages,
    forget_asks,
    unname_places,
    unname_volunteers,
    write_down,
)
from storage.own_data import EXPORT
from storage.tables import (
    alarms,
    answer_drafts,
    audit,
    blobs,
    calls,
    care_entries,
    care_notes,
    chats,
    claim_tries,
    consents,
    conversations,
    deliveries,
    disclosure_asks,
    drafts,
    households,
    inbox,
    messages,
    notice_recipients,
    notices,
    occasion_entries,
    occasion_swaps,
    occasions,
    outbox,
    pass_codes,
    proxies,
    proxy_events,
    residents,
    ring_backs,
    telephone_events,
    ticket_viewers,
    tickets,
    topics,
    volunteers,
    web_sessions,
)
from storage.tickets import OPEN
from storage.transaction import Tx

Sweep = Callable[[Tx, datetime], int]


def sweep(tx: Tx, kind: str) -> int:
    """Everything of this kind whose time is up, at most ``AT_ONCE`` rows; how many there were."""
    number = SWEEPS[kind](tx, tx.now - rules()[kind].keep)
    write_down(tx, Counter({kind: number}), why="time")
    return number


def _ids(tx: Tx, table: Table, *where: object) -> list[int]:
    query = select(table.c.id).where(*where).order_by(table.c.id).limit(AT_ONCE)  # type: ignore[arg-type]
    return [int(row["id"]) for row in tx.all(query)]


def _drop(tx: Tx, table: Table, *where: object) -> int:
    return tx.changed(table.delete().where(table.c.id.in_(_ids(tx, table, *where))))


def _words(tx: Tx, before: datetime) -> int:
    """What belongs to a ticket stays with it; what is still to be sent or answered stays too."""
    unsent = select(outbox.c.message_id).where(outbox.c.state.in_(("pending", "sending")))
    talking = select(conversations.c.id).where(conversations.c.state != "ended")
    busy = func.coalesce(messages.c.conversation_id.in_(talking), False)
    kept = func.coalesce(messages.c.topic_id.in_(select(topics.c.id).where(topics.c.state != "gone")), False)
    old = (messages.c.at < before, messages.c.ticket_id.is_(None), messages.c.id.not_in(unsent), ~busy, ~kept)
    dropped = drop_messages(tx, _ids(tx, messages, *old))
    spoken = select(messages.c.conversation_id).where(messages.c.conversation_id.is_not(None))
    _drop(tx, conversations, conversations.c.ended_at < before, conversations.c.id.not_in(spoken))
    return dropped


def _files(tx: Tx, before: datetime) -> int:
    old = and_(blobs.c.created_at < before, blobs.c.kind != EXPORT)
    return drop_files(tx, old)


def _exports(tx: Tx, before: datetime) -> int:
    return drop_files(tx, and_(blobs.c.kind == EXPORT, blobs.c.created_at < before))


def _forms(tx: Tx, before: datetime) -> int:
    """Residents' forms, and what staff began to write to them and never sent."""
    _drop(tx, answer_drafts, answer_drafts.c.saved_at < before)
    _drop(tx, ticket_viewers, ticket_viewers.c.seen_at < before)
    return _drop(tx, drafts, drafts.c.state.in_(("cancelled", "expired", "filed")), drafts.c.updated_at < before)


def _cases(tx: Tx, before: datetime) -> int:
    return _close_the_book(tx, tickets.c.route != "dispute", tickets.c.closed_at < before)


def _disputes(tx: Tx, before: datetime) -> int:
    return _close_the_book(tx, tickets.c.route == "dispute", tickets.c.closed_at < before)


def _close_the_book(tx: Tx, *where: object) -> int:
    over = (tickets.c.state.not_in(OPEN), tickets.c.description != GONE)
    ids = _ids(tx, tickets, *over, *where)
    for ticket_id in ids:
        anonymise(tx, ticket_id)
    return len(ids)


def _alarms(tx: Tx, before: datetime) -> int:
    ids = _ids(
        tx, alarms, alarms.c.ended_at < before, or_(alarms.c.place.is_not(None), alarms.c.message_id.is_not(None))
    )
    return tx.changed(alarms.update().where(alarms.c.id.in_(ids)).values(place=None, message_id=None, note=None))


def _care(tx: Tx, before: datetime) -> int:
    """A note that is still followed up is none whose time is over."""
    ids = _ids(tx, care_notes, care_notes.c.closed_at < before)
    tx.execute(care_entries.delete().where(care_entries.c.note_id.in_(ids)))
    return tx.changed(care_notes.delete().where(care_notes.c.id.in_(ids)))


def _households(tx: Tx, before: datetime) -> int:
    """Households nobody looks after any more; how many there were, and how often somebody came, stays."""
    ids = _ids(tx, households, *household_ends.over(before))
    return household_ends.forget(tx, ids) if ids else 0


def _raw(tx: Tx, before: datetime) -> int:
    ids = _ids(tx, inbox, inbox.c.state != "pending", inbox.c.finished_at < before, inbox.c.payload.is_not(None))
    return tx.changed(inbox.update().where(inbox.c.id.in_(ids)).values(payload=None))


def _letters(tx: Tx, before: datetime) -> int:
    return _drop(tx, outbox, outbox.c.finished_at < before)


def _sessions(tx: Tx, before: datetime) -> int:
    """Those nobody used any more, and those of whoever has left; a chat nobody can enter or is met in has no number."""
    gone = select(chats.c.id).where(chats.c.left_at < tx.now - LEFT_AFTER)
    ended = or_(web_sessions.c.seen_at < before, web_sessions.c.chat_id.in_(gone))
    number = tx.changed(web_sessions.delete().where(ended))
    _forget_numbers(tx)
    return number


def _forget_numbers(tx: Tx) -> None:
    """The channel's own number of a chat that was wiped out: a Telegram number names a person."""
    wiped = (chats.c.resident_id.is_(None), chats.c.noticed_version.is_(None), chats.c.remote > NOBODY // 2)
    for chat_id in _ids(tx, chats, chats.c.left_at < tx.now - LEFT_AFTER, *wiped):
        drop_messages(tx, _ids(tx, messages, messages.c.chat_id == chat_id))
        tx.execute(deliveries.delete().where(deliveries.c.chat_id == chat_id))
        tx.execute(chats.update().where(chats.c.id == chat_id).values(remote=NOBODY - chat_id))


def _tries(tx: Tx, before: datetime) -> int:
    tx.execute(pass_codes.delete().where(or_(pass_codes.c.expires_at < before, pass_codes.c.used_at < before)))
    return _drop(tx, claim_tries, claim_tries.c.at < before)


def _consents(tx: Tx, before: datetime) -> int:
    """All but the answer that holds now."""
    newest = select(func.max(consents.c.id)).join(residents, residents.c.id == consents.c.resident_id)
    holding = newest.group_by(consents.c.resident_id, consents.c.about)
    return _drop(tx, consents, consents.c.at < before, consents.c.id.not_in(holding))


def _proxies(tx: Tx, before: datetime) -> int:
    ids = _ids(tx, proxies, proxies.c.ended_at < before)
    tx.execute(proxy_events.delete().where(proxy_events.c.proxy_id.in_(ids)))
    tx.execute(pass_codes.delete().where(pass_codes.c.proxy_id.in_(ids)))
    return tx.changed(proxies.delete().where(proxies.c.id.in_(ids)))


def _places(tx: Tx, before: datetime) -> int:
    """How many came stays, who it was does not."""
    over = select(occasions.c.id).where(occasions.c.ends_at < before)
    named = occasion_entries.c.resident_id.not_in(select(chats.c.resident_id).where(chats.c.remote == NOBODY))
    ids = _ids(tx, occasion_entries, occasion_entries.c.occasion_id.in_(over), named)
    tx.execute(occasion_swaps.delete().where(occasion_swaps.c.entry_id.in_(ids)))
    return unname_places(tx, occasion_entries.c.id.in_(ids)) if ids else 0


def _volunteers(tx: Tx, before: datetime) -> int:
    """Whoever left long ago: what was served stays, of nobody."""
    named = volunteers.c.resident_id.not_in(select(chats.c.resident_id).where(chats.c.remote == NOBODY))
    ids = _ids(tx, volunteers, volunteers.c.state == "left", volunteers.c.left_at < before, named)
    return unname_volunteers(tx, volunteers.c.id.in_(ids)) if ids else 0


def _looks(tx: Tx, before: datetime) -> int:
    return _drop(tx, audit, audit.c.at < before) + household_ends.drop_looks(tx, before)


def _asks(tx: Tx, before: datetime) -> int:
    named = disclosure_asks.c.words != GONE
    ids = _ids(tx, disclosure_asks, disclosure_asks.c.answered_at < before, disclosure_asks.c.state != "open", named)
    return forget_asks(tx, disclosure_asks.c.id.in_(ids))


def _told(tx: Tx, before: datetime) -> int:
    """Who was sent which notice; how many there were stays in the notice's report."""
    over = select(notices.c.id).where(notices.c.ended_at < before)
    return _drop(tx, notice_recipients, notice_recipients.c.notice_id.in_(over))


def _calls(tx: Tx, before: datetime) -> int:
    """Calls and call-backs that name nobody any more, and what the telephone system had told."""
    over = (calls.c.state.in_(("done", "missed")), calls.c.began_at < before)
    touched = calls.c.updated_at > calls.c.began_at  # what was forgotten is as old as it began
    ids = _ids(tx, calls, *over, or_(touched, calls.c.number.is_not(None), calls.c.chat_id.is_not(None)))
    tx.execute(telephone_events.delete().where(telephone_events.c.at < before))
    ended = (ring_backs.c.state == "done", ring_backs.c.done_at < before)
    forgetting_calls.drop_ring_backs(tx, ring_backs.c.id.in_(_ids(tx, ring_backs, *ended)))
    return forgetting_calls.blank(tx, calls.c.id.in_(ids))


def _recordings(tx: Tx, before: datetime) -> int:
    """Where a recording lies with the telephone system; the recording itself is that system's to delete."""
    ids = _ids(tx, calls, calls.c.recording.is_not(None), calls.c.began_at < before)
    return tx.changed(calls.update().where(calls.c.id.in_(ids)).values(recording=None))


SWEEPS: Mapping[str, Sweep] = {
    "words": _words,
    "files": _files,
    "forms": _forms,
    "cases": _cases,
    "disputes": _disputes,
    "alarms": _alarms,
    "care": _care,
    "households": _households,
    "exports": _exports,
    "raw": _raw,
    "letters": _letters,
    "sessions": _sessions,
    "tries": _tries,
    "consents": _consents,
    "proxies": _proxies,
    "places": _places,
    "volunteers": _volunteers,
    "looks": _looks,
    "asks": _asks,
    "told": _told,
    "calls": _calls,
    "recordings": _recordings,
}
"""By the kind of ``data/retention.yaml``; the two name the same kinds."""
