"""A time to be called back: offered, moved, given up; by button or in words, never in the way of anything else.

The first word already keeps the next office hour, in the chat, so that whoever goes away now is still answered.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, both, do, say
from handlers.residents import appointment_words, privacy, returning
from handlers.residents.case import Case
from handlers.texts.moments import CHINA
from knowledge.appointments import Impossible, Slot, chosen, names_a_time, offered
from knowledge.moments import when
from knowledge.private_data import phone
from storage import alarms, appointments, conversations, drafts, group_home, residents
from storage.appointments import Kept
from storage.chats import Appointment
from storage.offices import Offices
from storage.transaction import Tx

LONGEST = 40
"""Characters of a message that may be about an appointment; a longer one tells of something else."""
_CHANGE = re.compile(
    r"(?:改|换|推迟|提前).{0,6}(?:约|回电|预约|时间)|(?:约|回电|预约).{0,6}(?:改|换|推迟|提前)"
    r"|reschedule|change (?:the |my )?(?:time|call|appointment)",
    re.I,
)
_MOVE = re.compile(r"改[到成]|换[到成]|move it|make it", re.I)
_DROP = re.compile(
    r"(?:取消|不用|不要|算了|莫).{0,6}(?:约|回电|预约|打电话|打给我|联系我(?!爸|妈|老|家|们))|(?:约|回电|预约).{0,4}(?:取消|不要了|不用了)"
    r"|cancel.{0,12}(?:call|appointment)|(?:don't|no need to) call",
    re.I,
)
_WAYS = re.compile(r"(?:打|给|回)[^,，。]{0,4}电话|电话(?:联系|说)|call me|by phone|ring me", re.I)


# --- offering ---------------------------------------------------------------------------------------------------------
def offer(case: Case, *, reason: str, message_id: int | None) -> Outcome[Any]:
    """The office is shut: keep the next office hour, and let it be moved."""
    slot = offered(case.now, office=case.office, count=1)[0]
    booked = do(
        appointments.book, chat_id=case.chat_id, reason=reason, at=slot.start, until=slot.end, asked_id=message_id
    )
    key = "appointment.voice" if reason == "voice" else "appointment.closed"
    told = booked.then(lambda kept: [_shown(case, kept, key if kept.new else "appointment.booked")])
    return both(told, _tell_staff(case)) if reason == "voice" else told


def _tell_staff(case: Case) -> Outcome[Any]:
    """A voice message can be about anything: somebody who is near hears of it even at night."""
    text = case.front.texts["zh"]("staff.voice")
    return do(_staff_chats, case.chat_id).then(lambda chats: [Say(text, to=chat) for chat in chats])


def _staff_chats(tx: Tx, chat_id: int) -> list[int]:
    return group_home.told_in(tx, Offices(tx).community_of_chat(chat_id))


def instead(case: Case, conversation_id: int) -> Outcome[Any]:
    """An appointment in place of waiting in the line: the bot has the chat again."""
    slot = offered(case.now, office=case.office, count=1)[0]
    asked_id = case.incoming.pressed.id if case.incoming.pressed else case.incoming.message_id
    booked = do(_instead, case.chat_id, conversation_id, slot, asked_id)
    return booked.then(lambda found: _instead_words(case, found))


def _instead(tx: Tx, chat_id: int, conversation_id: int, slot: Slot, asked_id: int | None) -> Any:
    if alarms.in_danger(tx, chat_id):
        return None
    reason = conversations.reason_of(tx, conversation_id) or "asked"
    conversations.end(tx, conversation_id, by="later")
    kept = appointments.book(tx, chat_id=chat_id, reason=reason, at=slot.start, until=slot.end, asked_id=asked_id)
    return kept, drafts.keep_open(tx, chat_id)


def _instead_words(case: Case, found: Any) -> list[Reply]:
    if found is None:
        return [Say(case.words("emergency.stays_open"))]
    kept, draft = found
    return [_shown(case, kept, "appointment.instead"), *returning.draft_again(case.words, draft)]


# --- what one sees ----------------------------------------------------------------------------------------------------
def _shown(case: Case, kept: Kept, key: str) -> Say:
    return appointment_words.told(case.words, kept, key, now=case.now, office=case.office)


def shown(case: Case, kept: Kept) -> Say:
    """Among one's matters."""
    return _shown(case, kept, "appointment.booked")


# --- presses ----------------------------------------------------------------------------------------------------------
def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of an appointment; an old one shows how it stands now."""
    kept, action = case.scene.appointment, parts[2]
    if kept is None or str(kept.id) != parts[0]:
        return say(Say(case.words("appointment.over")))
    if str(kept.revision) != parts[1]:
        return _as_it_is(case)
    if action == "drop":
        return drop(case, kept)
    if action == "at":
        return _move(case, kept, *(datetime.fromtimestamp(int(part) * 60, CHINA) for part in parts[3:5]))
    if action == "phone":
        return _by_phone(case, kept)
    if action == "time":
        return _ask_time(case, kept)
    return _change(case, kept, way="here", step="")


def _as_it_is(case: Case) -> Outcome[Any]:
    found = do(appointments.of_chat, case.chat_id)
    return found.then(lambda kept: [shown(case, kept) if kept else Say(case.words("appointment.over"))])


def _change(case: Case, kept: Appointment, key: str = "appointment.booked", **values: Any) -> Outcome[Any]:
    changed = do(appointments.change, kept, asked_id=_asked(case), **values)
    return changed.then(lambda done: [_shown(case, done, key) if done else Say(case.words("appointment.over"))])


def _asked(case: Case) -> int | None:
    return case.incoming.message_id or (case.incoming.pressed.id if case.incoming.pressed else None)


def _move(case: Case, kept: Appointment, start: datetime, end: datetime) -> Outcome[Any]:
    """To a time that is still to come and in office hours, whatever the button said."""
    if start <= case.now or not case.office.is_open(start):
        return _as_it_is(case)
    return _change(case, kept, at=start, until=end, step="")


def _by_phone(case: Case, kept: Appointment) -> Outcome[Any]:
    """The telephone: the number that is known, or one is asked for. Never where somebody else may pick up (EM-07)."""
    number = kept.phone or case.scene.phone
    if number:
        return _to_number(case, kept, number)
    asked = do(appointments.change, kept, step="phone", asked_id=_asked(case))
    return privacy.with_notice(case, asked.then(lambda done: _ask_number(case, done)))


def _to_number(case: Case, kept: Appointment, number: str) -> Outcome[Any]:
    changed = do(appointments.by_phone, kept, chat_id=case.chat_id, number=number, asked_id=_asked(case))
    return changed.then(lambda found: _phoned(case, found))


def _phoned(case: Case, kept: Kept | None) -> list[Reply]:
    if kept is None:
        return [Say(case.words("appointment.over"))]
    return [_shown(case, kept, "appointment.booked_phone" if kept.way == "phone" else "appointment.booked")]


def _ask_number(case: Case, kept: Kept | None) -> list[Reply]:
    if kept is None:
        return [Say(case.words("appointment.over"))]
    if kept.quiet:
        return [shown(case, kept)]
    return [Say(case.words("appointment.ask_phone"), [appointment_words.ways(case.words, kept, asking=True)])]


def drop(case: Case, kept: Appointment) -> Outcome[Any]:
    """Given up; pressing or saying it twice changes nothing."""
    dropped = do(appointments.drop, kept.id, chat_id=case.chat_id)
    return dropped.then(lambda done: [Say(case.words("appointment.dropped" if done else "appointment.over"))])


# --- words ------------------------------------------------------------------------------------------------------------
def concerns(case: Case) -> bool:
    """True when what was typed is about the appointment: its time, its number, moving it or giving it up.

    Of an appointment and an open form the one spoken of last is answered.
    """
    kept, text = case.scene.appointment, case.text
    if kept is None or not text or len(text) > LONGEST or _form_is_newer(case, kept):
        return False
    if _DROP.search(text) or _CHANGE.search(text) or (_MOVE.search(text) and when(text, case.now)):
        return True
    if not kept.step:
        return False
    return phone(text) is not None or names_a_time(text, case.now) or _WAYS.search(text) is not None


def _form_is_newer(case: Case, kept: Appointment) -> bool:
    draft = case.scene.draft
    return draft is not None and draft.state == "open" and (draft.prompt_id or 0) > (kept.asked_id or 0)


def hear(case: Case) -> Outcome[Any]:
    kept = case.scene.appointment
    assert kept is not None
    if _DROP.search(case.text):
        return drop(case, kept)
    if number := phone(case.text):
        return _with_number(case, kept, number)
    slot = chosen(case.text, case.now, office=case.office)
    if slot is None:
        return _by_phone(case, kept) if _WAYS.search(case.text) else _ask_time(case, kept)
    if isinstance(slot, Impossible):
        return _not_then(case, kept, slot)
    return _change(case, kept, at=slot.start, until=slot.end, step="")


def _with_number(case: Case, kept: Appointment, number: str) -> Outcome[Any]:
    changed = _to_number(case, kept, number)
    if case.scene.consent != "given":
        return changed
    return both(do(residents.remember, chat_id=case.chat_id, phone=number), changed)


def _ask_time(case: Case, kept: Appointment) -> Outcome[Any]:
    return _change(case, kept, "appointment.ask_time", step="time")


def _not_then(case: Case, kept: Appointment, slot: Impossible) -> Outcome[Any]:
    """Not at that hour: the nearest that can be kept is offered, and what was agreed stays."""
    changed = do(appointments.change, kept, step="time", asked_id=_asked(case))
    nearest = appointment_words.span(case.words, slot.instead.start, slot.instead.end, case.now)

    def replies(done: Kept | None) -> list[Reply]:
        if done is None:
            return [Say(case.words("appointment.over"))]
        mark = f"b:{done.id}:{done.revision}:{appointment_words.at(slot.instead.start, slot.instead.end)}"
        rows = ([Button(nearest, mark)], appointment_words.ways(case.words, done))
        return [Say(case.words(f"appointment.{slot.key}", nearest=nearest), rows)]

    return changed.then(replies)
