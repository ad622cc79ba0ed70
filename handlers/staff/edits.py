"""A colleague changes what they had written in the group: what went to the resident changes too, or they hear why not.

Nothing new ever comes of an edit: words that become a command or a note are neither carried out nor passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiogram.types import Message

from handlers import taking_steps
from handlers.outcome import Outcome, do
from handlers.staff.acting import at_home
from handlers.staff.commands import instead
from handlers.staff.spots import Spot, spot_of, untold
from handlers.staff.work import REFUSALS, Stopped, Work, stopped, who
from knowledge.group_talk import NOTE, note_in, order
from knowledge.life import is_open
from knowledge.taking_back import WITHIN
from storage import desk_acts, messages, relays
from storage.messages import Message as Said
from storage.staff import Member
from storage.tickets import record
from storage.transaction import Tx


def edited(message: Message, work: Work) -> Outcome[Any]:
    return do(_edit, work, message)


def _edit(tx: Tx, work: Work, message: Message) -> None:
    ours = messages.ours(tx, work.case.chat_id, message.message_id)
    before, member = messages.get(tx, ours or 0), who(tx, work.user_id, work.group)
    if before is None or before.text == work.case.text:
        return
    spot = spot_of(tx, work, message)
    why = work.words(f"colleague.{member.key}") if isinstance(member, Stopped) else _change(tx, spot, member, before)
    if why is None:  # else what counts is still what it said before
        messages.revise(tx, before.id, text=work.case.text)
    elif relays.copies(tx, before.id) or NOTE.match(before.text):
        spot.explain(tx, work.words("work.not_changed", why=why))


def _change(tx: Tx, spot: Spot, member: Member, before: Said) -> str | None:
    """Why nothing came of it, or None."""
    try:
        if spot.ticket_id is not None:
            at_home(tx, spot.work, spot.ticket_id)
        if NOTE.match(before.text):
            return _note(tx, spot, member, before)
        sent = [one for key in relays.copies(tx, before.id) if (one := messages.get(tx, key)) is not None]
        return _sent(tx, spot, member, before, sent) if sent else None
    except REFUSALS as error:
        return spot.work.words(f"colleague.{stopped(error).key}")


def _note(tx: Tx, spot: Spot, member: Member, before: Said) -> str | None:
    """The history is never rewritten: what a note says now stands in a further line of it."""
    text, words = spot.work.case.text, spot.work.words
    if not NOTE.match(text):
        return words("work.was_note")
    if note_in(text) != note_in(before.text) and spot.ticket_id is not None:
        desk_acts.add_note(tx, spot.ticket_id, staff_id=member.id, text=words("work.note_again", text=note_in(text)))
    return None


def _sent(tx: Tx, spot: Spot, member: Member, before: Said, sent: Sequence[Said]) -> str | None:
    words, ticket_id = spot.work.words, sent[0].ticket_id
    was, now = _words(spot.work, before), _words_now(spot.work, before)
    if now is None:
        return words("work.edit_no_words")
    if all(one.taken_back_at is not None for one in sent):
        return words("work.edit_taken_back")
    if ticket_id is None or tx.now - sent[0].at > WITHIN:
        return words("work.edit_late")
    _, row = desk_acts.held_by(tx, ticket_id, staff_id=member.id)
    if not is_open(row["state"]):
        return words("work.edit_over")
    if (missing := taking_steps.owed("answer", now)) is not None:
        return words(f"work.owed_{missing.code}", blanks=missing.blanks)
    _write_over(tx, spot, member, sent, was, now, row["state"])
    return None


def _write_over(tx: Tx, spot: Spot, member: Member, sent: Sequence[Said], was: str, now: str, state: str) -> None:
    ticket_id, untold_before = int(sent[0].ticket_id or 0), untold(tx, int(sent[0].ticket_id or 0))
    changed = [one for one in sent if was and was in one.text and one.taken_back_at is None]
    for one in changed:
        messages.edit(tx, one.id, text=one.text.replace(was, now, 1), buttons=one.buttons)
    if changed:
        line: dict[str, Any] = {"from_state": state, "to_state": state, "note": now, "message_id": changed[0].id}
        record(tx, ticket_id, actor="staff", staff_id=member.id, action="amend", **line)
        spot.seen_here(tx, untold_before)
        tx.wake("desk")


def _words(work: Work, said: Said) -> str:
    """What of a message went to the resident: behind a command its words, and something for none."""
    wanted = order(said.text)
    return (wanted.rest if wanted else said.text) or instead(work, [dict(part) for part in said.attachments or ()])


def _words_now(work: Work, before: Said) -> str | None:
    """The same after the edit; None where it has become a note or a command, or lost the command it was."""
    text = work.case.text
    was, wanted = order(before.text), order(text)
    if NOTE.match(text) or (was.action if was else None) != (wanted.action if wanted else None):
        return None
    if wanted is None and text[:1] in ("/", "／"):
        return None
    return (wanted.rest if wanted else text) or instead(work, [dict(part) for part in before.attachments or ()])
