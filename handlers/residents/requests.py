"""Filing: one sentence fills what it can, only what is missing is asked, a summary is confirmed, a number comes at once.

The form's rules are in ``knowledge.forms``; here they meet the resident: prompts, buttons, and the units that move a
draft. Every button carries draft and revision, so an old or double press acts on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from handlers.outcome import Button, Edit, Outcome, Reply, Rows, Say, do, say
from handlers.residents import privacy
from handlers.residents.case import Case
from knowledge import catalogue, forms
from knowledge.deadlines import promise
from knowledge.forms import Answers, Problem
from storage import drafts, tickets
from storage.chats import Draft
from storage.tickets import Filed, Request
from storage.transaction import Tx

LONGEST_SHOWN = 300
CHOICES_A_ROW = 2


def begin(case: Case, *, route: str, category: str | None, text: str | None = None) -> Outcome[Any]:
    """Start a form with everything that has been said; hold it for consent where that is still unanswered."""
    said = case.text if text is None else text
    answers = forms.begin(said, route=route, category=category, told_at=case.incoming.received_at, blobs=case.blobs)
    answers = _with_known(case, answers)
    held = case.scene.consent != "given"
    opened = do(
        drafts.open_draft, chat_id=case.chat_id, form=route, step=forms.missing(answers), answers=answers, held=held
    )
    if held:
        return opened.then(lambda _: [privacy.ask(case)])
    lead = case.words(f"form.begin_{route}")
    return opened.then(lambda draft_id: [prompt(case, draft_id, 1, forms.missing(answers), answers, lead=lead)])


def _with_known(case: Case, answers: Answers) -> Answers:
    """The flat and telephone a resident gave before; a place said now goes first."""
    known: Answers = {}
    kind = catalogue.category(answers["route"], answers.get("category"))
    if kind is not None and kind.id == "repair" and not forms.has_place(answers) and case.scene.building:
        known = {"building": case.scene.building, "unit": case.scene.unit, "room": case.scene.room}
    if case.scene.phone and not answers.get("phone"):
        known["phone"] = case.scene.phone
    return answers | {key: value for key, value in known.items() if value}


def resume(case: Case, draft: Draft) -> Outcome[Any]:
    """Consent was given, or the resident comes back: go on where it stood."""
    step = forms.missing(draft.answers) if draft.state == "held" else draft.step
    return _move(case, draft, draft.answers, step=step, lead=case.words(f"form.begin_{draft.form}"))


def prompt(case: Case, draft_id: int, revision: int, step: str, answers: Answers, *, lead: str = "") -> Say:
    """What is asked at a step, with its buttons."""
    ask = _Prompts(case, draft_id, revision, answers)
    text, rows = ask.at(step)
    return Say(f"{lead}\n{text}".strip(), rows, prompt_of=draft_id)


class _Prompts:
    """The words and buttons of each step."""

    def __init__(self, case: Case, draft_id: int, revision: int, answers: Answers) -> None:
        self._case, self._words, self._answers = case, case.words, answers
        self._mark = f"d:{draft_id}:{revision}"

    def at(self, step: str) -> tuple[str, Rows]:
        if step == "confirm":
            return self._summary(), self._summary_buttons()
        if step == "category":
            return self._words("form.ask_category"), (*self._categories(), self._leave())
        if step.startswith("q:"):
            return self._question(step[2:])
        skip = [self._button("form.skip", "skip")] if step == "phone" else []
        return self._words(f"form.ask_{step}"), (*([skip] if skip else []), self._leave())

    def _button(self, key: str, action: str) -> Button:
        return Button(self._words(key), f"{self._mark}:{action}")

    def _leave(self) -> Sequence[Button]:
        return (self._button("form.back", "back"), self._button("form.cancel", "cancel"))

    def _categories(self) -> Rows:
        kinds = list(catalogue.shipped(self._answers["route"]).values())
        language = self._case.scene.language
        buttons = [Button(kind.name.get(language), f"{self._mark}:c:{kind.id}") for kind in kinds]
        return [buttons[at : at + CHOICES_A_ROW] for at in range(0, len(buttons), CHOICES_A_ROW)]

    def _question(self, key: str) -> tuple[str, Rows]:
        kind = catalogue.category(self._answers["route"], self._answers.get("category"))
        question = next(q for q in (kind.questions if kind else ()) if q.key == key)
        language = self._case.scene.language
        rows = [[Button(c.label.get(language), f"{self._mark}:q:{key}:{c.value}")] for c in question.choices]
        return question.prompt.get(language), (*rows, self._leave())

    def _summary(self) -> str:
        answers, words, language = self._answers, self._words, self._case.scene.language
        kind = catalogue.category(answers["route"], answers.get("category"))
        described = str(answers.get("description", ""))
        return words(
            "form.summary",
            category=kind.name.get(language) if kind else words(f"route.{answers['route']}"),
            place=forms.where(answers, language) or words("form.no_place"),
            description=described if len(described) <= LONGEST_SHOWN else described[:LONGEST_SHOWN] + "…",
            phone=answers.get("phone") or words("form.none"),
            details=self._details(),
            photos=words("form.photos", count=len(answers["blobs"])) if answers.get("blobs") else "",
        )

    def _details(self) -> str:
        kind = catalogue.category(self._answers["route"], self._answers.get("category"))
        given, language = self._answers.get("details") or {}, self._case.scene.language
        lines = []
        for question in kind.questions if kind else ():
            value = given.get(question.key)
            label = next((c.label.get(language) for c in question.choices if c.value == value), value)
            lines += [f"\n{question.prompt.get(language)} {label}"] if value else []
        return "".join(lines)

    def _summary_buttons(self) -> Rows:
        edits = [
            self._button("form.edit_place", "edit:place"),
            self._button("form.edit_description", "edit:description"),
        ]
        more = [self._button("form.edit_phone", "edit:phone")]
        if self._answers["route"] in ("service_request", "dispute"):
            more.insert(0, self._button("form.edit_category", "edit:category"))
        return ([self._button("form.submit", "submit")], edits, more, [self._button("form.cancel", "cancel")])


def _move(case: Case, draft: Draft, answers: Answers, *, step: str, lead: str = "") -> Outcome[Any]:
    """Go to a step: the old prompt loses its buttons, the new one is asked; nothing when somebody moved it before."""
    moved = do(drafts.advance, draft.id, revision=draft.revision, step=step, answers=answers)

    def replies(done: bool) -> list[Reply]:
        if not done:
            return [Say(case.words("form.stale"))]
        asked = prompt(case, draft.id, draft.revision + 1, step, answers, lead=lead)
        return [*_without_buttons(draft), asked]

    return moved.then(replies)


def _without_buttons(draft: Draft) -> list[Reply]:
    return [Edit(draft.prompt_id)] if draft.prompt_id else []


def press(case: Case, draft: Draft, action: str) -> Outcome[Any]:
    """A button of the current prompt: ``submit``, ``cancel``, ``back``, ``skip``, ``edit:…``, ``c:…``, ``q:…:…``."""
    name, _, rest = action.partition(":")
    if name == "submit":
        return submit(case, draft)
    if name == "cancel":
        return cancel(case, draft)
    if name == "edit":
        return _move(case, draft, draft.answers, step=rest)
    if name == "c":
        return _next(case, draft, draft.answers | {"category": rest})
    if name == "q":
        key, _, value = rest.partition(":")
        return _next(case, draft, forms.with_detail(draft.answers, key, value))
    if name == "part":
        return _next(case, draft, forms.add_words(draft.answers, case.text), lead=case.words("form.added"))
    return back(case, draft) if name == "back" else _next(case, draft, draft.answers)


def back(case: Case, draft: Draft) -> Outcome[Any]:
    """One step back: from a correction to the summary, from a question to the description."""
    step = forms.missing(draft.answers)
    if draft.step == step and step not in ("confirm", "description"):
        step = "description"
    return _move(case, draft, draft.answers, step=step)


def _next(case: Case, draft: Draft, answers: Answers, *, lead: str = "") -> Outcome[Any]:
    return _move(case, draft, answers, step=forms.missing(answers), lead=lead)


def hear(case: Case, draft: Draft) -> Outcome[Any]:
    """Words typed at a step, as its answer."""
    order = forms.command(case.text)
    if order == "cancel":
        return cancel(case, draft)
    if order == "back":
        return back(case, draft)
    if draft.step == "confirm":
        return submit(case, draft) if order == "confirm" else add(case, draft)
    if order == "skip" and draft.step == "phone":
        return _next(case, draft, draft.answers)
    if draft.step == "category":
        return _hear_category(case, draft)
    taken = forms.accept(draft.answers, draft.step, case.text)
    if isinstance(taken, Problem):
        return _again(case, draft, case.words(taken.key))
    if problem := _unknown_building(case, taken):
        return _again(case, draft, problem)
    return _next(case, draft, taken)


def _hear_category(case: Case, draft: Draft) -> Outcome[Any]:
    """The kind in the resident's own words: the matcher's best label of the same route; else the words are kept."""
    same = [guess.label for guess in case.reading.guesses if guess.label.route == draft.form and guess.label.category]
    answers = forms.add_words(draft.answers, case.text) if len(case.text) > 6 else draft.answers
    return _next(case, draft, answers | {"category": same[0].category} if same else answers)


def add(case: Case, draft: Draft) -> Outcome[Any]:
    """More about the matter, at the summary."""
    answers = forms.add_words(draft.answers, case.text)
    if problem := _unknown_building(case, answers):
        return _again(case, draft, problem)
    return _move(case, draft, answers, step="confirm", lead=case.words("form.added"))


def attach(case: Case, draft: Draft, *, album: str | None = None) -> Outcome[Any]:
    """A photo, a voice message or a file belongs to what is being filed; ``album``: further pictures follow it."""
    answers: Answers = draft.answers | {"blobs": [*draft.answers.get("blobs", []), *case.blobs], "album": album}
    if case.text and draft.step == "description":
        answers |= forms.begin(
            case.text, route=draft.form, category=answers.get("category"), told_at=_told(answers)
        ) | {"blobs": answers["blobs"]}
    step = forms.missing(answers) if draft.step in ("confirm", "description") else draft.step
    return _move(case, draft, answers, step=step, lead=case.words("form.photo_added", count=len(answers["blobs"])))


def replace_words(case: Case, draft: Draft) -> Outcome[Any]:
    """The resident edited what they had said: the form reads it anew and keeps the rest."""
    fresh = forms.begin(
        case.text, route=draft.form, category=draft.answers.get("category"), told_at=_told(draft.answers)
    )
    kept = {key: value for key, value in draft.answers.items() if key not in ("description", *forms.PLACE_PARTS)}
    return _next(case, draft, fresh | kept, lead=case.words("odd.edited"))


def _again(case: Case, draft: Draft, problem: str) -> Outcome[Any]:
    """Say what is wrong and ask the same once more."""
    rows = prompt(case, draft.id, draft.revision, draft.step, draft.answers).buttons
    return say(*_without_buttons(draft), Say(problem, rows, prompt_of=draft.id))


def _unknown_building(case: Case, answers: Answers) -> str | None:
    """A building the estate does not have, in plain words; names that are no numbers are left to staff."""
    building = str(answers.get("building") or "")
    known = [b.number for b in case.front.profile.buildings]
    if not building.isdigit() or building in known or not known:
        return None
    return case.words("form.no_such_building", first=known[0], last=known[-1], building=building)


def cancel(case: Case, draft: Draft) -> Outcome[Any]:
    closed = do(drafts.close, draft.id, revision=draft.revision, state="cancelled")
    return closed.then(lambda _: [*_without_buttons(draft), Say(case.words("form.cancelled"))])


def submit(case: Case, draft: Draft) -> Outcome[Any]:
    """File it. Pressed twice, or late, it is filed once and the number said again."""
    answers = draft.answers
    if (problem := _unknown_building(case, answers)) is not None:
        return _again(case, draft, problem)
    if forms.missing(answers) != "confirm":
        return _next(case, draft, answers)
    told_at = _told(answers)
    filed = do(
        _file,
        chat_id=case.chat_id,
        draft=draft,
        request=_request(answers),
        told_at=told_at,
        message_id=case.incoming.message_id,
        office=case.front.office,
    )
    return filed.then(lambda found: _filed_words(case, draft, found))


def _file(
    tx: Tx, *, chat_id: int, draft: Draft, request: Request, told_at: datetime, message_id: int | None, office: Any
) -> Filed | str | None:
    promises = promise(request.category, request.urgency, told_at, office=office)
    filed = tickets.file(
        tx,
        chat_id=chat_id,
        request=request,
        opened_at=told_at,
        promises=promises,
        draft_id=draft.id,
        draft_revision=draft.revision,
        message_id=message_id,
    )
    return filed or tickets.number_of_draft(tx, draft.id, chat_id=chat_id)


def _told(answers: Answers) -> datetime:
    return datetime.fromisoformat(answers["told_at"])


def _request(answers: Answers) -> Request:
    kind = catalogue.category(answers["route"], answers.get("category"))
    return Request(
        route=answers["route"],
        category=answers.get("category"),
        title=forms.title(answers),
        description=answers["description"],
        building=answers.get("building"),
        unit=answers.get("unit"),
        floor=answers.get("floor"),
        room=answers.get("room"),
        place_note=answers.get("place_note"),
        phone=answers.get("phone"),
        details=answers.get("details"),
        urgency=answers.get("urgency", "P2"),
        confidential=bool(kind and kind.sensitive) or bool(answers.get("confidential")),
        blobs=answers.get("blobs", ()),
    )


def _filed_words(case: Case, draft: Draft, filed: Filed | str | None) -> list[Reply]:
    if filed is None:
        return [Say(case.words("form.stale"))]
    if isinstance(filed, str):
        return [Say(case.words("ticket.already", number=filed))]
    text = case.words(
        "ticket.filed",
        number=filed.number,
        code=filed.claim_code,
        contact=case.time(filed.first_contact_due),
        due=case.time(filed.due_at),
    )
    if draft.answers.get("urgency") in ("P0", "P1"):
        extra = [case.words("ticket.urgent")]
        extra += [case.words("ticket.repair_first")] if draft.answers.get("category") == "repair" else []
        text = "\n".join((text, *extra))
    rows = (
        (
            Button(case.words("ticket.show"), f"t:{filed.id}:show"),
            Button(case.words("ticket.add"), f"t:{filed.id}:add"),
        ),
    )
    return [*_without_buttons(draft), Say(text, rows, ticket_id=filed.id)]
