"""Deleting what is kept about somebody, really: rows go, or lose whatever names anybody, in one transaction (PI-05, PI-12).

Facts that name nobody stay, under the chat and the resident called nobody: how many asked what, what kind of matter took
how long. Every deletion is written down, without whose it was. A test walks every table that can point at a resident, a
chat, a message or a ticket: a new one fails it until it is thought of here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, or_, select

from knowledge.ticket_numbers import make_claim_code
from storage import (
    care,
    course_erasure,
    desk_erasure,
    folded,
    forgetting_calls,
    forgetting_requests,
    forgetting_volunteers,
    household_ends,
    legal_holds,
    matter_erasure,
    mediation_erasure,
    register,
    search,
    topics,
)
from storage import messages as message_units
from storage.own_data import OWN_COLUMNS, Owner, owner
from storage.retention_terms import kept
from storage.tables import (
    alarm_letters,
    alarms,
    answer_aids,
    answer_drafts,
    answers,
    appointments,
    blobs,
    call_backs,
    chats,
    claim_tries,
    consents,
    conversations,
    deletions,
    deliveries,
    disclosure_asks,
    disclosure_files,
    disclosure_postings,
    drafts,
    extension_asks,
    gaps,
    hand_overs,
    household_words,
    inbox,
    incident_heard,
    mediation_asks,
    mediation_blobs,
    mediation_words,
    message_versions,
    messages,
    notice_recipients,
    occasion_entries,
    occasion_swaps,
    outbox,
    pass_codes,
    proxies,
    quiet_hours,
    redirects,
    relays,
    residents,
    ring_backs,
    staff_forms,
    subscriptions,
    ticket_barred,
    ticket_blobs,
    ticket_calls,
    ticket_events,
    ticket_followers,
    ticket_passes,
    ticket_units,
    ticket_viewers,
    tickets,
    transcripts,
    volunteers,
)
from storage.tables import topics as topic_table
from storage.tickets import OPEN
from storage.transaction import Tx

NOBODY = -(2**61)
"""The channel's id of the chat that stands for nobody; no channel gives such a one."""
GONE = "〔已删除 / deleted〕"
SETTLING = timedelta(days=7)
"""After closing, "not solved" may still come; then a matter that is to be wiped out is."""
PART_OF_A_FILE = ("dispute",)
"""Routes whose handled cases are a file that must be kept its time, wished or not (ME-14)."""
SPOKEN_BY_UNITS: Mapping[Table, Sequence[str]] = {
    ticket_units: ("signed_word", "report"),
    ticket_passes: ("reason", "answer"),
    extension_asks: ("reason",),
    hand_overs: ("why_caller", "note", "confirmed_word", "answer", "their_number"),
}
"""What units said and were told: it may name a resident. Who had it, and when, stays."""
PERSONAL = ("unit", "floor", "room", "place_note", "phone", "details", "on_behalf", "visit_words")


@dataclass(frozen=True, slots=True)
class Standing:
    """What cannot go yet: open matters, files and care notes that must be kept, an alarm nobody has closed."""

    open_tickets: Sequence[str]
    files: Sequence[str]
    care: bool
    alarm: bool


def standing(tx: Tx, chat_id: int) -> Standing:
    mine = owner(tx, chat_id)
    theirs = tickets.c.resident_id == mine.resident_id
    open_ones = select(tickets.c.number).where(theirs, tickets.c.state.in_(OPEN)).order_by(tickets.c.id)
    kept = select(tickets.c.number).where(theirs, _must_stay(tx)).order_by(tickets.c.id)
    alarmed = select(alarms.c.id).where(alarms.c.chat_id.in_(mine.chat_ids), alarms.c.ended_at.is_(None))
    return Standing(
        [str(row["number"]) for row in tx.all(open_ones)],
        [*(str(row["number"]) for row in tx.all(kept)), *mediation_erasure.numbers_of(tx, mine.resident_id)],
        care.kept_of(tx, mine.chat_ids),
        tx.first(alarmed) is not None,
    )


def own_open(tx: Tx, chat_id: int) -> list[int]:
    """What they filed themselves and is open; a matter they only follow, or see for somebody else, is not theirs."""
    mine = tickets.c.resident_id == owner(tx, chat_id).resident_id
    return [int(row["id"]) for row in tx.all(select(tickets.c.id).where(mine, tickets.c.state.in_(OPEN)))]


def erase(tx: Tx, *, chat_id: int, row_id: int) -> bool:
    """Everything of theirs but what must stay; what is open goes as soon as it is closed. False while an alarm is open.

    ``row_id`` is the update that asks for it: it is being handled, so it goes too; those behind it are new words.
    """
    mine = owner(tx, chat_id)
    if standing(tx, chat_id).alarm:
        return False
    stays = _staying(tx, mine)
    done: Counter[str] = Counter()
    if mine.resident_id is not None:
        done["desk"] += desk_erasure.forget(tx, mine.resident_id)
        done["requests"] += forgetting_requests.of_resident(tx, mine.resident_id)
    for ticket_id in _going_tickets(tx, mine, stays):
        done.update(anonymise(tx, ticket_id))
    _forget_people(tx, mine, done)
    _forget_words(tx, mine, stays, row_id, done)
    _forget_who(tx, mine, stays)
    write_down(tx, done, why="asked")
    return True


def _must_stay(tx: Tx) -> ColumnElement[bool]:
    young = tickets.c.closed_at > tx.now - kept(tx, "disputes")
    a_file = and_(tickets.c.route.in_(PART_OF_A_FILE), tickets.c.state.in_(("closed", "archived")), young)
    return or_(a_file, legal_holds.held(tickets.c.id))


def _staying(tx: Tx, mine: Owner) -> list[int]:
    if mine.resident_id is None:
        return []
    stays = or_(tickets.c.state.in_(OPEN), _must_stay(tx), matter_erasure.waits(tickets.c.id))
    return [
        int(row["id"]) for row in tx.all(select(tickets.c.id).where(tickets.c.resident_id == mine.resident_id, stays))
    ]


def _going_tickets(tx: Tx, mine: Owner, stays: Sequence[int]) -> list[int]:
    theirs = tickets.c.resident_id == mine.resident_id
    query = select(tickets.c.id).where(theirs, tickets.c.id.not_in(stays))
    return [int(row["id"]) for row in tx.all(query)] if mine.resident_id is not None else []


def anonymise(tx: Tx, ticket_id: int) -> Counter[str]:
    """A matter that names nobody any more: its kind, building, dates and steps stay. What is folded into it goes too."""
    gone = tx.scalar(select(tickets.c.description).where(tickets.c.id == ticket_id)) == GONE
    if gone or legal_holds.is_held(tx, ticket_id):
        return Counter()
    within = [anonymise(tx, one) for one in folded.held_in(tx, ticket_id)]
    matter_erasure.forget(tx, ticket_id)
    topics.forget(tx, ticket_id)
    legal_holds.forget(tx, ticket_id)
    desk_erasure.of_ticket(tx, ticket_id)
    chat_id, resident_id = nobody(tx)
    held = select(ticket_blobs.c.blob_id).where(ticket_blobs.c.ticket_id == ticket_id)
    files = [int(row["blob_id"]) for row in tx.all(held)]
    tx.execute(ticket_blobs.delete().where(ticket_blobs.c.ticket_id == ticket_id))
    for table in (
        ticket_followers,
        ticket_barred,
        answer_drafts,
        ticket_viewers,
        ticket_calls,
        transcripts,
        staff_forms,
    ):
        tx.execute(table.delete().where(table.c.ticket_id == ticket_id))
    unsaid = {
        "note": None,
        "message_id": None,
        "tallied": False,
    }  # counted anew: whom it was kept from is forgotten, too
    tx.execute(ticket_events.update().where(ticket_events.c.ticket_id == ticket_id).values(unsaid))
    tx.execute(call_backs.update().where(call_backs.c.ticket_id == ticket_id).values(chat_id=None, reason=None))
    for table, spoken in SPOKEN_BY_UNITS.items():
        tx.execute(table.update().where(table.c.ticket_id == ticket_id).values(dict.fromkeys(spoken)))
    tx.execute(drafts.delete().where(drafts.c.ticket_id == ticket_id))
    forgetting_calls.of_ticket(tx, ticket_id)
    said, theirs = mediation_erasure.anonymise(tx, ticket_id)
    words = _unsay(tx, ticket_id) + said
    blank = dict.fromkeys(PERSONAL) | {"title": GONE, "description": GONE, "claim_code": make_claim_code()}
    ours = {"chat_id": chat_id, "resident_id": resident_id}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(blank | ours))
    search.renew(tx, ticket_id)
    done = Counter(cases=1, words=words, files=drop_files(tx, blobs.c.id.in_([*files, *theirs])))
    return sum(within, done)


def _unsay(tx: Tx, ticket_id: int) -> int:
    """What was said about it goes; in the staff's own group, where others read on, the words do; how many."""
    query = select(messages.c.id, chats.c.kind).join(chats, chats.c.id == messages.c.chat_id)
    said = tx.all(query.where(messages.c.ticket_id == ticket_id))
    for message_id in (int(row["id"]) for row in said if row["kind"] == "staff"):
        message_units.edit(tx, message_id, text=GONE)
        tx.execute(message_versions.delete().where(message_versions.c.message_id == message_id))
        tx.execute(messages.update().where(messages.c.id == message_id).values(ticket_id=None, attachments=None))
    return drop_messages(tx, [int(row["id"]) for row in said if row["kind"] != "staff"])


def drop_files(tx: Tx, which: ColumnElement[bool]) -> int:
    """Attachments that belong to no ticket, no mediation and nothing published any more; how many."""
    photos = select(disclosure_postings.c.photo_id).where(disclosure_postings.c.photo_id.is_not(None))
    public = (select(disclosure_files.c.blob_id), photos)
    held = select(ticket_blobs.c.blob_id).union(select(mediation_blobs.c.blob_id), *public)
    going = and_(which, blobs.c.id.not_in(held))
    tx.execute(transcripts.delete().where(transcripts.c.blob_id.in_(select(blobs.c.id).where(going))))
    return tx.changed(blobs.delete().where(going))


def _forget_people(tx: Tx, mine: Owner, done: Counter[str]) -> None:
    """Proxies end, codes are void, what was agreed to keeps its count and loses its name."""
    if mine.resident_id is None:
        return
    _, nobody_id = nobody(tx)
    given, held = proxies.c.resident_id == mine.resident_id, proxies.c.proxy_resident_id == mine.resident_id
    running = {"ended_at": tx.now, "ended_by": "resident"}
    tx.execute(proxies.update().where(or_(given, held), proxies.c.ended_at.is_(None)).values(running))
    tx.execute(pass_codes.delete().where(pass_codes.c.resident_id == mine.resident_id))
    done["proxies"] += tx.changed(proxies.update().where(given).values(resident_id=nobody_id, proxy_resident_id=None))
    tx.execute(proxies.update().where(held).values(proxy_resident_id=None))
    agreed = consents.update().where(consents.c.resident_id == mine.resident_id)
    done["consents"] += tx.changed(agreed.values(resident_id=nobody_id))
    tx.execute(ticket_followers.delete().where(ticket_followers.c.resident_id == mine.resident_id))
    _forget_places(tx, mine.resident_id, done)
    register.forget(tx, mine.resident_id)
    done["volunteers"] += unname_volunteers(tx, volunteers.c.resident_id == mine.resident_id)


def _forget_places(tx: Tx, resident_id: int, done: Counter[str]) -> None:
    """Places in occasions are nobody's: what is to come is free again (the clock gives it on), how many came is kept."""
    theirs = select(occasion_entries.c.id).where(occasion_entries.c.resident_id == resident_id)
    asked = occasion_swaps.c.to_resident_id == resident_id
    tx.execute(occasion_swaps.delete().where(or_(asked, occasion_swaps.c.entry_id.in_(theirs))))
    done["places"] += unname_places(tx, occasion_entries.c.resident_id == resident_id)


def unname_places(tx: Tx, which: ColumnElement[bool]) -> int:
    """Places that name nobody any more: how many people there were and whether they came stays."""
    nobody_chat, nobody_id = nobody(tx)
    current = which & occasion_entries.c.state.in_(("joined", "waiting"))
    tx.execute(occasion_entries.update().where(current).values(state="gone", ended_at=tx.now))
    blank = {"resident_id": nobody_id, "chat_id": nobody_chat, "notice_id": None}
    return tx.changed(occasion_entries.update().where(which).values(blank))


def unname_volunteers(tx: Tx, which: ColumnElement[bool]) -> int:
    """Hours served stay, of nobody; how many were forgotten."""
    return forgetting_volunteers.unname(tx, which, nobody=nobody(tx), gone=GONE)


def _forget_words(tx: Tx, mine: Owner, stays: Sequence[int], row_id: int, done: Counter[str]) -> None:
    """Messages, forms, answers' questions, conversations, raw updates, letters on their way, and files."""
    in_chats, (nobody_chat, _) = mine.chat_ids, nobody(tx)
    mine_in = inbox.c.chat_id.in_(in_chats)
    waiting = select(inbox.c.message_id).where(mine_in, inbox.c.state == "pending", inbox.c.id != row_id)
    newer = [int(row["message_id"]) for row in tx.all(waiting) if row["message_id"] is not None]
    handled = or_(inbox.c.state != "pending", inbox.c.id == row_id)
    done["raw"] += tx.changed(inbox.update().where(mine_in, handled).values(payload=None, message_id=None, error=None))
    done["forms"] += tx.changed(drafts.delete().where(drafts.c.chat_id.in_(in_chats)))
    tx.execute(answers.update().where(answers.c.chat_id.in_(in_chats)).values(chat_id=nobody_chat, question_id=None))
    forgotten = {"chat_id": nobody_chat, "question_id": None, "core": None}
    tx.execute(gaps.update().where(gaps.c.chat_id.in_(in_chats)).values(forgotten))
    ours = alarms.update().where(alarms.c.chat_id.in_(in_chats))
    done["alarms"] += tx.changed(ours.values(chat_id=nobody_chat, message_id=None, place=None, note=None))
    done["appointments"] += tx.changed(appointments.delete().where(appointments.c.chat_id.in_(in_chats)))
    care.seal(tx, in_chats, nobody_chat=nobody_chat)
    tx.execute(redirects.update().where(redirects.c.chat_id.in_(in_chats)).values(chat_id=nobody_chat, message_id=None))
    tx.execute(call_backs.update().where(call_backs.c.chat_id.in_(in_chats)).values(chat_id=None))
    tx.execute(claim_tries.delete().where(claim_tries.c.chat_id.in_(in_chats)))
    done["calls"] += forgetting_calls.of_chats(tx, in_chats)
    _forget_notices(tx, mine, done)
    tx.execute(incident_heard.delete().where(incident_heard.c.chat_id.in_(in_chats)))
    household_ends.of_chats(tx, in_chats)
    course_erasure.leave(tx, in_chats)
    stay = or_(messages.c.ticket_id.in_(stays), messages.c.id.in_(newer))
    going = select(messages.c.id).where(messages.c.chat_id.in_(in_chats), ~func.coalesce(stay, False))
    done["words"] += drop_messages(tx, _but_the_newest(tx, [int(row["id"]) for row in tx.all(going)]))
    tx.execute(messages.update().where(messages.c.chat_id.in_(in_chats)).values(conversation_id=None))
    tx.execute(conversations.delete().where(conversations.c.chat_id.in_(in_chats)))
    done["files"] += drop_files(tx, blobs.c.chat_id.in_(in_chats))


def _forget_notices(tx: Tx, mine: Owner, done: Counter[str]) -> None:
    """What they wanted to hear of, and what they asked about disclosures: that somebody asked stays, unnamed."""
    for table in (subscriptions, quiet_hours, notice_recipients):
        tx.execute(table.delete().where(table.c.chat_id.in_(mine.chat_ids)))
    theirs = disclosure_asks.c.chat_id.in_(mine.chat_ids)
    tx.execute(
        disclosure_asks.update()
        .where(theirs, disclosure_asks.c.state == "open")
        .values(state="withdrawn", answered_at=tx.now)
    )
    done["asks"] += forget_asks(tx, theirs)


def forget_asks(tx: Tx, which: ColumnElement[bool]) -> int:
    """Questions and objections without whoever asked, and their words; how many."""
    blank = {"chat_id": nobody(tx)[0], "message_id": None, "words": GONE}
    return tx.changed(disclosure_asks.update().where(which).values(blank))


def _but_the_newest(tx: Tx, ids: list[int]) -> list[int]:
    """SQLite gives a number again when its row was the newest, and an open page would take what is said next for an old
    message: the newest of all loses its words, and goes with the chat."""
    newest = int(tx.scalar(select(func.max(messages.c.id))) or 0)
    if newest not in ids:
        return ids
    bare = {"text": GONE, "buttons": None, "attachments": None, "conversation_id": None}
    about = tx.scalar(select(messages.c.ticket_id).where(messages.c.id == newest))
    tx.execute(message_versions.delete().where(message_versions.c.message_id == newest))
    tx.execute(messages.update().where(messages.c.id == newest).values(bare))
    search.renew_all(tx, [about])
    return [one for one in ids if one != newest]


AT_ONCE = 500


def drop_messages(tx: Tx, ids: Sequence[int]) -> int:
    """Messages with all that points at them: letters on their way, deliveries, links from other rows."""
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        about = tx.tuples(select(messages.c.ticket_id).where(messages.c.id.in_(some)).distinct())
        for table in (outbox, deliveries, message_versions):
            tx.execute(table.delete().where(table.c.message_id.in_(some)))
        tx.execute(relays.delete().where(or_(relays.c.source_id.in_(some), relays.c.copy_id.in_(some))))
        tx.execute(gaps.update().where(gaps.c.question_id.in_(some)).values(core=None))
        for column in POINTERS:
            tx.execute(column.table.update().where(column.in_(some)).values({column.name: None}))
        tx.execute(messages.delete().where(messages.c.id.in_(some)))
        search.renew_all(tx, (ticket_id for (ticket_id,) in about))
    return len(ids)


def _forget_who(tx: Tx, mine: Owner, stays: Sequence[int]) -> None:
    """The resident's row goes, unless something of theirs must stay a while; their chats belong to nobody in particular."""
    theirs, who = chats.c.id.in_(mine.chat_ids), residents.c.id == mine.resident_id
    fresh = {"noticed_version": None, "building": None, "language_chosen": False}
    if mine.resident_id is not None:
        mediation_erasure.leave(tx, mine.resident_id, but=stays)
    if stays:
        blank = dict.fromkeys((*OWN_COLUMNS, "consent_version", "consented_at"))
        tx.execute(residents.update().where(who).values(**blank, refused_at=tx.now, erase_wished_at=tx.now))
        tx.execute(chats.update().where(theirs).values(fresh))
        return
    tx.execute(chats.update().where(theirs).values(**fresh, resident_id=None, left_at=tx.now))
    tx.execute(residents.delete().where(who))


def finish(tx: Tx) -> int:
    """What was wished to go and had to wait for its closing goes now; how many matters."""
    due = select(tickets.c.id).join(residents, residents.c.id == tickets.c.resident_id)
    settled = or_(tickets.c.closed_at <= tx.now - SETTLING, matter_erasure.over(tickets.c.id, tx.now - SETTLING))
    over = tickets.c.state.not_in(OPEN) & ~_must_stay(tx) & settled
    ids = [int(row["id"]) for row in tx.all(due.where(residents.c.erase_wished_at.is_not(None), over).limit(AT_ONCE))]
    done: Counter[str] = Counter()
    for ticket_id in ids:
        done.update(anonymise(tx, ticket_id))
    write_down(tx, done, why="asked")
    return len(ids)


def nobody(tx: Tx) -> tuple[int, int]:
    """The chat and the resident under which facts stay that are nobody's any more."""
    found = tx.first(select(chats.c.id, chats.c.resident_id).where(chats.c.channel == "web", chats.c.remote == NOBODY))
    if found is not None:
        return int(found["id"]), int(found["resident_id"])
    resident_id = tx.insert(residents, created_at=tx.now)
    row = {"channel": "web", "remote": NOBODY, "kind": "nobody", "resident_id": resident_id, "created_at": tx.now}
    return tx.insert(chats, **row), resident_id


def write_down(tx: Tx, done: Mapping[str, int], *, why: str) -> None:
    for kind, number in sorted(done.items()):
        if number:
            tx.insert(deletions, at=tx.now, why=why, kind=kind, number=number)


POINTERS: Sequence[ColumnElement[Any] | Any] = (
    inbox.c.message_id,
    drafts.c.prompt_id,
    answers.c.question_id,
    gaps.c.question_id,
    alarms.c.message_id,
    appointments.c.asked_id,
    occasion_entries.c.notice_id,
    redirects.c.message_id,
    mediation_asks.c.message_id,
    mediation_words.c.message_id,
    ticket_events.c.message_id,
    answer_aids.c.question_id,
    answer_aids.c.message_id,
    disclosure_asks.c.message_id,
    notice_recipients.c.message_id,
    ring_backs.c.message_id,
    incident_heard.c.message_id,
    messages.c.reply_to_id,
    topic_table.c.card_id,
    alarm_letters.c.message_id,
    staff_forms.c.prompt_id,
    household_words.c.message_id,
)
"""Columns that may point at a message; they let go of one that is deleted."""
