"""Applying for mediation: rights first, then one sentence on the other side and the wish, then whether they may be asked.

The dispute is registered before; whoever goes away half way has lost nothing. Every step takes words as well as presses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers import mediation_letters
from handlers.outcome import Button, Outcome, Reply, Rows, Say, do, say
from handlers.residents.case import Case
from handlers.residents.prompts import without_buttons
from knowledge import catalogue, forms
from knowledge.forms import Answers
from knowledge.mediation import table
from knowledge.mediation_words import answer, asks_for_mediation, flat_named, other_side, wish_in
from storage import dispute_chain, drafts, mediation_opening, rights
from storage import mediation as cases
from storage.chats import Draft
from storage.mediation import Case as Mediation
from storage.mediation_opening import Application, Whereabouts
from storage.transaction import Tx

FORM = "mediation"
OFFER, ABOUT, CONTACT = "offer", "about", "contact"
NOT_FOR_US = frozenset({"in_court", "with_police", "crime"})
"""Why a dispute goes another way (ME-16): the stoppers of ``data/disputes.yaml`` that say so."""


def open_offer(tx: Tx, *, chat_id: int, ticket_id: int, number: str, answers: Answers) -> int | None:
    """Offer mediation of a dispute just registered, where it may be mediated and they did not say no; the draft's id."""
    if answers["route"] != "dispute" or answers.get("through") in NOT_FOR_US:
        return None
    if forms.known(answers).get("willing") in ("later", "no"):
        return None
    kept = {
        "ticket": ticket_id,
        "number": number,
        "since": answers.get("said_id"),
        "kind": answers.get("category"),
        **_said_before(answers),
    }
    return drafts.open_draft(tx, chat_id=chat_id, form=FORM, step=step_of(answers), answers=kept)


def _said_before(answers: Answers) -> dict[str, str | None]:
    """Who the other side is and what is wished, where the dispute's own words say it."""
    words = str(answers.get("description") or "")
    who = forms.known(answers).get("who") or flat_named(words, own_room=answers.get("room"))
    return {"who": who, "wish": wish_in(words)}


def offered(case: Case, draft_id: int, answers: Answers) -> Say:
    """Free and voluntary is said first, with rights and duties; nothing is asked before (ME-05), and nothing twice."""
    told, step = mediation_letters.rights(case.words), step_of(answers)
    if step == OFFER:
        return Say(case.words("mediation.offer", rights=told), _offer_buttons(case, draft_id, 1), prompt_of=draft_id)
    if step == ABOUT:
        return Say(f"{told}\n{case.words('mediation.ask_about')}", _leave(case, draft_id, 1), prompt_of=draft_id)
    asked = _contact_words(case, {"kind": answers.get("category"), **_said_before(answers)})
    return Say(f"{told}\n{asked}", _contact_buttons(case, draft_id, 1), prompt_of=draft_id)


def step_of(answers: Answers) -> str:
    """Where the application begins: whoever asked for it, or said all of it, is not asked again."""
    if forms.known(answers).get("willing") != "yes" and not asks_for_mediation(str(answers.get("description") or "")):
        return OFFER
    return CONTACT if all(_said_before(answers).values()) else ABOUT


def _offer_buttons(case: Case, draft_id: int, revision: int) -> Rows:
    mark, words = f"n:{draft_id}:{revision}", case.words
    return (
        (Button(words("mediation.apply"), f"{mark}:yes"),),
        (Button(words("mediation.later"), f"{mark}:later"), Button(words("mediation.no_need"), f"{mark}:no")),
    )


def _leave(case: Case, draft_id: int, revision: int) -> Rows:
    return ((Button(case.words("mediation.no_need"), f"n:{draft_id}:{revision}:no"),),)


# --- the steps --------------------------------------------------------------------------------------------------------
def hear(case: Case, draft: Draft) -> Outcome[Any] | None:
    """Words at a step; None when they are no answer to it."""
    if forms.command(case.text) == "cancel":
        return decline(case, draft, "no")
    if draft.step == ABOUT:
        return about(case, draft)
    said = answer(case.text)
    if said is None:
        return _put_right(case, draft) if draft.step == CONTACT and _says_more(case) else None
    if draft.step == CONTACT:
        return apply(case, draft, may_contact=said == "yes")
    return ask_about(case, draft) if said == "yes" else decline(case, draft, said)


def _says_more(case: Case) -> bool:
    return wish_in(case.text) is not None or flat_named(case.text, own_room=case.scene.room) is not None


def _put_right(case: Case, draft: Draft) -> Outcome[Any]:
    """Said again, because it was heard wrong: the new words count alone."""
    return _ask_contact(case, draft, draft.answers | {"said": case.text, "who": None, "wish": None})


def again(case: Case, draft: Draft) -> Outcome[Any]:
    """The question once more, in few words, with its buttons."""
    key = {OFFER: "offer_again", CONTACT: "contact_again"}.get(draft.step, "ask_about")
    rows = {OFFER: _offer_buttons, CONTACT: _contact_buttons}.get(draft.step, _leave)(case, draft.id, draft.revision)
    return say(*without_buttons(draft), Say(case.words(f"mediation.{key}"), rows, prompt_of=draft.id))


def press(case: Case, parts: list[str]) -> Outcome[Any]:
    """A button of the application: it counts for the step it stands under and no other."""
    draft, action = case.scene.draft, parts[2]
    if draft is None or draft.form != FORM or [str(draft.id), str(draft.revision)] != parts[:2]:
        return say(Say(case.words("mediation.stale")))
    if draft.step == CONTACT and action in ("ask", "wait"):
        return apply(case, draft, may_contact=action == "ask")
    if action == "yes":
        return ask_about(case, draft)
    return decline(case, draft, action)


def ask_about(case: Case, draft: Draft) -> Outcome[Any]:
    """Who the other side is and what they wish; what was said before is not asked again."""
    if draft.answers.get("who") and draft.answers.get("wish"):
        return _ask_contact(case, draft, draft.answers)
    return _move(case, draft, draft.answers, ABOUT, case.words("mediation.ask_about"), _leave)


def about(case: Case, draft: Draft) -> Outcome[Any]:
    """The one sentence: their words are kept whole, the flat is read out of them."""
    said = f"{draft.answers.get('said') or ''}\n{case.text}".strip()
    return _ask_contact(case, draft, draft.answers | {"said": said})


def _ask_contact(case: Case, draft: Draft, answers: Mapping[str, Any]) -> Outcome[Any]:
    return _move(case, draft, answers, CONTACT, _contact_words(case, answers), _contact_buttons)


def _contact_words(case: Case, answers: Mapping[str, Any]) -> str:
    """Whether they may be asked; what was heard before is said back, so that it can be put right."""
    kind = catalogue.category("dispute", answers.get("kind"))
    asked = case.words("mediation.ask_contact", kind=kind.name.get(case.scene.language) if kind else "")
    who, wish = answers.get("who"), answers.get("wish")
    heard = case.words("mediation.heard_before", who=who, wish=wish) if who and wish and not answers.get("said") else ""
    return f"{heard}\n{asked}".strip()


def _contact_buttons(case: Case, draft_id: int, revision: int) -> Rows:
    mark, words = f"n:{draft_id}:{revision}", case.words
    return (
        (Button(words("mediation.contact_yes"), f"{mark}:ask"),),
        (Button(words("mediation.contact_later"), f"{mark}:wait"), Button(words("mediation.no_need"), f"{mark}:no")),
    )


def _move(case: Case, draft: Draft, answers: Mapping[str, Any], step: str, text: str, rows: Any) -> Outcome[Any]:
    moved = do(drafts.advance, draft.id, revision=draft.revision, step=step, answers={**answers})

    def replies(done: bool) -> list[Reply]:
        if not done:
            return [Say(case.words("mediation.stale"))]
        asked = Say(text, rows(case, draft.id, draft.revision + 1), prompt_of=draft.id)
        return [*without_buttons(draft), asked]

    return moved.then(replies)


def decline(case: Case, draft: Draft, said: str) -> Outcome[Any]:
    """Not now: the dispute goes on as it was registered, a word with them first where that was wished (ME-17)."""
    closed = do(drafts.close, draft.id, revision=draft.revision, state="cancelled", ticket_id=draft.answers["ticket"])
    key = "later_noted" if said == "later" else "no_noted"
    return closed.then(lambda _: [*without_buttons(draft), Say(case.words(f"mediation.{key}"))])


def apply(case: Case, draft: Draft, *, may_contact: bool) -> Outcome[Any]:
    applied = do(_apply, case, draft, may_contact=may_contact)
    return applied.then(lambda found: [*without_buttons(draft), *_applied(case, found, may_contact)])


def _apply(tx: Tx, case: Case, draft: Draft, *, may_contact: bool) -> Mediation | None:
    kept = draft.answers
    closed = drafts.close(tx, draft.id, revision=draft.revision, state="filed", ticket_id=kept["ticket"])
    if not closed:
        return None
    told = " ".join(str(kept[part]) for part in ("who", "said") if kept.get(part))
    found = other_side(told, home=case.scene.building)
    other = Whereabouts(place_note=found.note)
    if found.where is not None:
        flat = {part: getattr(found.where, part) for part in ("building", "unit", "room")}
        other = Whereabouts(place_note=found.note, **flat)
    wish = str(kept.get("said") or kept.get("wish") or "") or None
    given = Application(other, wish, may_contact, table().rights_version, kept.get("since"))
    return mediation_opening.apply(tx, int(kept["ticket"]), chat_id=case.chat_id, given=given)


def _applied(case: Case, found: Mediation | None, may_contact: bool) -> list[Reply]:
    if found is None:
        return [Say(case.words("mediation.stale"))]
    own = found if found.applicant.chat_id == case.chat_id else None
    number = own.number if own else ""
    text = case.words("mediation.applied" if may_contact else "mediation.applied_quiet", number=number)
    rows = mediation_letters.rows(case.words, found, ("tell", "more"))
    return [Say(text, rows, ticket_id=found.ticket_id)]


# --- later ------------------------------------------------------------------------------------------------------------
async def wanted(case: Case) -> Outcome[Any] | None:
    """ "申请调解", said about a dispute that is registered already; None where there is none."""
    found = await case.front.storage.read(mediation_opening.not_yet_applied, case.chat_id)
    if found is None:
        return None
    ticket_id, number, category = found
    kept = {"ticket": ticket_id, "number": number, "kind": category, "since": None, "who": None, "wish": None}
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step=ABOUT, answers=kept)
    told = mediation_letters.rights(case.words)
    asked = f"{told}\n{case.words('mediation.ask_about')}"
    return opened.then(lambda draft_id: [Say(asked, _leave(case, draft_id, 1), prompt_of=draft_id)])


async def from_offer(case: Case, ticket_id: int, action: str) -> Outcome[Any]:
    """A button under an offer that staff sent."""
    mine = await case.front.storage.read(rights.visible, ticket_id, chat_id=case.chat_id)
    known = await case.front.storage.read(cases.of_ticket, ticket_id)
    if mine is None or known is not None or action not in ("yes", "no"):
        return say(Say(case.words("mediation.stale")))
    if action == "no":
        return do(dispute_chain.decline, ticket_id).then(lambda _: [Say(case.words("mediation.no_noted"))])
    kept = {"ticket": ticket_id, "number": mine.number, "kind": mine.category, "since": None, "who": None, "wish": None}
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step=ABOUT, answers=kept)
    asked = case.words("mediation.ask_about")
    return opened.then(lambda draft_id: [Say(asked, _leave(case, draft_id, 1), prompt_of=draft_id)])


async def answers_offer(case: Case) -> Outcome[Any] | None:
    """A bare yes or no right after staff's offer answers it as its buttons do; None for any other words."""
    said = answer(case.text) if case.scene.draft is None else None
    ticket_id = await case.front.storage.read(dispute_chain.offered_by, case.chat_id) if said else None
    if ticket_id is None:
        return None
    return await from_offer(case, ticket_id, "yes" if said == "yes" else "no")
