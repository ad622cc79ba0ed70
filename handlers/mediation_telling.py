"""Asking and telling both sides of a mediation, and the desk that something waits for its mediator.

Every side is told in its own chat and language, and only what both may know. Whoever is in no chat is told by the mediator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import RowMapping

from handlers.clocks.telling import staff
from handlers.mediation_words import Voice, buttons
from handlers.outcome import plain
from handlers.texts.catalogue import Catalogue
from knowledge import course
from knowledge.mediation import Side
from storage import (
    chats,
    mediation,
    mediation_agreements,
    mediation_asks,
    mediation_extensions,
    mediation_sessions,
    mediation_visits,
    messages,
)
from storage.mediation import Case
from storage.offices import Offices
from storage.transaction import Tx


def voices(tx: Tx, texts: Catalogue, case: Case) -> dict[int, Voice]:
    """Each chat of a side, with the voice it is spoken to in."""
    reached = {p.chat_id: p.side for p in case.parties.values() if p.chat_id is not None and p.left_at is None}
    spoken = chats.languages(tx, list(reached))
    return {chat: Voice(texts[language], case, reached[chat], tx.now) for chat, language in spoken.items()}


def tell(tx: Tx, texts: Catalogue, case: Case, make: Callable[[Voice], str | None]) -> None:
    """The same to both, each in their words; a side for whom there is nothing to say (None) is told nothing."""
    for chat_id, voice in voices(tx, texts, case).items():
        text = make(voice)
        if text is not None:
            messages.say(tx, chat_id=chat_id, text=text, priority=messages.NOTICE, ticket_id=case.ticket_id)


def ask(tx: Tx, texts: Catalogue, asks: Iterable[RowMapping]) -> None:
    """Put the question to each side that is in a chat; where it stands is kept."""
    for row in asks:
        if row["chat_id"] is None:
            continue
        case = mediation.get(tx, int(row["mediation_id"]))
        assert case is not None
        voice = Voice(texts[row["language"]], case, Side(row["side"]), tx.now)
        said = question(tx, voice, row)
        message_id = messages.say(
            tx,
            chat_id=row["chat_id"],
            text=said,
            buttons=plain(buttons(voice.words, row)),
            priority=messages.NOTICE,
            ticket_id=case.ticket_id,
        )
        mediation_asks.shown(tx, int(row["id"]), message_id)


def question(tx: Tx, voice: Voice, row: RowMapping) -> str:
    """What is asked, in the side's own words."""
    kind, about = row["kind"], int(row["about_id"])
    if kind == "session":
        session = mediation_sessions.get(tx, voice.case.id, about)
        assert session is not None
        return voice.session("ask_session_moved" if session["moved_from"] else "ask_session", session)
    if kind == "extension":
        wanted = mediation_extensions.get(tx, about)
        assert wanted is not None
        assert voice.case.settle_by is not None
        due = voice.until(voice.case.settle_by)
        return voice("ask_extension", due=due, until=voice.until(wanted["until"]), reason=wanted["reason"])
    if kind == "agreement":
        version = mediation_agreements.get(tx, about)
        assert version is not None
        key = "ask_agreement_oral" if version["form"] == "oral" else "ask_agreement"
        return voice(key, text=voice.agreement(mediation_agreements.text_of(version)))
    return voice("ask_visit", term=term_of(tx, voice, about))


def term_of(tx: Tx, voice: Voice, visit_id: int) -> str:
    """The duty a visit is about."""
    visit = mediation_visits.get(tx, voice.case.id, visit_id)
    assert visit is not None
    version = mediation_agreements.get(tx, int(visit["agreement_id"]))
    assert version is not None
    place = int(visit["term"])
    return voice.term(place, mediation_agreements.text_of(version).terms[place - 1])


# --- an answer, and what comes of it ----------------------------------------------------------------------------------
SETTLE = {
    "session": mediation_sessions.settle,
    "extension": mediation_extensions.settle,
    "agreement": mediation_agreements.settle,
    "visit": mediation_visits.settle,
}
TELLS_BOTH = ("agreed", "granted", "refused", "confirmed")
TROUBLE = ("trouble", "change", "not_yet", "refused")


def follow(tx: Tx, texts: Catalogue, row: RowMapping) -> str:
    """What an answer leads to: both are told where it decides something, the mediator where something is to be done."""
    kind, about = row["kind"], int(row["about_id"])
    case = mediation.held(tx, int(row["mediation_id"]))
    before = _state(tx, case, kind, about)
    result = SETTLE[kind](tx, case, about, mediation_asks.of(tx, kind, about))
    mediation.record(tx, case, f"answer_{kind}", actor=row["side"], staff_id=row["staff_id"], note=row["answer"])
    mediation.change(tx, case.id)
    if row["answer"] == "change":  # what they say next is for the mediator
        mediation.change_party(tx, case.parties[Side(row["side"])], awaited_at=tx.now)
    now = mediation.held(tx, case.id)
    if result in TELLS_BOTH and result != before:
        tell(tx, texts, now, lambda voice: decided(tx, voice, kind, about, result))
    elif kind == "session" and before == "agreed" and result == "trouble":
        tell(tx, texts, now, lambda voice: None if voice.side == row["side"] else voice("session_reopened"))
    to_mediator(tx, texts, now, "staff_trouble" if result in TROUBLE else "staff_answer")
    return result


def _state(tx: Tx, case: Case, kind: str, about: int) -> str:
    """What was decided before this answer: said once, it is not said again."""
    if kind != "session":
        return ""
    row = mediation_sessions.get(tx, case.id, about)
    return str(row["state"]) if row else ""


def decided(tx: Tx, voice: Voice, kind: str, about: int, result: str) -> str:
    if kind == "session":
        session = mediation_sessions.get(tx, voice.case.id, about)
        assert session is not None
        return voice.session("session_agreed", session)
    if kind == "extension":
        assert voice.case.settle_by is not None
        until = voice.until(voice.case.settle_by)
        return voice("extension_granted", until=until) if result == "granted" else voice("extension_refused", due=until)
    version = mediation_agreements.get(tx, about)
    assert version is not None
    return voice("agreement_confirmed_oral" if version["form"] == "oral" else "agreement_confirmed")


def in_force(tx: Tx, texts: Catalogue, case: Case) -> None:
    """Both hear from which day it counts, what each is to do, and of the court's way where it is open (ME-13)."""
    row = mediation_agreements.latest(tx, case.id)
    assert row is not None
    text, on = mediation_agreements.text_of(row), row["in_force_on"]
    open_way = row["form"] == "written" and mediation_agreements.confirmable(case, row)
    last = course.court(on, office=Offices(tx).of_ticket_id(case.ticket_id)).go_by if open_way else None

    def make(voice: Voice) -> str:
        said = voice("in_force", day=voice.day(on), terms=voice.terms(text))
        return said + ("\n" + voice.plain("in_force_court", last=voice.day(last)) if last else "")

    tell(tx, texts, case, make)


def to_mediator(tx: Tx, texts: Catalogue, case: Case, key: str, **values: str) -> None:
    """One line in the staff group: the archive's number and whose it is, nothing else."""
    number, who = case.file_number or "—", case.mediator or texts["zh"]("desk.nobody")
    facts = {"number": number, "mediator": who, **values}
    staff(tx, texts, f"course.{key}", Offices(tx).whose_id(case.ticket_id), priority=messages.NOTICE, **facts)
