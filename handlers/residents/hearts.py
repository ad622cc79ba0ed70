"""A heart card (连心卡) was scanned: who of the community it leads to, calling them, leaving word, wishing that it ends.

Of the household behind the card nothing is ever said: whoever scans it may have found it.
"""

from __future__ import annotations

import re
from typing import Any

from handlers.clocks.telling import staff
from handlers.outcome import Button, Edit, Outcome, Reply, Rows, Say, both, do, say
from handlers.residents import people
from handlers.residents.case import Case
from handlers.residents.menu import buttons as menu_buttons
from handlers.residents.privacy import with_notice
from knowledge import forms
from storage import drafts, heart_cards
from storage.chats import Draft
from storage.heart_cards import Scanned
from storage.offices import Offices
from storage.tables import households
from storage.transaction import Tx

START = re.compile(r"/start(?:@\w+)?\s+k([a-z0-9]{10})", re.I)
FORM = "card_word"


def code_in(text: str) -> str | None:
    """The code of a card whose link was opened."""
    found = START.fullmatch(text)
    return found[1] if found else None


def arrive(case: Case, code: str) -> Outcome[Any]:
    """A dead code and one that never was look the same."""
    scanned = do(heart_cards.scan, chat_id=case.chat_id, code=code)
    return with_notice(case, scanned.then(lambda found: [_hello(case, found)]))


def _hello(case: Case, found: Scanned | None) -> Say:
    words = case.words
    if found is None:
        return Say(words("card.dead"), menu_buttons(case))
    key = "card.hello" if found.worker else "card.hello_nobody"
    known = {"worker": found.worker} if found.worker else {}
    community = case.front.profile.community.get(case.scene.language)
    return Say(words(key, community=community, **known), _rows(case, found))


def _rows(case: Case, found: Scanned) -> Rows:
    words = case.words
    call = words("card.call", worker=found.worker) if found.worker else words("card.call_office")
    return (
        (Button(call, "hk:call"), Button(words("card.word"), "hk:word")),
        (Button(words("card.end"), "hk:end"),),
    )


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of the card; while its card is good only."""
    found = await case.front.storage.read(heart_cards.of_chat, case.chat_id)
    if parts[0] == "x":
        return let_go(case)
    if found is None:
        return say(Say(case.words("card.dead"), menu_buttons(case)))
    if parts[0] in ("end", "sure"):
        return _ask_end(case) if parts[0] == "end" else _end(case)
    return {"call": _call, "word": _ask_word}[parts[0]](case, found)


def _call(case: Case, found: Scanned) -> Outcome[Any]:
    """The line of everybody who waits for a person; the staff group hears for whom."""
    called = people.call(case, reason="card")
    if found.worker is None or case.scene.conversation is not None:
        return called
    told = do(_tell, case, "called", found).saying(Say(case.words("card.calling", worker=found.worker)))
    return both(told, called)


def _tell(tx: Tx, case: Case, key: str, found: Scanned) -> None:
    whose = Offices(tx).owner(households, found.household_id)
    if found.worker is None:
        staff(tx, case.front.texts, "household_staff.word_nobody", whose)
    else:
        staff(tx, case.front.texts, f"household_staff.{key}", whose, name=found.worker)


def _ask_word(case: Case, found: Scanned) -> Outcome[Any]:
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step="words", answers={})
    rows = ([Button(case.words("card.never_mind"), "hk:x")],)
    return opened.then(lambda draft_id: [Say(_named(case, "ask_word", found), rows, prompt_of=draft_id)])


def _named(case: Case, key: str, found: Scanned) -> str:
    return case.words(f"card.{key}", worker=found.worker) if found.worker else case.words(f"card.{key}_office")


def hear(case: Case, draft: Draft) -> Outcome[Any]:
    """The word that was asked for; an order ("算了") leaves none."""
    if forms.command(case.text) in ("cancel", "back"):
        return let_go(case)
    return both(_closed(case, draft, "filed"), do(_leave, case).then(lambda found: [_kept(case, found)]))


def _leave(tx: Tx, case: Case) -> Scanned | None:
    message_id = case.incoming.message_id
    found = heart_cards.leave_word(tx, chat_id=case.chat_id, message_id=message_id, kind="word", words=case.text)
    if found is not None:
        _tell(tx, case, "word", found)
    return found


def _kept(case: Case, found: Scanned | None) -> Reply:
    return Say(_named(case, "kept", found)) if found else Say(case.words("card.dead"), menu_buttons(case))


def let_go(case: Case) -> Outcome[Any]:
    draft = case.scene.draft
    said = say(Say(case.words("card.let_go")))
    return both(_closed(case, draft, "cancelled"), said) if draft is not None and draft.form == FORM else said


def _closed(case: Case, draft: Draft, state: str) -> Outcome[Any]:
    closed = do(drafts.close_current, chat_id=case.chat_id, state=state)
    return closed.saying(Edit(draft.prompt_id)) if draft.prompt_id else closed


def _ask_end(case: Case) -> Outcome[Any]:
    rows = ([Button(case.words("card.end_yes"), "hk:sure")], [Button(case.words("card.never_mind"), "hk:x")])
    return say(Say(case.words("card.end_sure"), rows))


def _end(case: Case) -> Outcome[Any]:
    return do(_wish, case).saying(Say(case.words("card.end_kept")))


def _wish(tx: Tx, case: Case) -> None:
    found = heart_cards.leave_word(tx, chat_id=case.chat_id, message_id=None, kind="end")
    if found is not None:
        _tell(tx, case, "word", found)
