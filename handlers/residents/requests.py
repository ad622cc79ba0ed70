"""Filling in: one sentence fills what it can, only what is missing is asked, whose matter it is said at once.

The form's rules are in ``knowledge.forms`` and ``knowledge.turns``; here they meet the resident. Every button carries
draft and revision, so an old or double press acts on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.outcome import Edit, Outcome, Reply, Say, both, do, say
from handlers.residents import emergencies, filing, joining, privacy
from handlers.residents.case import Case
from handlers.residents.prompts import INSIST, Prompts, open_question, prompt, without_buttons
from knowledge import forms
from knowledge.danger import Danger
from knowledge.forms import Answers, Settled
from knowledge.notice import Words
from knowledge.real_buildings import checked, is_unknown
from storage import drafts, filling, redirects
from storage.chats import Draft
from storage.filling import Stood


def begin(case: Case, *, route: str, category: str | None, text: str | None = None) -> Outcome[Any]:
    """Start a form with everything that has been said; hold it for consent where that is still unanswered."""
    said = case.text if text is None else text
    answers = forms.begin(said, route=route, category=category, told_at=case.incoming.received_at, blobs=case.blobs)
    answers["said_id"] = case.incoming.message_id
    if case.scene.channel == "phone":
        answers["brief"] = True
    now = forms.settle(checked(_with_known(case, answers), known_buildings(case)))
    held = case.scene.consent != "given" and forms.missing(now.answers) != "door"
    opened = do(
        filling.begin,
        chat_id=case.chat_id,
        form=route,
        answers=now.answers,
        held=held,
        message_id=case.incoming.message_id,
    )
    if now.danger:
        return both(opened, _alarm(case, now))
    said_at_once = _said(case, now.says)
    if _from_poster(case, answers, now.answers):
        said_at_once.append(case.words("start.poster_used", building=case.scene.poster))
    if held:
        first = [Say("\n".join(said_at_once))] if said_at_once else []
        return opened.then(lambda _: [*first, privacy.ask(case)])
    lead = [] if forms.missing(now.answers) == "door" else [case.words(f"form.begin_{route}")]
    return opened.then(lambda stood: [_asked(case, stood, 1, [*lead, *said_at_once])])


def _with_known(case: Case, answers: Answers) -> Answers:
    """The flat and telephone a resident gave before; a place said now goes first, another's flat is not theirs."""
    known: Answers = {}
    kind = forms.kind_of(answers)
    about_home = kind is not None and kind.id == "repair" and not forms.on_behalf(case.text)
    if about_home and not forms.has_place(answers) and case.scene.building:
        known = {"building": case.scene.building, "unit": case.scene.unit, "room": case.scene.room}
    elif about_home and not forms.has_place(answers) and case.scene.poster:
        known = {"building": case.scene.poster}
    if case.scene.phone and not answers.get("phone"):
        known["phone"] = case.scene.phone
    return answers | {key: value for key, value in known.items() if value}


def _from_poster(case: Case, said: Answers, begun: Answers) -> bool:
    """The building is only where the poster hangs: said so, and put right with one press in the summary."""
    only_there = not forms.has_place(said) and not case.scene.building
    return only_there and case.scene.poster is not None and begun.get("building") == case.scene.poster


def _said(case: Case, says: Sequence[Words]) -> list[str]:
    return [words.get(case.scene.language) for words in says]


def _asked(case: Case, stood: Stood, revision: int, lead: Sequence[str]) -> Say:
    return prompt(case, stood.draft_id, revision, stood.step, stood.answers, lead="\n".join(lead))


def resume(case: Case, draft: Draft) -> Outcome[Any]:
    """Consent was given, or the resident comes back: go on where it stood. By text it is the last thing asked."""
    if draft.answers.get("brief") and forms.missing(draft.answers) == "confirm":
        return submit(case, draft)
    step = forms.missing(draft.answers) if draft.state == "held" else draft.step
    return move(case, draft, draft.answers, step=step, lead=[case.words(f"form.begin_{draft.form}")])


def move(case: Case, draft: Draft, answers: Answers, *, step: str, lead: Sequence[str] = ()) -> Outcome[Any]:
    """Go to a step: the old prompt loses its buttons, the new one is asked; nothing when somebody moved it before."""
    held = draft.step == "door" and step != "door" and case.scene.consent != "given"
    moved = do(
        filling.move,
        chat_id=case.chat_id,
        draft_id=draft.id,
        revision=draft.revision,
        step=step,
        answers=answers,
        message_id=case.incoming.message_id,
        held=held,
    )

    def replies(stood: Stood | None) -> list[Reply]:
        if stood is None:
            return [Say(case.words("form.stale"))]
        if held:
            return [*without_buttons(draft), privacy.ask(case)]
        return [*without_buttons(draft), _asked(case, stood, draft.revision + 1, lead)]

    return moved.then(replies)


def go(
    case: Case, draft: Draft, answers: Answers, *, lead: Sequence[str] = (), step: str | None = None
) -> Outcome[Any]:
    """Take changed answers in: what follows from them is said, a danger goes before everything."""
    now = forms.settle(checked(answers, known_buildings(case)))
    if now.danger:
        return both(move(case, draft, now.answers, step="confirm").saying(*without_buttons(draft)), _alarm(case, now))
    following = forms.missing(now.answers)
    chosen = step if step is not None and following == "confirm" else following
    return move(case, draft, now.answers, step=chosen, lead=[*lead, *_said(case, now.says)])


def _alarm(case: Case, now: Settled) -> Outcome[Any]:
    """An answer tells of danger: the emergency's own words, with all that was said before it."""
    assert now.danger is not None
    told = f"{forms.where(now.answers)} {now.answers.get('description', '')}".strip()
    return emergencies.respond(case.about(told), Danger(now.danger, "form"))


def press(case: Case, draft: Draft, action: str) -> Outcome[Any]:
    """A button of the current prompt: ``submit``, ``cancel``, ``back``, ``skip``, ``edit:…``, ``c:…``, ``q:…:…`` …"""
    name, _, rest = action.partition(":")
    answers = draft.answers
    if name == "submit":
        return submit(case, draft)
    if name == "cancel":
        return cancel(case, draft)
    if name == "edit":
        return move(case, draft, answers, step=rest)
    if name == "c":
        return choose_category(case, draft, rest)
    if name == "q":
        key, _, value = rest.partition(":")
        return go(case, draft, forms.answered(answers, key, value))
    if name == "part":
        return go(case, draft, forms.add_words(answers, case.text), lead=[case.words("form.added")])
    if name == "b":
        return insist(case, draft) if rest == INSIST else go(case, draft, answers | {"building": rest})
    if name in ("secret", "open"):
        return go(case, draft, forms.keep_secret(answers, name == "secret"))
    if name == "options":
        return options(case, draft)
    if name == "more":
        question = open_question(answers)
        return move(case, draft, answers, step=f"q:{question.key}" if question else "confirm")
    if name in ("pass", "own"):
        return through(case, draft) if name == "pass" else own_way(case, draft)
    if name == "me":
        return joining.me_too(case, draft)
    if name == "mine":
        return move(case, draft, answers, step="confirm")
    return back(case, draft) if name == "back" else skip(case, draft)


def submit(case: Case, draft: Draft) -> Outcome[Any]:
    """File it, once nothing is missing and the building is one of ours, or they stand by it."""
    if forms.missing(checked(draft.answers, known_buildings(case))) != "confirm":
        return go(case, draft, draft.answers)
    return privacy.hold_sensitive(case, draft) or filing.file(case, draft)


def options(case: Case, draft: Draft) -> Outcome[Any]:
    """The summary's other buttons, under the summary itself."""
    if draft.prompt_id is None or draft.step != "confirm":
        return go(case, draft, draft.answers)
    rows = Prompts(case, draft.id, draft.revision, draft.answers).options()
    return say(Edit(draft.prompt_id, buttons=rows))


def choose_category(case: Case, draft: Draft, id: str) -> Outcome[Any]:
    """Another kind of matter: its own questions, its own door."""
    same = id == draft.answers.get("category")
    if same or forms.kind_of(draft.answers | {"category": id}) is None:
        return go(case, draft, draft.answers)
    changed: Answers = {"category": id, "heard": {}, "details": {}, "asked": [], "door": None}
    return go(case, draft, draft.answers | changed)


def insist(case: Case, draft: Draft) -> Outcome[Any]:
    """No building of ours, but they stand by it: it goes on, and staff read that nobody could check it."""
    building = draft.answers.get("building")
    return go(
        case, draft, draft.answers | {"insisted": building}, lead=[case.words("form.insisted", building=building)]
    )


def through(case: Case, draft: Draft) -> Outcome[Any]:
    """They know whose matter it is and want our help all the same: it is registered, and promised as just that."""
    noted = do(redirects.settle, int(draft.answers["door_id"]), chat_id=case.chat_id, outcome="passed")
    on = draft.answers | {"door": None, "through": draft.answers["door"]}
    return both(noted, go(case, draft, on, lead=[case.words("form.passing")]))


def own_way(case: Case, draft: Draft) -> Outcome[Any]:
    closed = do(
        filling.own_way,
        chat_id=case.chat_id,
        draft_id=draft.id,
        revision=draft.revision,
        redirect_id=int(draft.answers["door_id"]),
    )
    return closed.then(
        lambda done: [*without_buttons(draft), Say(case.words("form.own_way" if done else "form.stale"))]
    )


def skip(case: Case, draft: Draft) -> Outcome[Any]:
    """What was asked is left open; it is not asked again."""
    answers = draft.answers
    if draft.step == "building":
        return insist(case, draft)
    if draft.step.startswith("q:"):
        answers = forms.answered(answers, draft.step[2:], None)
    if draft.step == "for":
        answers = answers | {"for": answers.get("for")}
    return go(case, draft, answers)


def back(case: Case, draft: Draft) -> Outcome[Any]:
    """One step back: from a correction to the summary, from a question to the description."""
    step = forms.missing(draft.answers)
    if draft.step == step and step not in ("confirm", "description", "door"):
        step = "description"
    return move(case, draft, draft.answers, step=step)


def again(case: Case, draft: Draft, lead: str, *, whole: bool = False) -> Outcome[Any]:
    """Say what is wrong and ask the same once more; ``whole`` repeats the question's own words too."""
    asked = prompt(case, draft.id, draft.revision, draft.step, draft.answers, lead=lead)
    text = asked.text if whole else lead
    return say(*without_buttons(draft), Say(text, asked.buttons, prompt_of=draft.id))


def known_buildings(case: Case) -> list[str]:
    return [building.number for building in case.front.towns.buildings]


def unknown_building(case: Case, answers: Answers) -> str | None:
    """A building the estate does not have, in plain words; names that are no numbers are left to staff."""
    building, known = str(answers.get("building") or ""), known_buildings(case)
    if not is_unknown(building, known) or answers.get("insisted") == building:
        return None
    return case.words("form.no_such_building", first=known[0], last=known[-1], building=building)


def cancel(case: Case, draft: Draft) -> Outcome[Any]:
    closed = do(drafts.close, draft.id, revision=draft.revision, state="cancelled")
    return closed.then(lambda _: [*without_buttons(draft), Say(case.words("form.cancelled"))])
