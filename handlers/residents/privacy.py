"""The privacy notice: short, before anything is kept for somebody; refusing it still gets answers (PI-02, PI-03)."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, both, do
from handlers.residents.case import Case
from storage import drafts, residents

VERSION = "2026-11-23"
"""The day of the notice's wording; another wording is shown, and asked, anew."""


def choices(case: Case) -> Rows:
    return ((Button(case.words("privacy.agree"), "c:y"), Button(case.words("privacy.refuse"), "c:n")),)


def with_notice(case: Case, outcome: Outcome[Any]) -> Outcome[Any]:
    """The outcome, and behind it the notice to somebody who has not seen it yet."""
    if case.scene.noticed_version == VERSION or case.scene.consent != "unasked":
        return outcome
    noticed = do(residents.mark_noticed, chat_id=case.chat_id, version=VERSION)
    return both(outcome, noticed.saying(Say(case.words("privacy.notice"), choices(case))))


def ask(case: Case) -> Say:
    """Consent is needed for what comes next."""
    return Say(case.words("privacy.needed"), choices(case))


def answered(case: Case, *, agreed: bool) -> Outcome[Any]:
    """Keep the answer; a refusal also drops what was waiting for it."""
    kept = do(residents.consent, chat_id=case.chat_id, version=VERSION, agreed=agreed)
    if agreed:
        return kept
    dropped = do(drafts.close_current, chat_id=case.chat_id, state="cancelled")
    return both(kept, dropped).saying(Say(case.words("privacy.refused")))
