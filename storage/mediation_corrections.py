"""A message already sent to the mediator is edited: the kept word stays as it was said, the new words stand after it.

The new word is marked as a correction by a line of the history. What was released stays as it was released; a correction
crosses only when it is released itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from knowledge.mediation import JOINT, Reader, Side
from storage import mediation, mediation_talk, messages, residents
from storage.mediation import Case, Word
from storage.mediation_talk import Heard
from storage.tables import messages as message_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Corrected:
    """The new word; ``released``: the one it corrects had crossed, and is there as it was."""

    heard: Heard
    released: bool


def concerns(tx: Tx, message_id: int, *, chat_id: int) -> bool:
    """True of a message this chat's resident said in a mediation of theirs."""
    return _said_in(tx, message_id, chat_id) is not None


def correct(tx: Tx, message_id: int, *, chat_id: int, text: str) -> Corrected | Literal["over", "same"]:
    """The edit as a word of its own, in the thread of the first. ``over``: the case has ended and takes no words;
    ``same``: that was said already."""
    found = _said_in(tx, message_id, chat_id)
    if found is None or not found[0].is_open:
        return "over"
    case, side = mediation.held(tx, found[0].id), found[1]
    first = _words(tx, case, side, message_id)
    if not text.strip() or (first and first[-1].text == text):
        return "same"
    messages.revise(tx, message_id, text=text)
    jointly = bool(first) and first[0].thread == JOINT
    heard = mediation_talk.heard(tx, case, side, text=text, message_id=message_id, jointly=jointly)
    mediation.record(tx, case, "correct", actor=side.value, word_id=heard.word_id)
    return Corrected(heard, released=any(word.released_to for word in first))


def _said_in(tx: Tx, message_id: int, chat_id: int) -> tuple[Case, Side] | None:
    mine = (message_table.c.id == message_id) & (message_table.c.chat_id == chat_id)
    ticket_id = tx.scalar(select(message_table.c.ticket_id).where(mine, message_table.c.sender == "resident"))
    filed = mediation.of_ticket(tx, int(ticket_id)) if ticket_id else None
    if filed is None:
        return None
    case, resident_id = mediation.leading(tx, filed), residents.of_chat(tx, chat_id)
    side = next((one for one, party in case.parties.items() if party.resident_id == resident_id), None)
    return (case, side) if side else None


def _words(tx: Tx, case: Case, side: Side, message_id: int) -> list[Word]:
    """What was made of this message so far, the oldest first."""
    return [word for word in mediation.words_for(tx, case.id, Reader(side=side)) if word.message_id == message_id]
