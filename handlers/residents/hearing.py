"""Words typed while a form is open: an answer to its question, an order, a correction, a sigh, a question about itself.

Menus never hide free text: every step takes words, and whoever is confused or angry hears the same more simply.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.outcome import Button, Outcome, Reply, Say, both, do, say
from handlers.residents import everyday, joining, requests, taking_in
from handlers.residents.case import Case
from handlers.residents.prompts import prompt, question_of, without_buttons
from knowledge import corrections, forms
from knowledge.corrections import Mood
from knowledge.deadlines import Promises
from knowledge.everyday import Introduced, introduced
from knowledge.forms import Answers, Command
from knowledge.private_data import phone
from knowledge.real_buildings import checked, insists, renamed
from storage import office_time
from storage.chats import Draft

SHORT_ANSWER = 20
NOT_THEN = ("description", "for", "visit")
"""Steps at which a name or a place is an answer of its own."""
SAME = re.compile(r"我也是|也是(?:这|那)?个?|一样的?|同一[个件]|就是(?:这|那)[个件]|me too|same", re.I)
OTHER = re.compile(r"不是|不一样|另外|别的|不同|another|different|not the same", re.I)
PASS = re.compile(
    r"帮我?(?:转|问|交|报|弄|说|协调)|转达|登记|请社区|还是(?:要|报|帮)|麻烦你|pass it|register|please help", re.I
)
ONLY_A_NUMBER = re.compile(r"(?:我的?|打|联系|电话|手机|号码?|是|phone|tel|my|is|[:：,，.。\s\d+-])*", re.I)
OWN = re.compile(r"自己(?:去|打|找|办|问)|知道了|晓得了|明白了|懂了|不用了?|不必|谢|i will|myself|got it|thanks", re.I)


def is_answer(case: Case, draft: Draft) -> bool:
    """Plainly what was asked for: a place at the place, a choice's own words, a correction, an order, a sigh."""
    text, step = case.text, draft.step
    if step == "building" and (insists(draft.answers, text) or renamed(draft.answers, text)):
        return True
    if step == "place" and forms.has_place(forms.begin(text, route=draft.form, category=None, told_at=case.now)):
        return True
    if step in ("for", "visit") and len(text) <= SHORT_ANSWER:
        return True
    if step == "similar":
        return bool(SAME.search(text) or OTHER.search(text))
    if step == "door":
        return bool(PASS.search(text) or OWN.search(text))
    if corrections.correction(draft.answers, text) is not None or forms.says_only(text) or introduced(text):
        return True
    return _answers_question(case, draft)


def _answers_question(case: Case, draft: Draft) -> bool:
    """The open question of the matter's kind takes these words."""
    question = question_of(draft.answers, draft.step[2:]) if draft.step.startswith("q:") else None
    return question is not None and (not question.choices or forms.choice(question, case.text) is not None)


def told_along(case: Case, draft: Draft) -> Answers | None:
    """The answers with a place or a telephone that is the whole message; None where it is neither."""
    if number := phone(case.text):
        return {**draft.answers, "phone": number}
    met = introduced(case.text)
    if met is None or met.place is None:
        return None
    return checked(forms.at_place(draft.answers, met.place), requests.known_buildings(case))


def _introduced(case: Case, draft: Draft, met: Introduced) -> Outcome[Any]:
    """A name is kept and is no place; a place is where it is, at whichever step it is said; a flat needs its building."""
    kept = everyday.keep(case, replace(met, place=None))
    if met.place is None:
        return both(kept, requests.again(case, draft, case.words("everyday.called", name=met.name), whole=True))
    if draft.form == "dispute" and draft.step != "place" and forms.has_place(draft.answers):
        return both(kept, taking_in.add(case, draft))  # whose flat it is, the other side's perhaps
    answers = forms.at_place(draft.answers, met.place)
    asks = [case.words("everyday.which_building", room=forms.where(answers))] if not forms.has_place(answers) else []
    return both(kept, requests.go(case, draft, answers, lead=asks or [case.words("form.added")]))


def hear(case: Case, draft: Draft) -> Outcome[Any]:
    """What was typed at a step."""
    order = forms.command(case.text)
    if order in ("cancel", "back"):
        return requests.cancel(case, draft) if order == "cancel" else requests.back(case, draft)
    if (mood := corrections.mood(case.text)) and not is_answer(case, draft):
        return _explain(case, draft, mood)
    if draft.step == "building":
        stands_by_it = order == "skip" or insists(draft.answers, case.text)
        return requests.insist(case, draft) if stands_by_it else taking_in.accept(case, draft)
    if draft.step not in NOT_THEN and (met := introduced(case.text)) and not _answers_question(case, draft):
        return _introduced(case, draft, met)
    if draft.step != "description" and (right := corrections.correction(draft.answers, case.text)):
        return _correct(case, draft, right)
    if draft.step.startswith("q:") and ONLY_A_NUMBER.fullmatch(case.text) and (number := phone(case.text)):
        return requests.go(case, draft, {**draft.answers, "phone": number}, lead=[case.words("form.added")])
    return _at_step(case, draft, order)


def _at_step(case: Case, draft: Draft, order: Command | None) -> Outcome[Any]:
    step = draft.step
    if step == "confirm":
        if order == "skip":
            return requests.go(case, draft, draft.answers)
        return requests.submit(case, draft) if order == "confirm" else taking_in.add(case, draft)
    if step == "door":
        return _at_door(case, draft, order)
    if step == "similar":
        return _at_similar(case, draft, order)
    if step == "category":
        return _category(case, draft)
    if order == "skip" and (step in ("phone", "for", "visit") or not _means_no(case, draft)):
        return requests.skip(case, draft)
    return taking_in.accept(case, draft)


def _means_no(case: Case, draft: Draft) -> bool:
    """ "没有" answers a question that can be answered so; elsewhere it passes over it."""
    question = question_of(draft.answers, draft.step[2:])
    return draft.step == "place" or (question is not None and forms.choice(question, case.text) is not None)


def _at_door(case: Case, draft: Draft, order: Command | None) -> Outcome[Any]:
    if PASS.search(case.text) or order == "confirm":
        return requests.through(case, draft)
    if OWN.search(case.text) or order == "skip":
        return requests.own_way(case, draft)
    return taking_in.add(case, draft)


def _at_similar(case: Case, draft: Draft, order: Command | None) -> Outcome[Any]:
    if OTHER.search(case.text) or order == "skip":
        return requests.move(case, draft, draft.answers, step="confirm")
    if SAME.search(case.text) or order == "confirm":
        return joining.me_too(case, draft)
    return taking_in.add(case, draft)


def _category(case: Case, draft: Draft) -> Outcome[Any]:
    """The kind in the resident's own words: its name, the matcher's best label of the same route; else words are kept."""
    answers = forms.add_words(draft.answers, case.text, now=case.now) if len(case.text) > 6 else draft.answers
    named = forms.category_named(draft.form, case.text)
    same = [guess.label for guess in case.reading.guesses if guess.label.route == draft.form and guess.label.category]
    chosen = named or (same[0].category if same else None)
    return requests.go(case, draft, answers | {"category": chosen} if chosen else answers)


def _correct(case: Case, draft: Draft, right: dict[str, Any]) -> Outcome[Any]:
    """ "不是7栋是8栋", "电话改成…": the answer changes, nothing else is asked anew."""
    answers = draft.answers | right
    if problem := requests.unknown_building(case, answers):
        if not insists(answers, case.text):
            return requests.again(case, draft, problem)
        answers |= {"insisted": answers["building"]}
    return requests.go(case, draft, answers, lead=[case.words("form.corrected")])


def _explain(case: Case, draft: Draft, mood: Mood) -> Outcome[Any]:
    """Say it more simply, or answer what was asked about the form; its question and buttons stand below."""
    if mood == "how_long":
        category, urgency = draft.answers.get("category"), draft.answers.get("urgency", "P2")
        promised = do(office_time.promised, draft.form, category, urgency, case.now, draft.answers.get("building"))
        return promised.then(lambda found: _explained(case, draft, mood, _how_long(case, found)))
    return say(*_explained(case, draft, mood, _words_for(case, mood, draft.step)))


def _explained(case: Case, draft: Draft, mood: Mood, lead: str) -> list[Reply]:
    asked = prompt(case, draft.id, draft.revision, draft.step, draft.answers, lead=lead)
    text = lead if mood == "confused" and draft.step in ("place", "description", "category") else asked.text
    rows = asked.buttons
    if mood in ("confused", "angry"):
        rows = (*rows, (Button(case.words("menu.person"), "m:person"),))
    return [*without_buttons(draft), Say(text, rows, prompt_of=draft.id)]


def _how_long(case: Case, promised: Promises) -> str:
    contact, due = promised.first_contact.due_at, promised.close.due_at
    return case.words("form.how_long", contact=case.time(contact), due=case.time(due))


def _words_for(case: Case, mood: Mood, step: str) -> str:
    simple = f"form.simply_{step.partition(':')[0]}"
    if mood == "confused" and case.words.has(simple):
        return case.words(simple)
    return case.words(f"form.{mood}")
