"""Nobody is stuck between bot and person: who waits climbs, who is met with silence goes back to the line (PI-11, PI-20).

Each thing is told once. After the office has shut, whoever still waits gets an appointment and the bot back.
"""

from __future__ import annotations

from sqlalchemy import RowMapping

from handlers.clocks.telling import climbed, danger_name, level_name, minutes, resident, staff
from handlers.outcome import Rows
from handlers.residents import appointment_words, returning
from handlers.residents.people import choices
from handlers.texts.catalogue import Catalogue, Texts
from knowledge.appointments import offered
from knowledge.calendar import OfficeCalendar
from knowledge.escalation import Level
from knowledge.waiting import shipped_clocks
from storage import alarms, appointments, conversations, drafts, duty, group_home, line, messages
from storage.line import Place
from storage.offices import Offices
from storage.transaction import Tx


def watch(tx: Tx, texts: Catalogue) -> None:
    """Everything about the line that is due now."""
    for talk in line.held(tx):
        _watch_silence(tx, texts, talk)
    for talk in line.released(tx):
        resident(tx, talk["chat_id"], texts[talk["language"]]("person.released"))
        line.note(tx, talk["id"], news=None)
    offices = Offices(tx)
    for talk in line.waiting(tx):
        office = offices.of_chat(talk["chat_id"])
        see_to = _watch_wait if office.was_open_within(shipped_clocks().closing, tx.now) else _close_for_today
        see_to(tx, texts, office, talk)


# --- waiting ----------------------------------------------------------------------------------------------------------
def _watch_wait(tx: Tx, texts: Catalogue, office: OfficeCalendar, talk: RowMapping) -> None:
    since = talk["queued_at"] or talk["opened_at"]
    level = shipped_clocks().ladders["line"].reached(since, tx.now, office)
    place = line.place(tx, talk["id"])
    if level is not None and climbed(level, talk["level"]):
        _climb(tx, texts, talk, Level(level), place)
    elif not place.ahead and not talk["told_first"]:
        _first(tx, texts, talk)


def _climb(tx: Tx, texts: Catalogue, talk: RowMapping, level: Level, place: Place) -> None:
    waited = minutes(tx.now - (talk["queued_at"] or talk["opened_at"]))
    line.note(tx, talk["id"], level=level)
    whose = Offices(tx).community_of_chat(talk["chat_id"])
    if level is Level.DESK:
        return staff(tx, texts, "staff.waiting", whose, minutes=waited)
    staff(tx, texts, "staff.waiting_up", whose, minutes=waited, level=level_name(level))
    words = texts[talk["language"]]
    text = words("person.sorry", minutes=waited, level=level_name(level, talk["language"]))
    resident(tx, talk["chat_id"], text, choices(words, place, keep_waiting=True))
    return None


def _first(tx: Tx, texts: Catalogue, talk: RowMapping) -> None:
    """They have moved up to the front; whoever came first was told so then."""
    line.note(tx, talk["id"], told_first=True)
    resident(tx, talk["chat_id"], texts[talk["language"]]("person.first_now"))


def _close_for_today(tx: Tx, texts: Catalogue, office: OfficeCalendar, talk: RowMapping) -> None:
    slot = offered(tx.now, office=office, count=1)[0]
    conversations.end(tx, talk["id"], by="later")
    kept = appointments.book(
        tx, chat_id=talk["chat_id"], reason=talk["reason"], at=slot.start, until=slot.end, asked_id=None
    )
    words = texts.of(duty.town_of(tx, talk["chat_id"]))[talk["language"]]
    told = appointment_words.told(words, kept, "person.office_closed", now=tx.now, office=office)
    said = resident(tx, talk["chat_id"], told.text, told.buttons)
    appointments.spoken_of(tx, kept.id, said)
    _offer_draft(tx, words, talk["chat_id"])


# --- held, and silent -------------------------------------------------------------------------------------------------
def _watch_silence(tx: Tx, texts: Catalogue, talk: RowMapping) -> None:
    silence = shipped_clocks().silence(talk["reason"])
    since = talk["waiting_since"]
    if since is None:
        return _watch_idle(tx, texts, talk)
    if tx.now >= since + silence.release:
        return _let_go(tx, texts, talk, minutes(tx.now - since))
    if tx.now >= since + silence.nudge and talk["nudged_at"] is None:
        line.note(tx, talk["id"], nudged_at=tx.now)
        staff(
            tx, texts, "staff.silent", Offices(tx).community_of_chat(talk["chat_id"]), minutes=minutes(tx.now - since)
        )
    return None


def _let_go(tx: Tx, texts: Catalogue, talk: RowMapping, waited: int) -> None:
    """Back to the line, and where somebody may be in danger the alarm rings again."""
    conversations.release(tx, conversations.that(talk["id"]))
    running = alarms.let_go(tx, chat_id=talk["chat_id"])
    if not running:
        return staff(tx, texts, "staff.let_go", Offices(tx).community_of_chat(talk["chat_id"]), minutes=waited)
    for alarm in running:
        name = danger_name(texts, alarm["kind"])
        text = texts["zh"]("emergency.staff_let_go", kind=name, minutes=waited)
        for chat_id in group_home.rung_in(tx, alarm):
            messages.say(tx, chat_id=chat_id, text=text, priority=messages.ALARM)
    return None


def _watch_idle(tx: Tx, texts: Catalogue, talk: RowMapping) -> None:
    """Both are silent: the bot takes the chat back. Not while there may be danger: that talk staff themselves close."""
    last = talk["spoke_at"] or talk["taken_at"]
    if tx.now < last + shipped_clocks().idle or alarms.open_in(tx, talk["chat_id"]):
        return
    conversations.end(tx, talk["id"], by="bot")
    words = texts[talk["language"]]
    resident(tx, talk["chat_id"], words("person.back_idle"))
    _offer_draft(tx, words, talk["chat_id"])


def _offer_draft(tx: Tx, words: Texts, chat_id: int) -> None:
    draft = drafts.keep_open(tx, chat_id)
    rows: Rows = returning.rows_of(words, draft)
    if draft is not None and rows:
        said = resident(tx, chat_id, words("form.still_open"), rows)
        drafts.set_prompt(tx, draft.id, said)
