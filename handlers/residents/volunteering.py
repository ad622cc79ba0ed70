"""Signing up as a volunteer: one sentence, one summary, one press. Whatever is said on the way changes the summary.

Nothing but the form's own confirmation registers anybody: consent is given with it, the risks stand above it (VO-04), and a
minor is on the list only once a guardian has said yes (VO-05).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, do, say
from handlers.residents import volunteer_mine
from handlers.residents.case import Case
from handlers.residents.volunteer_prompts import CHOICES, PREFIX, prompt, without_buttons
from knowledge import catalogue, forms, sign_up, volunteer_words
from knowledge.forms import Answers
from knowledge.privacy import privacy_notice
from knowledge.private_data import phone, without_secrets
from knowledge.volunteers import Volunteer
from storage import drafts, residents, volunteers
from storage.chats import Draft
from storage.transaction import Tx
from storage.volunteer_claims import Opened
from storage.volunteers import Offer

FORM = "volunteering"
LONGEST_WORDS = 300
ASKS = re.compile(r"[?？]|吗$|么$|不嘛?$|多少|什么|怎么|啥子|\b(?:how|what|when|where|who)\b", re.I)


@dataclass(frozen=True, slots=True)
class Registered:
    """``code`` is for a guardian; ``claimed`` what became of hours that were asked for in the same breath."""

    volunteer: Volunteer
    code: str | None
    claimed: Opened | None


async def begin(case: Case, *, category: str | None = None, then: Button | None = None) -> Outcome[Any]:
    """Start with everything that was said; who is registered already sees that, or what would change. ``then`` is what
    they were about to do, and is offered once they are registered."""
    known = await case.front.storage.read(volunteers.of_chat, case.chat_id)
    if known is not None and known.state != "left":
        if not _says_more(case, category):
            return await volunteer_mine.see(case, lead=case.words("volunteer.already"))
        return _open(case, _answers(case, category, of(known)), then)
    return _open(case, _answers(case, category, {}), then)


def _says_more(case: Case, category: str | None) -> bool:
    heard = sign_up.hear(case.text, category=category)
    return bool(heard.categories or heard.times or heard.phone or heard.reach is not None)


def of(known: Volunteer) -> Answers:
    """A record as the answers it would give."""
    names = ("number", "categories", "skills", "reach", "phone", "age", "building", "guardian_name", "guardian_phone")
    found = {name: getattr(known, name) for name in names}
    listed: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
    return listed | {"times": [window.kept() for window in known.times]}


def _answers(case: Case, category: str | None, known: Answers) -> Answers:
    scene = case.scene
    base: Answers = {"phone": scene.phone, "building": scene.building, "name": scene.name} | known
    answers = sign_up.with_words(base, case.text, category=category)
    answers["words"] = without_secrets(case.text)[:LONGEST_WORDS]
    if (claimed := volunteer_words.claim(case.text, case.now)) and claimed.minutes and claimed.start and claimed.end:
        span = {"start": claimed.start.isoformat(), "end": claimed.end.isoformat()}
        answers["claim"] = {"words": claimed.words, "minutes": claimed.minutes} | span
    return _without_strange_buildings(case, answers)


def _without_strange_buildings(case: Case, answers: Answers) -> Answers:
    """Buildings the estate does not have are not kept."""
    ours = {building.number for building in case.front.towns.buildings}
    kept = [number for number in answers.get("reach") or () if number in ours or not ours]
    home = answers.get("building")
    return answers | {"reach": kept, "building": home if home in ours or not ours else None}


def _open(case: Case, answers: Answers, then: Button | None) -> Outcome[Any]:
    if then is not None:
        answers = answers | {"then": {"text": then.text, "data": then.data}}
    opened = do(drafts.open_draft, chat_id=case.chat_id, form=FORM, step="confirm", answers=answers)
    return opened.then(lambda id: [prompt(case, id, 1, "confirm", answers, lead=_paid(case, answers))])


def _paid(case: Case, answers: Answers) -> str:
    """Whoever asks what is paid hears it at once (VO-01)."""
    stopper = catalogue.volunteering((answers.get("categories") or ["environment"])[0]).stopper("paid")
    paid = stopper is not None and stopper.words is not None and stopper.words.search(case.text)
    return stopper.says.get(case.scene.language) if stopper and paid else ""


# --- words ------------------------------------------------------------------------------------------------------------
def hear(case: Case, draft: Draft) -> Outcome[Any] | None:
    """What was typed while the sign-up is open; None when it plainly is something else."""
    order, step = forms.command(case.text), draft.step
    if order == "cancel":
        return cancel(case, draft)
    if order == "back":
        return move(case, draft, draft.answers)
    if order == "confirm" or sign_up.confirms(case.text):
        return register(case, draft)
    if step == "phone":
        number = phone(case.text)
        if number or order == "skip":
            return move(case, draft, draft.answers | {"phone": number})
    heard = sign_up.hear(case.text)
    if step == "times" and not heard.times and not _elsewhere(case):
        return _again(case, draft)
    if not (heard.categories or heard.times or heard.phone or heard.age or heard.reach is not None or heard.skills):
        return _paid_only(case, draft) or (None if _elsewhere(case) else _again(case, draft))
    if _elsewhere(case) and ASKS.search(case.text):
        return None
    taken = _without_strange_buildings(case, sign_up.with_words(draft.answers, case.text))
    return move(case, draft, taken, lead=case.words("volunteer.noted"))


def _paid_only(case: Case, draft: Draft) -> Outcome[Any] | None:
    told = _paid(case, draft.answers)
    return move(case, draft, draft.answers, lead=told) if told else None


def _elsewhere(case: Case) -> bool:
    """Surely understood as something that is no sign-up."""
    best = case.reading.guesses[0].label.route if case.reading.guesses else ""
    return case.reading.sure and best not in ("volunteer", "activity")


def _again(case: Case, draft: Draft) -> Outcome[Any]:
    lead = case.words("volunteer.say_it")
    return say(*without_buttons(draft), prompt(case, draft.id, draft.revision, draft.step, draft.answers, lead=lead))


def remind(case: Case, draft: Draft) -> Outcome[Any]:
    """The sign-up is still there; whoever began something else meanwhile has put it away."""
    if case.reading.guesses and case.reading.guesses[0].label.route in forms.FORMS:
        return say()
    row = [Button(case.words("form.resume"), f"{PREFIX}:{draft.id}:{draft.revision}:back")]
    return say(Say(case.words("volunteer.still_open"), [row]))


# --- presses ----------------------------------------------------------------------------------------------------------
def press(case: Case, draft: Draft, action: str, rest: list[str]) -> Outcome[Any]:
    """A button of the current prompt."""
    answers = draft.answers
    if action == "register":
        return register(case, draft)
    if action == "cancel":
        return cancel(case, draft)
    if action == "edit":
        return move(case, draft, answers, step={"times": "times", "phone": "phone", "age": "age"}[rest[0]])
    if action == "times":
        return move(case, draft, answers | {"times": [CHOICES[rest[0]]]})
    if action == "no_phone":
        return move(case, draft, answers | {"phone": None})
    if action == "age":
        return move(case, draft, answers | {"age": {"under18": "under18", "under14": "under14"}[rest[0]]})
    return move(case, draft, answers)


def move(case: Case, draft: Draft, answers: Answers, *, step: str = "confirm", lead: str = "") -> Outcome[Any]:
    moved = do(drafts.advance, draft.id, revision=draft.revision, step=step, answers=answers)
    return moved.then(
        lambda done: [
            *without_buttons(draft),
            prompt(case, draft.id, draft.revision + 1, step, answers, lead=lead)
            if done
            else Say(case.words("form.stale")),
        ]
    )


def cancel(case: Case, draft: Draft) -> Outcome[Any]:
    closed = do(drafts.close, draft.id, revision=draft.revision, state="cancelled")
    return closed.then(lambda _: [*without_buttons(draft), Say(case.words("volunteer.not_registered"))])


# --- registering ------------------------------------------------------------------------------------------------------
def register(case: Case, draft: Draft) -> Outcome[Any]:
    """On the register, once; pressed twice it says so."""
    registered = do(_register, case, draft)
    return registered.then(lambda done: [*without_buttons(draft), *_registered(case, draft, done)])


def _register(tx: Tx, case: Case, draft: Draft) -> Registered | None:
    if not drafts.close(tx, draft.id, revision=draft.revision, state="filed"):
        return None
    version = privacy_notice().version
    if case.scene.consent != "given":
        residents.consent(tx, chat_id=case.chat_id, version=version, answer="given")
    volunteer = volunteers.sign_up(tx, chat_id=case.chat_id, offer=_offer(draft.answers), consent_version=version)
    tx.wake("desk")
    code = volunteers.make_guardian_code(tx, volunteer.id) if volunteer.waits_for_guardian else None
    return Registered(volunteer, code, _claim(tx, case, volunteer, draft.answers.get("claim")))


def _offer(answers: Answers) -> Offer:
    """Nobody who did not say that they are younger registers as such: the button says 18."""
    listed = {name: tuple(answers.get(name) or ()) for name in ("categories", "times", "reach")}
    names = ("building", "name", "phone", "guardian_name", "guardian_phone")
    plain: dict[str, Any] = {name: answers.get(name) for name in names}
    skills = str(answers.get("skills") or "")
    if answers.get("with_child"):
        skills = "；".join(filter(None, (skills, "和孩子一起来 / comes with a child")))
    age, words = answers.get("age") or "adult", str(answers.get("words") or "")
    return Offer(**listed | plain, skills=skills, age=age, words=words)


def _claim(tx: Tx, case: Case, volunteer: Volunteer, asked: dict[str, Any] | None) -> Opened | None:
    if not asked:
        return None
    return volunteer_mine.open_claim(tx, case.chat_id, volunteer.id, asked, despite=True)


def _registered(case: Case, draft: Draft, done: Registered | None) -> list[Reply]:
    words = case.words
    if done is None:
        return [Say(words("volunteer.registered_before"), _after(case, draft))]
    key = "changed" if draft.answers.get("number") else "registered"
    lines = [words(f"volunteer.{key}", number=done.volunteer.number)]
    if done.code is not None:
        lines = [words("volunteer.registered_minor", number=done.volunteer.number, code=done.code)]
    if done.claimed is not None:
        lines.append(words("volunteer.claim_too"))
    return [Say("\n".join(lines), () if done.code else _after(case, draft))]


def _after(case: Case, draft: Draft) -> list[list[Button]]:
    """What they were about to do goes first."""
    then = draft.answers.get("then")
    first = [[Button(then["text"], then["data"])]] if then else []
    mine = Button(case.words("volunteer.mine"), f"{PREFIX}:0:0:mine")
    return [*first, [mine, Button(case.words("volunteer.what_is_on"), "oc:0:list")]]
