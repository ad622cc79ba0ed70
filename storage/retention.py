"""Time is up: what ``knowledge.retention`` says is deleted or made anonymous, some rows at a time, and noted (PI-05)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Table, or_, select

from knowledge.retention import LEFT_AFTER
from storage import forgetting_calls, forgetting_requests, household_ends
from storage.erasure import (
    AT_ONCE,
    NOBODY,
    anonymise,
    drop_files,
    drop_messages,
    forget_asks,
    unname_places,
    unname_volunteers,
    write_down,
)
from storage.retention_due import DUE
from storage.retention_terms import kept
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
    data_requests,
    deliveries,
    disclosure_asks,
    drafts,
    inbox,
    messages,
    notice_recipients,
    occasion_entries,
    occasion_swaps,
    outbox,
    pass_codes,
    proxies,
    proxy_events,
    ring_backs,
    telephone_events,
    ticket_viewers,
    volunteers,
    web_sessions,
)
from storage.transaction import Tx

Sweep = Callable[[Tx, Sequence[int], datetime], int]


def sweep(tx: Tx, kind: str) -> int:
    """Everything of this kind whose time is up, at most ``AT_ONCE`` rows; how many there were."""
    before = tx.now - kept(tx, kind)
    number = BY_HAND[kind](tx, before) if kind in BY_HAND else SWEEPS[kind](tx, _due(tx, kind, before), before)
    write_down(tx, Counter({kind: number}), why="time")
    return number


def _due(tx: Tx, kind: str, before: datetime) -> list[int]:
    found = DUE[kind](before, tx.now)
    return _ids(tx, found.table, *found.where)


def _ids(tx: Tx, table: Table, *where: object) -> list[int]:
    query = select(table.c.id).where(*where).order_by(table.c.id).limit(AT_ONCE)  # type: ignore[arg-type]
    return [int(row["id"]) for row in tx.all(query)]


def _drop(tx: Tx, table: Table, *where: object) -> int:
    return _gone(table)(tx, _ids(tx, table, *where), tx.now)


def _gone(table: Table) -> Sweep:
    """The rows themselves, and nothing hangs on them."""
    return lambda tx, ids, _before: tx.changed(table.delete().where(table.c.id.in_(ids)))


def _words(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    dropped = drop_messages(tx, ids)
    spoken = select(messages.c.conversation_id).where(messages.c.conversation_id.is_not(None))
    _drop(tx, conversations, conversations.c.ended_at < before, conversations.c.id.not_in(spoken))
    return dropped


def _files(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    return drop_files(tx, blobs.c.id.in_(ids))


def _forms(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    """Residents' forms, and what staff began to write to them and never sent."""
    _drop(tx, answer_drafts, answer_drafts.c.saved_at < before)
    _drop(tx, ticket_viewers, ticket_viewers.c.seen_at < before)
    return _gone(drafts)(tx, ids, before)


def _cases(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    for ticket_id in ids:
        anonymise(tx, ticket_id)
    return len(ids)


def _alarms(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    return tx.changed(alarms.update().where(alarms.c.id.in_(ids)).values(place=None, message_id=None, note=None))


def _care(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    """A note that is still followed up is none whose time is over."""
    tx.execute(care_entries.delete().where(care_entries.c.note_id.in_(ids)))
    return _gone(care_notes)(tx, ids, before)


def _households(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    """Households nobody looks after any more; how many there were, and how often somebody came, stays."""
    return household_ends.forget(tx, ids) if ids else 0


def _raw(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    return tx.changed(inbox.update().where(inbox.c.id.in_(ids)).values(payload=None))


def _sessions(tx: Tx, before: datetime) -> int:
    """A chat nobody can enter or is met in has no number; such sessions have no id of their own."""
    number = tx.changed(web_sessions.delete().where(*DUE["sessions"](before, tx.now).where))
    _forget_numbers(tx)
    return number


def _forget_numbers(tx: Tx) -> None:
    """The channel's own number of a chat that was wiped out: a Telegram number names a person."""
    wiped = (chats.c.resident_id.is_(None), chats.c.noticed_version.is_(None), chats.c.remote > NOBODY // 2)
    for chat_id in _ids(tx, chats, chats.c.left_at < tx.now - LEFT_AFTER, *wiped):
        drop_messages(tx, _ids(tx, messages, messages.c.chat_id == chat_id))
        tx.execute(deliveries.delete().where(deliveries.c.chat_id == chat_id))
        tx.execute(chats.update().where(chats.c.id == chat_id).values(remote=NOBODY - chat_id))


def _tries(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    tx.execute(pass_codes.delete().where(or_(pass_codes.c.expires_at < before, pass_codes.c.used_at < before)))
    return _gone(claim_tries)(tx, ids, before)


def _proxies(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    tx.execute(proxy_events.delete().where(proxy_events.c.proxy_id.in_(ids)))
    tx.execute(pass_codes.delete().where(pass_codes.c.proxy_id.in_(ids)))
    return _gone(proxies)(tx, ids, before)


def _places(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    """How many came stays, who it was does not."""
    tx.execute(occasion_swaps.delete().where(occasion_swaps.c.entry_id.in_(ids)))
    return unname_places(tx, occasion_entries.c.id.in_(ids)) if ids else 0


def _volunteers(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    """Whoever left long ago: what was served stays, of nobody."""
    return unname_volunteers(tx, volunteers.c.id.in_(ids)) if ids else 0


def _looks(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    return _gone(audit)(tx, ids, before) + household_ends.drop_looks(tx, before)


def _asks(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    return forget_asks(tx, disclosure_asks.c.id.in_(ids))


def _calls(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    """Calls and call-backs that name nobody any more, and what the telephone system had told."""
    tx.execute(telephone_events.delete().where(telephone_events.c.at < before))
    ended = (ring_backs.c.state == "done", ring_backs.c.done_at < before)
    forgetting_calls.drop_ring_backs(tx, ring_backs.c.id.in_(_ids(tx, ring_backs, *ended)))
    return forgetting_calls.blank(tx, calls.c.id.in_(ids))


def _requests(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    return forgetting_requests.forget(tx, data_requests.c.id.in_(ids))


def _recordings(tx: Tx, ids: Sequence[int], _before: datetime) -> int:
    """Where a recording lies with the telephone system; the recording itself is that system's to delete."""
    return tx.changed(calls.update().where(calls.c.id.in_(ids)).values(recording=None))


BY_HAND: Mapping[str, Callable[[Tx, datetime], int]] = {"sessions": _sessions}
SWEEPS: Mapping[str, Sweep] = {
    "words": _words,
    "files": _files,
    "forms": _forms,
    "cases": _cases,
    "disputes": _cases,
    "alarms": _alarms,
    "care": _care,
    "households": _households,
    "exports": _files,
    "raw": _raw,
    "letters": _gone(outbox),
    "tries": _tries,
    "consents": _gone(consents),
    "proxies": _proxies,
    "places": _places,
    "volunteers": _volunteers,
    "looks": _looks,
    "asks": _asks,
    "told": _gone(notice_recipients),
    "calls": _calls,
    "requests": _requests,
    "recordings": _recordings,
}
"""By the kind of ``data/retention.yaml``; with ``BY_HAND`` the two name the same kinds."""
