"""What is said in a case: each side with the mediator, the mediator with each side, both in one thread when both agreed.

Nothing here shows one side's word to the other: that takes `release`, by the writer or by the mediator, word by word. What
may name the other's telephone or illness is released by the mediator alone, who looks at it first (DI-08, ME-15).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from knowledge.mediation import JOINT, NOTES, Reader, Side, State
from knowledge.mediation_words import private_in
from storage import mediation, messages
from storage.chats import language_of
from storage.mediation import Case, Party, Word
from storage.mediation_life import parties_of
from storage.tables import chats, mediation_words, mediations
from storage.tables import messages as message_table
from storage.transaction import Tx

ANSWER_FOR = timedelta(days=7)
"""So long after the mediator wrote, unsure words of a side are taken for the answer."""
GOING_ON_FOR = timedelta(minutes=30)
"""So long after a side wrote to the mediator, the next unsure words belong to it too."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a side reads, with its buttons."""

    text: str
    buttons: messages.Buttons = ()


Tell = Callable[[str, Side], Letter]
"""From a chat's language and the side it is to what is read there."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A word that was taken in: where, and what about it makes the mediator look first."""

    case: Case
    side: Side
    word_id: int
    thread: str
    held: str | None


def heard(
    tx: Tx,
    case: Case,
    side: Side,
    *,
    text: str,
    message_id: int | None = None,
    blobs: Sequence[int] = (),
    jointly: bool = False,
    staff_id: int | None = None,
) -> Heard:
    """A side says something to the mediator, or ``jointly`` to all; ``staff_id``: written down by the mediator."""
    thread, held = (JOINT, None) if jointly and case.joint else (side.value, private_in(text))
    word_id = mediation.say(
        tx, case, thread=thread, author=side.value, text=text, staff_id=staff_id, message_id=message_id, held=held,
        blobs=blobs,
    )  # fmt: skip
    party = case.parties[side]
    if staff_id is None:
        mediation.change_party(tx, party, unread=party.unread + 1, awaited_at=tx.now)
    if message_id is not None:
        tx.execute(message_table.update().where(message_table.c.id == message_id).values(ticket_id=case.ticket_id))
    return Heard(case, side, word_id, thread, held)


def mediator_says(
    tx: Tx, case: Case, *, thread: str, text: str, staff_id: int, tell: Tell, key: str | None = None
) -> int | None:
    """The mediator writes to one side, to both, or a note for themselves; None when this form was sent before."""
    if key is not None and _sent_before(tx, case, key):
        return None
    sides = [] if thread == NOTES else list(Side) if thread == JOINT else [Side(thread)]
    said = [deliver(tx, case, side, tell, staff_id=staff_id, key=key) for side in sides]
    message_id = next((one for one in said if one is not None), None)
    for side in sides:
        mediation.change_party(tx, case.parties[side], awaited_at=tx.now)
    return mediation.say(tx, case, thread=thread, author="staff", text=text, staff_id=staff_id, message_id=message_id)


def _sent_before(tx: Tx, case: Case, key: str) -> bool:
    sent = (message_table.c.ticket_id == case.ticket_id) & message_table.c.client_key.startswith(f"me:{key}:")
    return tx.scalar(select(message_table.c.id).where(sent).limit(1)) is not None


def deliver(
    tx: Tx, case: Case, side: Side, tell: Tell, *, staff_id: int | None = None, key: str | None = None
) -> int | None:
    """Say something to a side where it is reached; None where it has no chat here, or has left the case."""
    party = case.parties[side]
    if party.chat_id is None or party.left_at is not None:
        return None
    language = language_of(tx, party.chat_id)
    notice = tell(language, side)
    sender = "staff" if staff_id is not None else "bot"
    message_id = messages.say(
        tx, chat_id=party.chat_id, text=notice.text, buttons=notice.buttons, sender=sender, staff_id=staff_id,
        ticket_id=case.ticket_id,
    )  # fmt: skip
    if key is not None:
        kept = message_table.update().where(message_table.c.id == message_id)
        tx.execute(kept.values(client_key=f"me:{key}:{side.value}"))
    return message_id


def reached(tx: Tx, party: Party) -> str:
    """How a side is reached: ``chat``, ``blocked`` (they blocked the bot), ``left``, or ``nowhere`` (phone and door)."""
    if party.left_at is not None:
        return "left"
    row = tx.first(select(chats.c.blocked_at, chats.c.left_at).where(chats.c.id == party.chat_id))
    if row is None:
        return "nowhere"
    return "blocked" if row["blocked_at"] is not None else "left" if row["left_at"] is not None else "chat"


# -- across ------------------------------------------------------------------------------------------------------------

Released = Literal["released", "again", "held", "not_yours", "not_yet"]
TALKING = (State.MEDIATING, State.AGREED, State.PERFORMING)


def release_own(tx: Tx, word_id: int, *, chat_id: int, tell: Callable[[Case, Word], Tell]) -> Released:
    """The writer lets a word of theirs cross. ``held``: the mediator looks at it first, and is asked to."""
    case, side, word = _own_word(tx, word_id, chat_id)
    if case is None or side is None or word is None:
        return "not_yours"
    if word.held is not None:
        mediation.record(tx, case, "ask_release", actor=side.value, word_id=word.id)
        return "held"
    return _cross(tx, case, side.other, word, tell(case, word), by_side=side)


def _own_word(tx: Tx, word_id: int, chat_id: int) -> tuple[Case | None, Side | None, Word | None]:
    for case, party in parties_of(tx, chat_id):
        for word in mediation.words_for(tx, case.id, Reader(side=party.side)):
            if word.id == word_id and word.author == word.thread == party.side.value:
                return case, party.side, word
    return None, None, None


def release(tx: Tx, case: Case, word: Word, *, staff_id: int, tell: Tell) -> Released:
    """The mediator lets a side's word cross."""
    if word.thread not in tuple(Side):
        return "not_yours"
    return _cross(tx, case, Side(word.thread).other, word, tell, staff_id=staff_id)


def _cross(
    tx: Tx, case: Case, to: Side, word: Word, tell: Tell, *, by_side: Side | None = None, staff_id: int | None = None
) -> Released:
    if case.respondent.willing is not True or case.state not in TALKING:
        return "not_yet"  # nothing crosses before both have said yes
    if not mediation.release(tx, case, word, to_thread=to.value, by_side=by_side, staff_id=staff_id):
        return "again"
    deliver(tx, case, to, tell, staff_id=staff_id)
    return "released"


def agree_to_joint(tx: Tx, case: Case, side: Side, *, yes: bool) -> bool:
    """A side says whether it will speak with the other in one thread; True when that makes it open."""
    mediation.change_party(tx, case.parties[side], joint=yes)
    mediation.record(tx, case, "joint_yes" if yes else "joint_no", actor=side.value)
    return yes and bool(case.parties[side.other].joint) and not case.joint


def awaited(tx: Tx, chat_id: int) -> tuple[Case, Side] | None:
    """The case whose mediator waits for this chat's answer, or with whom it has just spoken."""
    for case, party in parties_of(tx, chat_id):
        if party.awaited_at is not None and _still(tx, case, party, party.awaited_at):
            return case, party.side
    return None


def _still(tx: Tx, case: Case, party: Party, since: datetime) -> bool:
    words = mediation_words
    mine = (words.c.mediation_id == case.id) & words.c.thread.in_((party.side.value, JOINT))
    last = tx.scalar(select(words.c.author).where(mine).order_by(words.c.id.desc()).limit(1))
    return since > tx.now - (ANSWER_FOR if last == "staff" else GOING_ON_FOR)


def added(tx: Tx, ticket_id: int, *, chat_id: int, message_id: int | None, blobs: Sequence[int]) -> bool:
    """What is added to a ticket in mediation is said to the mediator, in the thread of whoever filed it."""
    case = mediation.of_ticket(tx, ticket_id)
    if case is None:
        return False
    led = mediation.leading(tx, case)
    mine = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    side = next((party.side for party in led.parties.values() if party.resident_id == mine), None)
    text = tx.scalar(select(message_table.c.text).where(message_table.c.id == message_id))
    if side is not None and led.is_open:
        heard(tx, led, side, text=str(text or ""), message_id=message_id, blobs=blobs)
    return True


def seen(tx: Tx, case: Case) -> None:
    """The mediator has the case before them: its new words are not new any more."""
    for party in case.parties.values():
        if party.unread:
            mediation.change_party(tx, party, unread=0)


def unread(tx: Tx, staff_id: int) -> int:
    """How many of this mediator's open cases have words they have not seen."""
    mine = mediation.cases(tx, mediations.c.mediator_id == staff_id)
    return sum(any(party.unread for party in case.parties.values()) for case in mine if case.is_open)
