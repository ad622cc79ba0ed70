"""A missing entry: "I was there three hours, is it counted?" is answered from the ledger, else it becomes a claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from handlers import volunteer_words as shown
from handlers.outcome import Button, Outcome, Reply, Say, both, do, say
from handlers.residents.case import Case
from handlers.residents.volunteer_mine import open_claim
from handlers.residents.volunteer_prompts import PREFIX, without_buttons
from knowledge import forms, volunteer_words
from knowledge.volunteer_words import Claimed
from storage import drafts, volunteers
from storage.chats import Draft
from storage.transaction import Tx
from storage.volunteer_claims import Opened

FORM = "volunteer_claim"
"""The form that takes what a claim still lacks: its steps are ``hours``, ``when`` and ``sure``."""


def begin(case: Case, claimed: Claimed | None) -> Outcome[Any]:
    """With what was said; what is missing is asked, one thing at a time."""
    asked: dict[str, Any] = {"words": claimed.words if claimed else "", "minutes": claimed.minutes if claimed else None}
    if claimed and claimed.start and claimed.end:
        asked |= {"start": claimed.start.isoformat(), "end": claimed.end.isoformat()}
    return _go_on(case, asked)


def _go_on(case: Case, asked: dict[str, Any]) -> Outcome[Any]:
    step = "what" if not asked["words"] else "hours" if not asked["minutes"] else None if asked.get("start") else "when"
    if step is None:
        return _ask_the_book(case, asked)
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step=step, answers=asked)
    row = [[Button(case.words("volunteer.never_mind"), f"{PREFIX}:0:0:never_mind")]]
    return opened.then(lambda id: [Say(case.words(f"volunteer.claim_{step}"), row, prompt_of=id)])


def hear(case: Case, draft: Draft) -> Outcome[Any] | None:
    """The answer to what was asked; None when the words are something else."""
    if forms.command(case.text) == "cancel":
        return both(close(case), say(*without_buttons(draft), Say(case.words("volunteer.let_be"))))
    asked, minutes = dict(draft.answers), volunteer_words.minutes_in(case.text)
    span = volunteer_words.span(case.text, case.now)
    if draft.step == "sure" or not (minutes or span or (draft.step == "what" and len(case.text) > 1)):
        return None
    asked["words"] = "\n".join(filter(None, (asked["words"], case.text)))
    asked["minutes"] = minutes or asked["minutes"]
    if span is not None:
        asked |= {"start": span[0].isoformat(), "end": span[1].isoformat()}
    return both(say(*without_buttons(draft)), _go_on(case, asked))


def fits(case: Case) -> bool:
    """Hours or a day, which is what these questions ask for."""
    return bool(volunteer_words.minutes_in(case.text) or volunteer_words.span(case.text, case.now))


def close(case: Case) -> Outcome[int]:
    return do(drafts.close_current, chat_id=case.chat_id, state="cancelled")


def _ask_the_book(case: Case, asked: dict[str, Any], *, despite: bool = False) -> Outcome[Any]:
    """What the ledger says comes first; only what it does not hold is claimed."""
    opened = do(_open, case.chat_id, asked, despite)
    return opened.then(lambda found: _told(case, asked, *found))


def _open(tx: Tx, chat_id: int, asked: dict[str, Any], despite: bool) -> tuple[Opened | None, int | None]:
    known = volunteers.of_chat(tx, chat_id)
    drafts.close_current(tx, chat_id=chat_id, state="filed")
    if known is None:
        return None, None
    opened = open_claim(tx, chat_id, known.id, asked, despite=despite)
    if opened.kind != "counted":
        return opened, None
    return opened, drafts.open_draft(tx, chat_id=chat_id, form=FORM, step="sure", answers=asked)


def _told(case: Case, asked: dict[str, Any], opened: Opened | None, draft_id: int | None) -> Sequence[Reply]:
    words = case.words
    if opened is None:
        return [Say(words("volunteer.nobody"))]
    hours, when = shown.length(words, asked["minutes"]), _when(case, asked)
    if opened.kind == "counted":
        lines = [words("volunteer.counted"), *(f"· {shown.entry(words, entry)}" for entry in opened.entries)]
        rows = [
            [Button(words("volunteer.that_is_it"), f"{PREFIX}:0:0:never_mind")],
            [Button(words("volunteer.another_one"), f"{PREFIX}:{draft_id}:1:claim")],
        ]
        return [Say("\n".join([*lines, words("volunteer.not_twice")]), rows, prompt_of=draft_id)]
    if opened.kind == "new":
        row = [[Button(words("volunteer.never_mind"), f"{PREFIX}:0:0:let_be:{opened.claim_id}")]]
        return [Say(words("volunteer.claim_new", hours=hours, when=when), row)]
    return [Say(words(f"volunteer.claim_{opened.kind}", hours=hours, when=when))]


def _when(case: Case, asked: dict[str, Any]) -> str:
    return shown.span(case.words, *(datetime.fromisoformat(asked[name]) for name in ("start", "end")))


def despite(case: Case, draft: Draft) -> Outcome[Any]:
    """It was another time than those the ledger holds: the organiser looks."""
    return _ask_the_book(case, draft.answers, despite=True)
