"""The bot has the chat again: it says so, and offers the form that was open before the talk."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.outcome import Button, Reply, Rows, Say
from handlers.texts.catalogue import Texts
from knowledge import forms
from storage.chats import Draft


def draft_again(words: Texts, draft: Draft | None) -> Sequence[Reply]:
    """The open form, with one press to go on or to drop it; nothing where there is none."""
    if draft is None or draft.form not in forms.FORMS:
        return ()
    return (Say(words("form.still_open"), rows_of(words, draft), prompt_of=draft.id),)


def rows_of(words: Texts, draft: Draft | None) -> Rows:
    if draft is None or draft.form not in forms.FORMS:
        return ()
    mark = f"d:{draft.id}:{draft.revision}"
    return ((Button(words("form.resume"), f"{mark}:resume"), Button(words("form.cancel"), f"{mark}:cancel")),)
