"""What somebody adds to the form that is open: an answer, more words, photos, words they have changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.outcome import Outcome
from handlers.residents import filing
from handlers.residents.case import Case
from handlers.residents.requests import again, go, move
from knowledge import forms
from knowledge.forms import Answers, Problem
from storage.chats import Draft


def add(case: Case, draft: Draft, *, lead: Sequence[str] | None = None) -> Outcome[Any]:
    """More about the matter; the step that was open stays open."""
    answers = forms.add_words(draft.answers, case.text, now=case.now)
    stays = draft.step if draft.step in ("door", "similar") else "confirm"
    return go(case, draft, answers, lead=[case.words("form.added")] if lead is None else lead, step=stays)


def attach(case: Case, draft: Draft, *, album: str | None = None) -> Outcome[Any]:
    """A photo, a voice message or a file belongs to what is being filed; ``album``: further pictures follow it."""
    answers: Answers = draft.answers | {"blobs": [*draft.answers.get("blobs", []), *case.blobs], "album": album}
    if case.text and draft.step == "description":
        answers |= forms.begin(
            case.text, route=draft.form, category=answers.get("category"), told_at=filing.told_at(answers)
        ) | {"blobs": answers["blobs"]}
    elif case.text:
        answers = forms.add_words(answers, case.text, now=case.now)
    lead = [case.words("form.photo_added", count=len(answers["blobs"]))]
    if draft.step in ("confirm", "description", "place"):
        return go(case, draft, answers, lead=lead)
    return move(case, draft, answers, step=draft.step, lead=lead)


def replace_words(case: Case, draft: Draft) -> Outcome[Any]:
    """The resident edited what they had said: the form reads it anew and keeps the rest."""
    fresh = forms.begin(
        case.text, route=draft.form, category=draft.answers.get("category"), told_at=filing.told_at(draft.answers)
    )
    kept = {key: value for key, value in draft.answers.items() if key not in ("description", *forms.PLACE_PARTS)}
    return go(case, draft, fresh | kept, lead=[case.words("odd.edited")])


def accept(case: Case, draft: Draft) -> Outcome[Any]:
    """Words typed at a step, as its answer."""
    taken = forms.accept(draft.answers, draft.step, case.text, now=case.now)
    if isinstance(taken, Problem):
        return again(case, draft, case.words(taken.key))
    return go(case, draft, taken)
