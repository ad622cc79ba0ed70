"""A colleague's words taken back: gone from where residents read them, kept where colleagues do (WO-23).

Where they stood a plain line says so; what had not left yet is simply not sent. The history keeps that something was said
and taken back. A promise that only these words had kept is owed again, unless they had been read (WO-19).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, exists, select

from knowledge.life import Refusal, State
from knowledge.taking_back import REFUSALS, WITHIN, WORDS_ONLY, Said, refused
from storage import clocks, messages, outbox, relays, search, texting, thread
from storage.chats import language_of, next_seq
from storage.desk_acts import held_by
from storage.messages import Message
from storage.tables import blobs, chats, incident_heard, message_versions, ticket_calls, ticket_events, tickets
from storage.tables import messages as message_table
from storage.thread import Fate
from storage.tickets import record
from storage.transaction import Tx

Line = Callable[[str], str]
"""From a chat's language to what stands there instead."""
READ = frozenset({"seen", "answered"})


@dataclass(frozen=True, slots=True)
class Back:
    """``fates``: how the words stood in each chat before; ``text_stays``: they also went out as a text message;
    ``again``: they had been taken back before."""

    fates: Sequence[Fate] = ()
    text_stays: bool = False
    again: bool = False

    @property
    def read(self) -> bool:
        return any(fate.state in READ for fate in self.fates)

    @property
    def unsent(self) -> bool:
        """Nobody can have seen it."""
        return all(fate.state in ("on_its_way", "not_arrived", "blocked", "left") for fate in self.fates)


def take_back(tx: Tx, ticket_id: int, message_id: int, *, staff_id: int, line: Line) -> Back | Refusal:
    """Of a colleague's message to a resident, in every chat it went to, with the pictures sent beside it.

    Raises MayNot and LookupError as every step on the ticket.
    """
    member, row = held_by(tx, ticket_id, staff_id=staff_id)
    said, step = messages.get(tx, message_id), _step(tx, ticket_id, message_id)
    if said is None or said.sender != "staff" or said.ticket_id != ticket_id:
        return REFUSALS["nothing"]
    if said.taken_back_at is not None:
        return Back(again=True)
    whole = _together(tx, said)
    channels = {one.id: _channel(tx, one.chat_id) for one in whole}
    going = [one for one in whole if channels[one.id] != texting.CHANNEL or not outbox.has_left(tx, one.id)]
    decided = Said(
        at=said.at,
        action=step["action"] if step else None,
        mine=said.staff_id == member.id,
        held=row["assigned_to"] == member.id,
        to_many=bool(tx.scalar(select(exists().where(incident_heard.c.message_id == message_id)))),
        merged=row["state"] == State.MERGED,
        reachable=bool(going),
    )
    if (why := refused(decided, tx.now)) is not None:
        return why
    back = Back(thread.stands(tx, row, [said])[said.id].fates, text_stays=len(going) < len(whole))
    for one in going:
        _unsay(tx, one, line(language_of(tx, one.chat_id)))
    search.renew(tx, ticket_id)
    _clocks_again(tx, row, step, read=back.read)
    same = {"from_state": row["state"], "to_state": row["state"], "message_id": message_id}
    record(tx, ticket_id, actor="staff", staff_id=member.id, action="take_back", **same)
    tx.wake("desk")
    return back


def offered(tx: Tx, ticket_id: int, *, staff_id: int) -> list[int]:
    """What this member may take back now, as far as it can be seen without trying: theirs, or all where they have it."""
    holder = tx.scalar(select(tickets.c.assigned_to).where(tickets.c.id == ticket_id))
    whose = [] if holder == staff_id else [message_table.c.staff_id == staff_id]
    stands = message_table.c.taken_back_at.is_(None) & (message_table.c.at > tx.now - WITHIN)
    many = exists().where(incident_heard.c.message_id == message_table.c.id)
    query = select(message_table.c.id).join(ticket_events, ticket_events.c.message_id == message_table.c.id)
    mine = (ticket_events.c.ticket_id == ticket_id) & ticket_events.c.action.in_(WORDS_ONLY) & ~many
    return [int(key) for (key,) in tx.tuples(query.where(mine, stands, *whose))]


def last_of(tx: Tx, ticket_id: int, *, staff_id: int) -> int | None:
    """The newest words this colleague has sent about the ticket that still stand."""
    theirs = (ticket_events.c.ticket_id == ticket_id) & (ticket_events.c.staff_id == staff_id)
    query = select(message_table.c.id).join(ticket_events, ticket_events.c.message_id == message_table.c.id)
    stands = message_table.c.taken_back_at.is_(None) & ticket_events.c.action.in_(WORDS_ONLY)
    found: int | None = tx.scalar(query.where(theirs, stands).order_by(ticket_events.c.id.desc()).limit(1))
    return found


def sent_as(tx: Tx, ticket_id: int, source_id: int) -> int | None:
    """What went to the ticket's residents of a colleague's message in the group; None where nothing did."""
    found = [one for one in (messages.get(tx, key) for key in relays.copies(tx, source_id)) if one is not None]
    return next((one.id for one in found if one.ticket_id == ticket_id and one.sender == "staff"), None)


def _step(tx: Tx, ticket_id: int, message_id: int) -> RowMapping | None:
    mine = (ticket_events.c.ticket_id == ticket_id) & (ticket_events.c.message_id == message_id)
    return tx.first(select(ticket_events).where(mine, ticket_events.c.action != "take_back"))


def _together(tx: Tx, said: Message) -> list[Message]:
    """The same words in every chat they went to, and the further pictures of their album."""
    sources = [mate for source in relays.sources(tx, said.id) for mate in relays.album(tx, source)]
    beside = [copy for source in sources for copy in relays.copies(tx, source)]
    keys = dict.fromkeys([*thread.copies(tx, said), *beside])
    found = [one for key in keys if (one := messages.get(tx, key)) is not None]
    return [one for one in found if one.ticket_id == said.ticket_id and one.taken_back_at is None]


def _channel(tx: Tx, chat_id: int) -> str:
    return str(tx.scalar(select(chats.c.channel).where(chats.c.id == chat_id)))


def _unsay(tx: Tx, said: Message, line: str) -> None:
    """The line stands where the words stood; these are kept for colleagues, and the files for them alone."""
    kept = {"text": said.text, "attachments": said.attachments, "until": tx.now}
    tx.insert(message_versions, message_id=said.id, **kept)
    files = [int(part["blob"]) for part in said.attachments or () if part.get("blob")]
    tx.execute(blobs.update().where(blobs.c.id.in_(files)).values(taken_back=True))
    gone: dict[str, Any] = {"text": line, "buttons": None, "attachments": None, "taken_back_at": tx.now}
    gone["seq"] = next_seq(tx, said.chat_id)
    tx.execute(message_table.update().where(message_table.c.id == said.id).values(gone))
    tx.wake(messages.topic(said.chat_id))
    if outbox.stop(tx, said.id) and _channel(tx, said.chat_id) not in messages.STANDING:
        outbox.put_unsay(tx, chat_id=said.chat_id, message_id=said.id)


def _clocks_again(tx: Tx, row: RowMapping, step: RowMapping | None, *, read: bool) -> None:
    """What the words had done to the ticket's clocks, and nothing else has since."""
    values: dict[str, Any] = {"revision": row["revision"] + 1}
    if step is not None and not read and row["first_contact_at"] == step["at"]:
        values["first_contact_at"] = _next_contact(tx, row, step)
    if step is not None and step["action"] == "ask_back" and row["waiting_resident"] and _was_last_asked(tx, step):
        values |= {"waiting_resident": False} | clocks.answered(row, tx)
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))


def _next_contact(tx: Tx, row: RowMapping, step: RowMapping) -> Any:
    """When its resident was told something that stands, or spoken with, after that step."""
    told = select(ticket_events.c.at).join(message_table, message_table.c.id == ticket_events.c.message_id)
    told = told.where(
        ticket_events.c.ticket_id == row["id"],
        ticket_events.c.id > step["id"],
        ticket_events.c.actor == "staff",
        message_table.c.taken_back_at.is_(None),
    )
    spoken = select(ticket_calls.c.at).where(
        ticket_calls.c.ticket_id == row["id"], ticket_calls.c.outcome == "reached", ticket_calls.c.at >= step["at"]
    )
    found = [at for query in (told, spoken) for (at,) in tx.tuples(query)]
    return min(found, default=None)


def _was_last_asked(tx: Tx, step: RowMapping) -> bool:
    later = (ticket_events.c.ticket_id == step["ticket_id"]) & (ticket_events.c.id > step["id"])
    return tx.scalar(select(ticket_events.c.id).where(later, ticket_events.c.action == "ask_back").limit(1)) is None
