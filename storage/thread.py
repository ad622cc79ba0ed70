"""Everything said about one ticket, in order, whatever way it came: and of each word of ours, whether it was heard.

Residents' words stand from every chat, ours once, however many chats heard them; ``Stand`` tells of each message who
spoke through which channel, how it read before, and what became of it in every chat it went to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, and_, func, or_, select

from storage import answer_aids
from storage.messages import Message
from storage.tables import chats, message_versions, messages, outbox, proxies, residents, ticket_events
from storage.tables import ticket_followers as followers
from storage.tickets import listeners
from storage.transaction import Tx

REACHED = frozenset({"seen", "answered", "delivered", "on_its_way", "texted"})
LONG_UNSEEN = timedelta(hours=1)
"""What lies on a closed page so long is worth a call."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of our words in one chat: ``seen``, ``unseen`` (the chat page); ``answered`` (they wrote since),
    ``delivered``, ``on_its_way``, ``not_arrived``, ``blocked``, ``left``, ``doubtful`` (Telegram, and by text); by text
    also ``texted`` (handed over, nothing reported yet), ``dropped`` (no longer so), ``no_texts`` (they want none),
    ``not_texted`` (none was sent)."""

    channel: str
    who: str
    state: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """How a message read until then; ``files`` that went with words that were taken back."""

    text: str
    until: datetime
    files: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Stand:
    """``who``: reporter, proxy, follower or neighbour, of a resident's words; ``relation`` the proxy's."""

    channel: str
    who: str
    name: str | None
    relation: str | None
    fates: tuple[Fate, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    aid: tuple[str, str, int, str] | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever writes in a chat, as the ticket knows them."""

    row: RowMapping
    who: str
    relation: str | None


def said(tx: Tx, ticket_id: int, chat_id: int) -> list[Message]:
    """Residents' words from every chat, ours once."""
    steps = select(ticket_events.c.message_id).where(ticket_events.c.ticket_id == ticket_id)
    ours = and_(messages.c.chat_id == chat_id, or_(messages.c.sender == "staff", messages.c.id.in_(steps)))
    mine = and_(messages.c.ticket_id == ticket_id, or_(messages.c.sender == "resident", ours))
    return [Message(*row) for row in tx.tuples(select(*MESSAGE).where(mine).order_by(messages.c.id))]


def stands(tx: Tx, ticket: RowMapping, shown: Sequence[Message]) -> dict[int, Stand]:
    """Of each message, by its id."""
    ticket_id = int(ticket["id"])
    copies = _copies(tx, ticket_id, [one for one in shown if one.sender != "resident"])
    chat_ids = {one.chat_id for one in shown} | {one["chat_id"] for found in copies.values() for one in found}
    people, earlier = _people(tx, ticket, chat_ids), _earlier(tx, [one.id for one in shown])
    sent = _sent(tx, [one["id"] for found in copies.values() for one in found])
    wrote, aids = _wrote(tx, chat_ids), answer_aids.of_messages(tx, ticket_id)
    found = {}
    for one in shown:
        person = people[one.chat_id]
        fates = [_fate(copy, people[copy["chat_id"]], sent, wrote) for copy in copies.get(one.id, ())]
        spoke = one.sender == "resident"
        found[one.id] = Stand(
            channel=person.row["channel"],
            who=person.who,
            name=person.row["name"] if spoke else None,
            relation=person.relation if spoke else None,
            fates=tuple(dict.fromkeys(fates)),
            earlier=earlier.get(one.id, ()),
            aid=aids.get(one.id),
        )
    return found


def unheard(tx: Tx, ticket: RowMapping) -> tuple[Message, tuple[Fate, ...]] | None:
    """Our newest word to whoever filed it, where it reached none of their chats, and what became of it there."""
    stood = [one for one in said(tx, int(ticket["id"]), int(ticket["chat_id"])) if one.taken_back_at is None]
    ours = [one for one in stood if one.sender != "resident"]
    if not ours:
        return None
    last = ours[-1]
    fates = stands(tx, ticket, [last])[last.id].fates
    theirs = [fate for fate in fates if fate.who == "reporter"]
    if not theirs or any(fate.state in REACHED for fate in theirs):
        return None
    only_unseen = all(fate.state == "unseen" for fate in theirs)
    return None if only_unseen and last.at > tx.now - LONG_UNSEEN else (last, tuple(theirs))


def copies(tx: Tx, one: Message) -> list[int]:
    """The same words in every chat they went to."""
    found = _copies(tx, one.ticket_id, [one]) if one.ticket_id is not None else {}
    return [int(row["id"]) for row in found.get(one.id, ())]


def language(tx: Tx, chat_id: int) -> str:
    """What the resident reads."""
    return str(tx.scalar(select(chats.c.language).where(chats.c.id == chat_id)) or "zh")


def _copies(tx: Tx, ticket_id: int, ours: Sequence[Message]) -> dict[int, list[RowMapping]]:
    """The same words in every chat they went to: said at one instant by one speaker."""
    if not ours:
        return {}
    columns = [messages.c[name] for name in ("id", "chat_id", "seq", "at", "sender", "staff_id")]
    query = select(*columns).where(messages.c.ticket_id == ticket_id, messages.c.at.in_({one.at for one in ours}))
    rows = tx.all(query.order_by(messages.c.id))
    heard = {chat_id: place for place, chat_id in enumerate(listeners(tx, ticket_id))}
    found = {}
    for one in ours:
        key = (one.at, one.sender, one.staff_id)
        same = [row for row in rows if (row["at"], row["sender"], row["staff_id"]) == key]
        found[one.id] = sorted(same, key=lambda row: heard.get(row["chat_id"], len(heard)))
    return found


def _people(tx: Tx, ticket: RowMapping, chat_ids: Iterable[int]) -> dict[int, Person]:
    names = ("id", "channel", "resident_id", "read_seq", "blocked_at", "left_at", "texts_stopped_at")
    columns = [chats.c[name] for name in names]
    query = select(*columns, residents.c.name).outerjoin(residents, residents.c.id == chats.c.resident_id)
    rows = tx.all(query.where(chats.c.id.in_(list(chat_ids))))
    theirs = followers.c.ticket_id == ticket["id"]
    kinds = dict(tx.tuples(select(followers.c.resident_id, followers.c.kind).where(theirs)))
    acting = select(proxies.c.proxy_resident_id, proxies.c.relation).where(
        proxies.c.resident_id == ticket["resident_id"], proxies.c.proxy_resident_id.is_not(None)
    )
    relations: dict[int, str] = dict(tx.tuples(acting.order_by(proxies.c.id)))
    return {row["id"]: _person(row, ticket, kinds, relations) for row in rows}


def _person(row: RowMapping, ticket: RowMapping, kinds: Mapping[int, str], relations: Mapping[int, str]) -> Person:
    whose = row["resident_id"]
    if whose == ticket["resident_id"] or row["id"] == ticket["chat_id"]:
        return Person(row, "reporter", None)
    if whose in relations:
        return Person(row, "proxy", relations[whose])
    return Person(row, "neighbour" if kinds.get(whose) == "me_too" else "follower", None)


def _sent(tx: Tx, ids: Sequence[int]) -> dict[int, str]:
    """The newest sending's state, of those messages that have a letter; of a text what was reported of it afterwards."""
    columns = (outbox.c.message_id, func.coalesce(outbox.c.reported, outbox.c.state))
    query = select(*columns).where(outbox.c.message_id.in_(list(ids)), outbox.c.operation == "send")
    return dict(tx.tuples(query.order_by(outbox.c.id)))


def _wrote(tx: Tx, chat_ids: Iterable[int]) -> dict[int, int]:
    """The newest message of whoever writes in each chat."""
    theirs = messages.c.chat_id.in_(list(chat_ids)) & (messages.c.sender == "resident")
    query = select(messages.c.chat_id, func.max(messages.c.id)).where(theirs)
    return dict(tx.tuples(query.group_by(messages.c.chat_id)))


def _fate(copy: RowMapping, person: Person, sent: Mapping[int, str], wrote: Mapping[int, int]) -> Fate:
    chat, letter = person.row, sent.get(copy["id"])
    wrote_since = wrote.get(chat["id"], 0) > copy["id"]
    if chat["channel"] == "web":
        state = "seen" if chat["read_seq"] >= copy["seq"] or wrote_since else "unseen"
    elif letter in ("pending", "sending"):
        state = "blocked" if chat["blocked_at"] else "on_its_way"
    elif letter in UNTAKEN:
        state = "blocked" if chat["blocked_at"] else UNTAKEN[letter]
    elif letter is None and chat["left_at"] is not None and chat["left_at"] < copy["at"]:
        state = "left"
    elif chat["channel"] == "phone" and letter in (None, "sent"):
        state = _texted(chat, copy, letter)
    else:
        state = "answered" if wrote_since else "delivered"
    return Fate(chat["channel"], person.who, state)


UNTAKEN = {"dead": "not_arrived", "failed": "not_arrived", "doubtful": "doubtful", "dropped": "dropped"}


def _texted(chat: RowMapping, copy: RowMapping, letter: str | None) -> str:
    """Handed over, which is not yet arrived; or not at all."""
    stopped = chat["texts_stopped_at"]
    return "texted" if letter else "no_texts" if stopped is not None and stopped <= copy["at"] else "not_texted"


def _earlier(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[Earlier, ...]]:
    columns = [message_versions.c[name] for name in ("message_id", "text", "until", "attachments")]
    query = select(*columns).where(message_versions.c.message_id.in_(list(ids))).order_by(message_versions.c.id)
    found: defaultdict[int, list[Earlier]] = defaultdict(list)
    for message_id, text, until, files in tx.tuples(query):
        found[message_id].append(Earlier(text, until, tuple(files or ())))
    return {message_id: tuple(versions) for message_id, versions in found.items()}


MESSAGE: list[Any] = [messages.c[name] for name in Message.__dataclass_fields__]
