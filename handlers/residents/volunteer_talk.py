"""Where a volunteer's words and presses go: the one door to the sign-up, the record, claims and certificates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.outcome import Outcome, Say, both, do, say
from handlers.residents import volunteer_claims, volunteer_mine, volunteering
from handlers.residents.case import Case
from handlers.residents.volunteer_prompts import CHOICES
from knowledge import forms, own_data, sign_up, volunteer_words
from knowledge.volunteer_words import Claimed
from storage import drafts, volunteers
from storage.chats import Draft

TIMES = "volunteer_times"
"""The form of one step that takes other times."""
FORMS = (volunteering.FORM, volunteer_claims.FORM, volunteer_mine.NAME, TIMES)
Wanted = str | Claimed | tuple[str, str]
"""A wish, a missing entry, or a change with its new value."""
SHORT_ANSWER = 20
ONLY_VOLUNTEERS = ("hours",)
"""Wishes whose wording is so short that it means this only from a volunteer, or with the word in it."""


# --- words ------------------------------------------------------------------------------------------------------------
async def concern(case: Case) -> Wanted | None:
    """What the words want of volunteering, when they surely do; None for everything else."""
    text = case.text
    if case.scene.draft is not None and (case.scene.draft.form == volunteering.FORM or forms.command(text)):
        return None
    if (changed := volunteer_words.change(text)) is not None:
        return changed
    wished, claimed = volunteer_words.wish(text), volunteer_words.claim(text, case.now)
    if wished is None and claimed is None:
        return None
    known = await case.front.storage.read(volunteers.of_chat, case.chat_id)
    named = volunteer_words.names_it(text)
    if wished is not None:
        return wished if known is not None or named or wished not in ONLY_VOLUNTEERS else None
    return claimed if known is not None else None


async def hear(case: Case, wanted: Wanted) -> Outcome[Any]:
    if isinstance(wanted, Claimed):
        return volunteer_claims.begin(case, wanted)
    if isinstance(wanted, tuple):
        return _change(case, *wanted)
    return await _wished(case, wanted)


async def _wished(case: Case, wanted: str) -> Outcome[Any]:
    if wanted == "hours":
        return await volunteer_mine.hours(case)
    if wanted == "certificate":
        return await volunteer_mine.certificate(case)
    if wanted == "leave":
        return await volunteer_mine.ask_leave(case)
    if wanted == "mine":
        return await volunteer_mine.see(case)
    return volunteer_mine.pause(case) if wanted == "pause" else volunteer_mine.resume(case)


def _change(case: Case, what: str, value: str) -> Outcome[Any]:
    if what == "skills":
        return volunteer_mine.set_skills(case, value) if value else say(Say(case.words("volunteer.ask_skills")))
    times = [window.kept() for window in sign_up.windows(value)]
    return volunteer_mine.set_times(case, times) if times else _ask_times(case)


def _ask_times(case: Case) -> Outcome[Any]:
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=TIMES, step="times", answers={})
    named = [volunteer_mine.button(case, f"choice_{name}") for name in CHOICES]
    rows = (named[:2], named[2:])
    return opened.then(lambda id: [Say(case.words("volunteer.ask_times"), rows, prompt_of=id)])


def hear_form(case: Case, draft: Draft) -> Outcome[Any] | None:
    """Words while one of these forms is open; None when they are plainly something else."""
    if draft.form == volunteering.FORM:
        return volunteering.hear(case, draft)
    if draft.form == volunteer_claims.FORM:
        return volunteer_claims.hear(case, draft)
    if draft.form == volunteer_mine.NAME:
        return _name(case)
    if times := [window.kept() for window in sign_up.windows(case.text)]:
        return both(_close(case, "filed"), volunteer_mine.set_times(case, times))
    return both(_close(case, "cancelled"), volunteer_mine.stays(case)) if forms.command(case.text) else None


def _name(case: Case) -> Outcome[Any] | None:
    if forms.command(case.text) in ("cancel", "back"):
        return both(_close(case, "cancelled"), say(Say(case.words("volunteer.no_certificate"))))
    name = own_data.fitting("name", case.text)
    if isinstance(name, str):
        return volunteer_mine.ask_certificate(case, name)
    return say(Say(case.words("volunteer.ask_name"))) if len(case.text) <= 12 else None


def answers(case: Case) -> bool:
    """Short words that fill in one of these forms, which is open."""
    draft = case.scene.draft
    if draft is None or draft.form not in FORMS or len(case.text) > SHORT_ANSWER:
        return False
    if draft.form == volunteer_claims.FORM and volunteer_claims.fits(case):
        return True
    heard = sign_up.hear(case.text)
    return bool(heard.times or heard.reach is not None or heard.phone or heard.age)


def put_away(case: Case) -> Outcome[Any]:
    """Something else is spoken of: a small question is dropped, a sign-up waits."""
    draft = case.scene.draft
    if draft is None or draft.form == volunteering.FORM:
        return say()
    return _close(case, "cancelled")


def _close(case: Case, state: str) -> Outcome[int]:
    return do(drafts.close_current, chat_id=case.chat_id, state=state)


# --- presses ----------------------------------------------------------------------------------------------------------
STAY_OPEN = ("mine", "show_hours", "certificate", "leave", "change_times", "missing")
"""Buttons that lead somewhere and decide nothing."""


async def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """``vo:<draft>:<revision>:<action>…``; a draft of 0 is no draft's."""
    draft_id, revision, action, rest = int(parts[0]), int(parts[1]), parts[2], parts[3:]
    draft = case.scene.draft
    if draft_id == 0:
        return await _plain(case, action, rest)
    if draft is None or (draft.id, draft.revision) != (draft_id, revision):
        return await stale(case, action)
    if draft.form == volunteer_claims.FORM:
        return volunteer_claims.despite(case, draft)
    if draft.form != volunteering.FORM:
        raise ValueError(draft.form)
    return volunteering.press(case, draft, action, rest)


async def stale(case: Case, action: str) -> Outcome[Any]:
    """A button that is gone: registered with an earlier press, that is shown."""
    if action == "register" and await case.front.storage.read(volunteers.of_chat, case.chat_id) is not None:
        return await volunteer_mine.see(case, lead=case.words("volunteer.registered_before"))
    return say(Say(case.words("odd.unknown_button")))


async def _plain(case: Case, action: str, rest: list[str]) -> Outcome[Any]:
    if action.startswith("choice_"):
        chosen = CHOICES[action.removeprefix("choice_")]
        return both(_close(case, "filed"), volunteer_mine.set_times(case, [chosen]))
    if action == "mine":
        return await volunteer_mine.see(case)
    if action == "show_hours":
        return await volunteer_mine.hours(case)
    if action == "certificate":
        return await volunteer_mine.certificate(case)
    if action == "leave":
        return await volunteer_mine.ask_leave(case)
    if action == "pause":
        return volunteer_mine.pause(case, int(rest[0]) if rest else None)
    if action == "let_be":
        return volunteer_mine.let_be(case, int(rest[0]))
    at_once: dict[str, Callable[[], Outcome[Any]]] = {
        "change_times": lambda: _ask_times(case),
        "missing": lambda: volunteer_claims.begin(case, None),
        "never_mind": lambda: both(_close(case, "cancelled"), say(Say(case.words("volunteer.let_be")))),
        "new_code": lambda: volunteer_mine.new_code(case),
        "resume": lambda: volunteer_mine.resume(case),
        "leave_yes": lambda: volunteer_mine.leave(case),
        "stay": lambda: volunteer_mine.stays(case),
    }
    return at_once[action]()
