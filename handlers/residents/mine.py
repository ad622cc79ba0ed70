"""My data: what is kept in plain words, put right, taken away, deleted (PI-12). Each step says what will happen."""

from __future__ import annotations

from typing import Any

from handlers import mediation_letters
from handlers.outcome import Button, Edit, Outcome, Rows, Say, both, do, say
from handlers.residents import own_file, privacy
from handlers.residents.case import Case
from knowledge import forms
from knowledge.own_data import ABOUT, About, fitting
from knowledge.places import Place
from knowledge.retention import rules, span
from storage import blobs, drafts, erasure, own_data, tickets
from storage.chats import Draft
from storage.erasure import Standing
from storage.own_data import Overview
from storage.transaction import Tx

FORM = "own_data"
"""The form of one step that takes a corrected value: its step is what is corrected."""


async def see(case: Case) -> Outcome[Any]:
    found = await case.front.storage.read(own_data.overview, case.chat_id)
    return say(Say(_shown(case, found), _choices(case)))


def _shown(case: Case, found: Overview) -> str:
    words = case.words
    where = forms.where({part: getattr(found, part) for part in ("building", "unit", "room")}, case.scene.language)
    return words(
        "mine.shown",
        name=found.name or words("mine.none"),
        phone=found.phone or words("mine.none"),
        place=where or words("mine.none"),
        consent=_consent(case, found),
        tickets=words("mine.tickets", count=found.tickets, open=found.open_tickets)
        if found.tickets
        else words("mine.no"),
        messages=found.messages,
        files=found.files,
        proxies=found.proxies or words("mine.no"),
        looks=words("mine.looks", count=found.looks) if found.looks else words("mine.no_looks"),
    )


def _consent(case: Case, found: Overview) -> str:
    words = case.words
    if found.consented_at is not None:
        return words("mine.consented", day=case.time(found.consented_at), version=found.consent_version)
    return words("mine.refused", day=case.time(found.refused_at)) if found.refused_at else words("mine.unasked")


def _choices(case: Case) -> Rows:
    words = case.words
    return (
        tuple(Button(words(f"mine.change_{about}"), f"o:change:{about}") for about in ABOUT),
        (Button(words("mine.export"), "o:export"), Button(words("mine.proxy"), "o:proxy")),
        (Button(words("mine.move"), "o:move"), Button(words("mine.leave"), "o:leave")),
        (Button(words("mine.delete"), "o:delete"), privacy.full(case)),
    )


# --- correcting -------------------------------------------------------------------------------------------------------
def change(case: Case, about: About, value: str | None = None) -> Outcome[Any]:
    """Ask for the new value, or take it when it was said along."""
    if value is not None:
        return _corrected(case, about, value) or _ask(case, about)
    return _ask(case, about)


def _ask(case: Case, about: About, *, again: bool = False) -> Outcome[Any]:
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step=about, answers={})
    key = f"mine.unclear_{about}" if again else f"mine.ask_{about}"
    row = (Button(case.words("mine.keep"), "o:keep"), Button(case.words("mine.remove"), f"o:remove:{about}"))
    return opened.then(lambda draft_id: [Say(case.words(key), (row,), prompt_of=draft_id)])


def hear(case: Case, draft: Draft) -> Outcome[Any] | None:
    """Words while a value is asked for; None when they plainly are something else."""
    if forms.command(case.text) in ("cancel", "back"):
        return keep(case)
    about = ABOUT[draft.step]
    if (corrected := _corrected(case, about, case.text)) is not None:
        return corrected
    return _ask(case, about, again=True) if len(case.text) <= 12 else None


def _corrected(case: Case, about: About, value: str) -> Outcome[Any] | None:
    fit = fitting(about, value)
    if fit is None:
        return None
    values: dict[str, str | None] = {about: fit} if isinstance(fit, str) else _parts(fit)
    if isinstance(fit, Place) and fit.building not in {each.number for each in case.front.towns.buildings}:
        return None
    shown = fit if isinstance(fit, str) else forms.where(values, case.scene.language)
    return _set(case, values).saying(Say(case.words("mine.corrected", what=case.words(f"mine.{about}"), value=shown)))


def _parts(found: Place) -> dict[str, str | None]:
    return {"building": found.building, "unit": found.unit, "room": found.room}


def remove(case: Case, about: About) -> Outcome[Any]:
    values = dict.fromkeys(("building", "unit", "room") if about == "place" else (about,))
    return _set(case, values).saying(Say(case.words("mine.removed", what=case.words(f"mine.{about}"))))


def _set(case: Case, values: dict[str, str | None]) -> Outcome[Any]:
    corrected = do(own_data.correct, chat_id=case.chat_id, **values)
    return both(corrected, let_go(case))


def keep(case: Case) -> Outcome[Any]:
    return both(let_go(case), say(Say(case.words("mine.kept"))))


def let_go(case: Case) -> Outcome[Any]:
    """Nothing is asked for any more; the question loses its buttons."""
    draft = case.scene.draft
    if draft is None or draft.form != FORM:
        return say()
    closed = do(drafts.close_current, chat_id=case.chat_id, state="cancelled")
    return closed.saying(Edit(draft.prompt_id)) if draft.prompt_id else closed


# --- taking away ------------------------------------------------------------------------------------------------------
async def export(case: Case) -> Outcome[Any]:
    """Everything of theirs as one file, in this chat and nowhere else."""
    storage = case.front.storage
    data = await storage.read(own_data.everything, case.chat_id)
    files = await storage.read(own_data.files, case.chat_id, most=own_file.MOST)
    content = own_file.package(data, files, case.words, made_at=case.now)
    name = case.words("mine.file_name", day=own_file.at(case.now)[:10])
    part = {"kind": "document", "mime": own_file.MIME, "name": name, "size": len(content)}
    text = case.words("mine.exported", keep=span(rules()["exports"].keep.days, case.scene.language))
    stored = do(_store, chat_id=case.chat_id, content=content, name=name)
    return stored.then(lambda blob_id: [Say(text, attachments=({**part, "blob": blob_id},))])


def _store(tx: Tx, *, chat_id: int, content: bytes, name: str) -> int:
    return blobs.store(tx, chat_id=chat_id, kind=own_data.EXPORT, mime=own_file.MIME, content=content, name=name)


# --- deleting ---------------------------------------------------------------------------------------------------------
async def delete(case: Case) -> Outcome[Any]:
    """The first step: what goes, what must stay a while and why."""
    found = await case.front.storage.read(erasure.standing, case.chat_id)
    words = case.words
    if found.alarm:
        return say(Say(words("mine.alarm_first")))
    text = "\n".join([words("mine.delete_what"), *_reasons(case, found)])
    keep_it = Button(words("mine.do_not"), "o:keep")
    if not found.open_tickets:
        return say(Say(text, ((Button(words("mine.delete_go_on"), "o:sure:now"), keep_it),)))
    later, both_ = Button(words("mine.delete_later"), "o:sure:now"), Button(words("mine.withdraw_too"), "o:sure:all")
    return say(Say(text, ((later,), (both_,), (keep_it,))))


def _reasons(case: Case, found: Standing) -> list[str]:
    words, language = case.words, case.scene.language
    reasons = []
    if found.open_tickets:
        reasons.append(words("mine.stays_open", numbers="、".join(found.open_tickets)))
    if found.files:
        kept = span(rules()["disputes"].keep.days, language)
        reasons.append(words("mine.stays_file", numbers="、".join(found.files), keep=kept))
    if found.care:
        reasons.append(words("mine.stays_care", keep=span(rules()["care"].keep.days, language)))
    return reasons


def sure(case: Case, mode: str) -> Outcome[Any]:
    """The second step: one more press, and what was said cannot be found again."""
    words = case.words
    row = (Button(words("mine.delete_yes"), f"o:gone:{mode}"), Button(words("mine.do_not"), "o:keep"))
    return say(Say(words("mine.delete_sure"), (row,)))


def gone(case: Case, mode: str) -> Outcome[Any]:
    erased = do(_erase, case, withdraw=mode == "all")
    return erased.then(lambda done: [Say(case.words(f"mine.{done}"))])


def _erase(tx: Tx, case: Case, *, withdraw: bool) -> str:
    if withdraw:
        for ticket_id in erasure.own_open(tx, case.chat_id):
            tickets.withdraw(tx, ticket_id, chat_id=case.chat_id)
            mediation_letters.tell_withdrawn(tx, case.front.texts, ticket_id, chat_id=case.chat_id)
    stood = erasure.standing(tx, case.chat_id)
    if not erasure.erase(tx, chat_id=case.chat_id, row_id=case.incoming.row_id):
        return "alarm_first"
    left = erasure.standing(tx, case.chat_id)
    return "deleted_but" if left.open_tickets or left.files or stood.care else "deleted"
