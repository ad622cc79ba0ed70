"""A side of a mediation answers what it was asked - a time, more time, the agreement, its performance - by button or in
words. Each press is gated again: it counts in the chat that was asked, while it is asked, and only there.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from handlers.mediation_telling import TELLS_BOTH, follow, question
from handlers.mediation_words import Voice, buttons
from handlers.outcome import Outcome, Reply, Say, do
from handlers.residents.case import Case
from knowledge.course_words import could_be, meant, wanted
from knowledge.mediation import Side
from storage import mediation, mediation_agreements, mediation_asks, mediation_life, mediation_sessions
from storage.transaction import Tx

Taken = tuple[RowMapping | None, str, list[Reply]]


def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of a question."""
    return _answer(case, int(parts[0]), parts[1], words=None, via="button")


async def answer_meant(case: Case) -> tuple[int, str] | None:
    """What was typed is an answer to something this chat is asked: which, and what it says."""
    if not could_be(case.text, case.now):
        return None
    asked = await case.front.storage.read(mediation_asks.open_in, case.chat_id)
    if not asked:
        return None
    newest = await case.front.storage.read(mediation_asks.newest_said, case.chat_id)
    for row in asked:
        said = meant(row["kind"], case.text, case.now, just_asked=row["message_id"] == newest)
        if said is not None:
            return int(row["id"]), said
    return None


def hear(case: Case, ask_id: int, said: str) -> Outcome[Any]:
    return _answer(case, ask_id, said, words=case.text, via="words")


async def wish_meant(case: Case) -> str | None:
    """What they want to hear again, where they are a side of a case that is open."""
    found = wanted(case.text)
    if found is None or not await case.front.storage.read(mediation_life.parties_of, case.chat_id):
        return None
    return found


def tell_again(case: Case, wish: str) -> Outcome[Any]:
    """When they meet, or what the agreement says, as far as it was put before both."""
    return do(_again, case, wish).then(lambda text: [Say(text)])


def _again(tx: Tx, case: Case, wish: str) -> str:
    found, party = mediation_life.parties_of(tx, case.chat_id)[0]
    voice = Voice(case.words, found, party.side, tx.now)
    if wish == "when":
        session = mediation_sessions.open_one(tx, found.id)
        if session is None:
            return voice("no_session")
        return voice.session("over_session" if session["state"] == "agreed" else "session_unsettled", session)
    row = mediation_agreements.newest(tx, found.id)
    if row is None or row["put_at"] is None:
        return voice("agreement_void" if row is not None and row["version"] > 1 else "no_agreement")
    return f"{voice('agreement_says')}\n{voice.agreement(mediation_agreements.text_of(row))}"


def _answer(case: Case, ask_id: int, said: str, *, words: str | None, via: str) -> Outcome[Any]:
    taken = do(_take, case, ask_id, said, words, via)
    return taken.then(lambda found: found[2])


def _take(tx: Tx, case: Case, ask_id: int, said: str, words: str | None, via: str) -> Taken:
    row = mediation_asks.answer(tx, ask_id, chat_id=case.chat_id, said=said, words=words, via=via)
    if row is None:
        return None, "over", _over(tx, case)
    result = follow(tx, case.front.texts, row)
    if result in TELLS_BOTH:  # both have just been told what was decided
        return row, result, []
    return row, result, [_reply(tx, case, row, said, words)]


def _reply(tx: Tx, case: Case, row: RowMapping, said: str, words: str | None) -> Say:
    voice = _voice(tx, case, row)
    if said == "other" and words is not None:
        return Say(voice.plain("session_time", words=words), buttons(case.words, row, but="other"))
    return Say(voice.plain(f"{row['kind']}_{said}"), buttons(case.words, row, but=said))


def _voice(tx: Tx, case: Case, row: RowMapping) -> Voice:
    found = mediation.get(tx, int(row["mediation_id"]))
    assert found is not None
    return Voice(case.words, found, Side(row["side"]), tx.now)


def _over(tx: Tx, case: Case) -> list[Reply]:
    """Pressed too late: what is still asked is asked again, or what was settled is said."""
    lead = case.words("course.over")
    for row in mediation_asks.open_in(tx, case.chat_id):
        voice = _voice(tx, case, row)
        if row["answer"] is None:
            return [Say(f"{lead}\n\n{question(tx, voice, row)}", buttons(case.words, row))]
        session = mediation_sessions.open_one(tx, voice.case.id)
        if session is not None and session["state"] == "agreed":
            return [Say(f"{lead}\n{voice.plain('over_session', when=voice.span(session), place=session['place'])}")]
    return [Say(lead)]
