"""What staff do to a ticket: one step, its line of history, and what its resident hears of it, all or nothing.

A step names the revision its form was made from. When somebody else was faster nothing is changed and the caller is
told so; the same step sent twice counts once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import life
from knowledge.life import Duty, Flag, Refusal, State
from knowledge.parties import may_take
from storage import blobs, joining, messages, staff
from storage.access import access_ticket
from storage.chats import language_of
from storage.messages import Buttons
from storage.sight import handler, sight_of, watcher
from storage.staff import MayNot, Member
from storage.step import NOTHING, At, Given
from storage.stepping_aside import open_to
from storage.tables import ticket_blobs, ticket_events, tickets
from storage.tickets import listeners, record
from storage.transaction import Tx
from storage.work_steps import EFFECTS, noted, party_of

STEPS = tuple(step.action for step in life.STEPS if step.action != "add")
"""Every step of the table but the resident's own. Nobody here makes a matter solved: its resident's word does (WO-14)."""
SPOKEN_BY_STAFF = frozenset({"answer", "ask_back", "finish", "check", "extend", "follow_up", "redo", "reopen"})
FROM_ABOVE = frozenset({"archive", "supervise", "end_supervision", "keep", "refuse_extension", "send_back"})
"""What somebody does about others' work: it does not make it theirs."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a resident reads of a step; ``public`` is what neighbours read who said "me too": nobody's words."""

    text: str
    buttons: Buttons = ()
    public: str = ""


Files = Sequence[Mapping[str, object]]
"""Attachments, as a message has them."""
Tell = Callable[[str, datetime], Notice]
"""From a chat's language and the promise for the result to the notice."""


@dataclass(frozen=True, slots=True)
class Done:
    """The step was taken; ``again``: it had been taken before, by the same form."""

    state: str
    again: bool = False


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody was faster; nothing was changed."""

    revision: int


def act(
    tx: Tx,
    ticket_id: int,
    *,
    staff_id: int,
    action: str,
    revision: int,
    text: str | None,
    tell: Tell,
    given: Given = NOTHING,
    files: Files = (),
    answering: Sequence[int] = (),
) -> Done | Conflict | Refusal:
    """Take one of ``STEPS``. ``answering``: words of residents' that this replies to, each in its own chat.

    Raises MayNot for a role that only looks, LookupError where there is no such ticket, ValueError for another step.
    """
    if action not in STEPS:
        raise ValueError(f"{action!r} is no step of the desk")
    member, row = held_by(tx, ticket_id, staff_id=staff_id, watching=action in WATCHED)
    note = noted(tx, action, given, text)
    if row["revision"] != revision:
        same = _was_the_last(tx, ticket_id, staff_id=staff_id, action=action, text=note)
        return Done(row["state"], again=True) if same else Conflict(row["revision"])
    state = life.step(row["state"], action, member.role)
    if isinstance(state, Refusal):
        return state
    at = At(tx, row, member, party_of(tx, row, member), given, text or "")
    further = _further(at, action)
    if isinstance(further, Refusal):
        return further
    values = _values(at, action, state) | further
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    due_at = values.get("due_at", row["due_at"])
    told = Duty.TELL in life.move(action).duties
    message_id = tell_all(tx, ticket_id, member, action, due_at, tell, files, answering) if told else None
    _write(tx, row, member, action=action, to_state=state, note=note, message_id=message_id)
    return Done(state)


def _further(at: At, action: str) -> dict[str, Any] | Refusal:
    """Whose step it is, the reason it owes, and what else it does."""
    if (refused := may_take(action, at.party)) is not None:
        return refused
    if Duty.WHY in life.move(action).duties and action not in CHOSEN and not at.text.strip():
        return NO_REASON
    effect = EFFECTS.get(action)
    return effect(at) if effect else {}


NO_REASON = Refusal("reason", "请写明原因。", "Write down why.")
CHOSEN = frozenset({"decline", "transfer", "keep"})
"""Their reason is chosen from a list, or may be left out."""
WATCHED = frozenset({"supervise", "end_supervision", "redo", "send_back", "reopen"})
"""Steps of those who watch over the work and do none of it."""


def held_by(
    tx: Tx, ticket_id: int, *, staff_id: int, unread: bool = False, watching: bool = False
) -> tuple[Member, RowMapping]:
    """Who acts, and the ticket held until the commit; MayNot, LookupError. Nobody acts on what they may not read, but
    ``unread`` they may take what nobody looks after; ``watching``: whoever watches over the work may, too."""
    row = _held(tx, ticket_id, staff_id=staff_id)
    member = handler(staff.get(tx, staff_id), row) or (watcher(staff.get(tx, staff_id)) if watching else None)
    free = (unread and row["assigned_to"] is None) or (watching and watcher(member) is not None)
    if member is None or not (free or sight_of(tx, row, staff_id=staff_id) != "outline"):
        raise MayNot
    return member, row


def _held(tx: Tx, ticket_id: int, *, staff_id: int) -> RowMapping:
    """The ticket as it is, held until the commit; for whom it is about there is none (WO-24)."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id, open_to(staff_id)).with_for_update())
    if row is None:
        raise LookupError(f"no ticket {ticket_id}")
    return row


def _was_the_last(tx: Tx, ticket_id: int, *, staff_id: int, action: str, text: str | None) -> bool:
    """True when the newest line of history is this very step: the form was sent twice."""
    query = select(ticket_events.c.staff_id, ticket_events.c.action, ticket_events.c.note)
    query = query.where(ticket_events.c.ticket_id == ticket_id).order_by(ticket_events.c.id.desc()).limit(1)
    last = tx.connection.execute(query).first()
    return last is not None and tuple(last) == (staff_id, action, text)


def _values(at: At, action: str, state: State) -> dict[str, Any]:
    row = at.row
    flags = life.flags_after({Flag.WAITING_RESIDENT} if row["waiting_resident"] else (), action)
    values: dict[str, Any] = {
        "state": state.value,
        "waiting_resident": Flag.WAITING_RESIDENT in flags,
        "revision": row["revision"] + 1,
        "closed_at": row["closed_at"] if life.is_open(row["state"]) == life.is_open(state) else at.tx.now,
    }
    if Duty.TELL in life.move(action).duties:
        values["first_contact_at"] = row["first_contact_at"] or at.tx.now
    if action not in FROM_ABOVE and (at.party.leads or not at.party.led):
        values["assigned_to"] = row["assigned_to"] or at.member.id
    return values


def tell_all(
    tx: Tx,
    ticket_id: int,
    member: Member,
    action: str,
    due_at: datetime,
    tell: Tell,
    files: Files = (),
    answering: Sequence[int] = (),
) -> int | None:
    """Tell everybody who follows the ticket; our id of the message where it was filed."""
    said = [
        _tell(tx, ticket_id, chat, member, action, due_at, tell, files, answering) for chat in listeners(tx, ticket_id)
    ]
    for chat_id in joining.listeners(tx, ticket_id):
        if public := tell(language_of(tx, chat_id), due_at).public:
            messages.say(tx, chat_id=chat_id, text=public, sender="bot")
    return said[0] if said else None


def _tell(
    tx: Tx,
    ticket_id: int,
    chat_id: int,
    member: Member,
    action: str,
    due_at: datetime,
    tell: Tell,
    files: Files,
    answering: Sequence[int],
) -> int:
    notice = tell(language_of(tx, chat_id), due_at)
    return messages.say(
        tx,
        chat_id=chat_id,
        text=notice.text,
        buttons=notice.buttons,
        attachments=[_lent(tx, ticket_id, part, chat_id) for part in files],
        sender="staff" if action in SPOKEN_BY_STAFF else "bot",
        staff_id=member.id,
        ticket_id=ticket_id,
        reply_to_id=messages.of_these(tx, answering, chat_id=chat_id) if answering else None,
    )


def send_more(tx: Tx, ticket_id: int, chat_ids: Iterable[int], files: Files, *, staff_id: int) -> list[int]:
    """Further pictures of an album whose first went with an answer: nothing but them, to whoever had that."""
    return [
        messages.say(
            tx,
            chat_id=chat_id,
            text="",
            attachments=[_lent(tx, ticket_id, part, chat_id) for part in files],
            sender="staff",
            staff_id=staff_id,
            ticket_id=ticket_id,
        )
        for chat_id in chat_ids
    ]


def _lent(tx: Tx, ticket_id: int, part: Mapping[str, object], chat_id: int) -> dict[str, object]:
    """A file of a colleague's as one of the resident's chat, and of the ticket, so that its page shows it."""
    blob_id = blobs.borrow(tx, int(str(part["blob"])), chat_id=chat_id)
    if blob_id is not None:
        tx.insert(ticket_blobs, ticket_id=ticket_id, blob_id=blob_id)
    return {**part, "blob": blob_id}


def _write(tx: Tx, row: RowMapping, member: Member, *, action: str, to_state: str, **more: Any) -> None:
    state = row["state"]
    record(
        tx,
        int(row["id"]),
        actor="staff",
        staff_id=member.id,
        action=action,
        from_state=state,
        to_state=to_state,
        **more,
    )
    tx.wake("desk")


def add_note(tx: Tx, ticket_id: int, *, staff_id: int, text: str) -> Done:
    """A note only staff read. It disturbs nobody, so that it needs no revision; sent twice it stands once."""
    member, row = held_by(tx, ticket_id, staff_id=staff_id)
    if _was_the_last(tx, ticket_id, staff_id=staff_id, action="note", text=text):
        return Done(row["state"], again=True)
    _write(tx, row, member, action="note", to_state=row["state"], note=text)
    return Done(row["state"])


def take(tx: Tx, ticket_id: int, *, staff_id: int, revision: int) -> Done | Conflict | Refusal:
    """From now on it is this member's; nothing else changes."""
    member, row = held_by(tx, ticket_id, staff_id=staff_id, unread=True)
    if row["assigned_to"] == staff_id:
        return Done(row["state"], again=True)
    if (refused := may_take("take", party_of(tx, row, member))) is not None:
        return refused
    if row["revision"] != revision:
        return Conflict(row["revision"])
    values = {"assigned_to": staff_id, "revision": revision + 1}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    _write(tx, row, member, action="take", to_state=row["state"])
    return Done(row["state"])


def uncover(tx: Tx, number: str, *, staff_id: int, reason: str) -> None:
    """Open a confidential ticket's caller to this member for a while; the reason is kept in the audit."""
    row = access_ticket(tx, number, staff_id=staff_id, act="uncover")
    member = handler(staff.get(tx, staff_id), row)
    if member is None or member.guest:  # who asked for secrecy is hidden from the unit (WO-24)
        raise MayNot
    staff.note(tx, staff_id, "uncover", number, reason=reason)
