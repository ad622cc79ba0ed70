"""What a form asks at each step, with its buttons, and the summary that is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from handlers import ticket_words
from handlers.outcome import Button, Edit, Reply, Rows, Say
from handlers.residents.case import Case
from knowledge import catalogue, forms
from knowledge.catalogue import Question
from knowledge.emergencies import EmergencyLine, lines
from knowledge.forms import Answers
from storage.chats import Draft

LONGEST_SHOWN = 300
A_DAY = timedelta(days=1)
CHOICES_A_ROW = 2
INSIST = "!"
"""In a button: the building that was said, though none is called so."""
SHORT = 7
"""So many characters fit on half a row of a small phone."""


def prompt(case: Case, draft_id: int, revision: int, step: str, answers: Answers, *, lead: str = "") -> Say:
    """What is asked at a step, with its buttons."""
    text, rows = Prompts(case, draft_id, revision, answers).at(step)
    return Say(f"{lead}\n{text}".strip(), rows, prompt_of=draft_id)


def without_buttons(draft: Draft) -> list[Reply]:
    """The step before can be pressed no more."""
    return [Edit(draft.prompt_id)] if draft.prompt_id else []


class Prompts:
    """The words and buttons of each step."""

    def __init__(self, case: Case, draft_id: int, revision: int, answers: Answers) -> None:
        self._case, self._words, self._answers = case, case.words, answers
        self._language = case.scene.language
        self._mark = f"d:{draft_id}:{revision}"

    def at(self, step: str) -> tuple[str, Rows]:
        if step == "confirm" and self._answers.get("brief"):
            return self._in_brief()
        if step == "confirm":
            return summary(self._case, self._answers), self._summary_buttons()
        if step == "category":
            return self._words("form.ask_category"), (*self._categories(), self._leave())
        if step == "door":
            return self._door(), self._door_buttons()
        if step == "similar":
            return self._similar(), self._similar_buttons()
        if step.startswith("q:"):
            return self._question(step[2:])
        if step == "building":
            return self._words("form.ask_building", building=self._answers["building"]), self._buildings()
        skip = [self._button("form.skip_it" if step != "phone" else "form.skip", "skip")]
        optional = step in ("phone", "for", "visit")
        key = "form.ask_place_of" if step == "place" and self._answers.get("for") else f"form.ask_{step}"
        asked = self._words(key, who=self._answers["for"]) if key == "form.ask_place_of" else self._words(key)
        return asked, (*([skip] if optional else []), self._leave())

    def _button(self, key: str, action: str) -> Button:
        return Button(self._words(key), f"{self._mark}:{action}")

    def _leave(self) -> Sequence[Button]:
        return (self._button("form.back", "back"), self._button("form.cancel", "cancel"))

    def _categories(self) -> Rows:
        kinds = catalogue.shipped(self._answers["route"]).values()
        return in_rows([Button(kind.name.get(self._language), f"{self._mark}:c:{kind.id}") for kind in kinds])

    def _buildings(self) -> Rows:
        """The real ones that may be meant, and the one that was said."""
        said = str(self._answers["building"])
        near = [self._named(name) for name in self._answers.get("near", ())]
        stays = Button(self._words("form.insist", building=said), f"{self._mark}:b:{INSIST}")
        return (*in_rows(near), [stays], self._leave())

    def _named(self, building: str) -> Button:
        return Button(self._words("form.building", building=building), f"{self._mark}:b:{building}")

    # -- questions -----------------------------------------------------------------------------------------------
    def _question(self, key: str) -> tuple[str, Rows]:
        question = question_of(self._answers, key)
        if question is None:
            return self._words("form.ask_description"), (self._leave(),)
        choices = [
            Button(capital(one.label.get(self._language)), f"{self._mark}:q:{key}:{one.value}")
            for one in question.choices
        ]
        short = all(len(choice.text) <= SHORT for choice in choices)
        rows = in_rows(choices) if short else [[choice] for choice in choices]
        skip = (self._button("form.skip_it", "skip"), self._button("form.cancel", "cancel"))
        return question.prompt.get(self._language), (*rows, skip)

    # -- another door (WO-06, WO-09) -----------------------------------------------------------------------------
    def _door(self) -> str:
        kind, reason = forms.kind_of(self._answers), str(self._answers.get("door"))
        if kind is None:
            return self._words("form.door_ask")
        stopper = kind.stopper(reason)
        door = (stopper.says if stopper else kind.door) or kind.name
        numbers = [self._line(line) for line in map(lines().__getitem__, kind.lines) if line.verified]
        ask = self._words("form.door_ask_anyway" if stopper else "form.door_ask")
        return "\n".join([door.get(self._language), *numbers, ask])

    def _line(self, line: EmergencyLine) -> str:
        """A number, what it is for, its hours and the day it was checked (EM-01)."""
        return self._words(
            "form.line",
            number=line.number,
            what=line.what_for.get(self._language),
            hours=line.hours.get(self._language),
            checked=line.checked_on.isoformat(),
        )

    def _door_buttons(self) -> Rows:
        duty = self._answers.get("door") == "duty"
        through = self._button("form.door_pass" if duty else "form.door_anyway", "pass")
        return ([through], [self._button("form.door_own", "own")])

    def _in_brief(self) -> tuple[str, Rows]:
        """For a text message: what and where, yes or no."""
        title, where = forms.title(self._answers), forms.where(self._answers, self._language)
        known = {"title": f"{where} {title}" if where and where not in title else title}
        text = self._words("text.confirm", **known)
        return text, ([self._button("text.submit", "submit")], [self._button("text.not_now", "cancel")])

    # -- somebody reported it already ----------------------------------------------------------------------------
    def _similar(self) -> str:
        found = self._answers["similar"]
        return self._words("similar.found", **public_words(self._case, found))

    def _similar_buttons(self) -> Rows:
        return ([self._button("similar.me_too", "me")], [self._button("similar.another", "mine")])

    # -- the summary ---------------------------------------------------------------------------------------------
    def _summary_buttons(self) -> Rows:
        """What most need; the rest stands behind "more", so that the summary itself stays in sight."""
        return (
            [self._button("form.submit", "submit")],
            [self._button("form.edit_place", "edit:place"), self._button("form.edit_description", "edit:description")],
            [self._secrecy(), self._button("form.options", "options")],
            [self._button("form.cancel", "cancel")],
        )

    def options(self) -> Rows:
        """Everything that can be done on the summary."""
        submit, edits, _, cancel = self._summary_buttons()
        more = [self._button("form.edit_phone", "edit:phone")]
        if self._answers["route"] in ("service_request", "dispute"):
            more.insert(0, self._button("form.edit_category", "edit:category"))
        if self._answers["route"] == "service_request":
            more.append(self._button("form.edit_for", "edit:for"))
            more.append(self._button("form.edit_visit", "edit:visit"))
        if open_question(self._answers) is not None:
            more.append(self._button("form.more", "more"))
        return (submit, *in_rows([*edits, self._secrecy(), *more]), cancel)

    def _secrecy(self) -> Button:
        secret = "open" if self._answers.get("confidential") else "secret"
        return self._button(f"form.{secret}", secret)


def in_rows(buttons: Sequence[Button]) -> list[Sequence[Button]]:
    return [buttons[at : at + CHOICES_A_ROW] for at in range(0, len(buttons), CHOICES_A_ROW)]


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def question_of(answers: Answers, key: str) -> Question | None:
    kind = forms.kind_of(answers)
    return kind.question(key) if kind else None


def open_question(answers: Answers) -> Question | None:
    """The next of the category's questions that nobody has answered or passed over."""
    kind, have = forms.kind_of(answers), forms.known(answers)
    passed = answers.get("asked") or []
    left = (one for one in (kind.questions if kind else ()) if one.key not in have and one.key not in passed)
    return next((one for one in left if one.after is None or have.get(one.after[0]) == one.after[1]), None)


def summary(case: Case, answers: Answers) -> str:
    words, language = case.words, case.scene.language
    kind = forms.kind_of(answers)
    described = str(answers.get("description", ""))
    return words(
        "form.summary",
        category=kind.name.get(language) if kind else words(f"route.{answers['route']}"),
        place=forms.where(answers, language) or words("form.no_place"),
        description=described if len(described) <= LONGEST_SHOWN else described[:LONGEST_SHOWN] + "…",
        phone=answers.get("phone") or words("form.none"),
        details="".join((*_circumstances(case, answers), *_details(case, answers))),
        photos="\n" + words("form.photos", count=len(answers["blobs"])) if answers.get("blobs") else "",
    )


def _circumstances(case: Case, answers: Answers) -> list[str]:
    words, found = case.words, []
    if answers.get("for"):
        found.append(words("form.for_whom", who=answers["for"]))
    if answers.get("visit"):
        found.append(words("form.visit", time=visit_words(case, answers["visit"])))
    if answers.get("anonymous"):
        found.append(words("form.is_anonymous"))
    elif answers.get("confidential"):
        found.append(words("form.is_confidential"))
    found += [words(f"form.{wish}") for wish in ("no_reply", "no_call_back") if answers.get(wish)]
    if answers.get("urgency") in ("P0", "P1"):
        found.append(words("form.is_urgent"))
    return ["\n" + line for line in found]


def visit_words(case: Case, visit: dict[str, Any]) -> str:
    """ "明天下午（11月24日周二 14:00–18:00）": as it was said, and as we understood it."""
    if not visit.get("from"):
        return str(visit["words"])
    start, end = datetime.fromisoformat(visit["from"]), datetime.fromisoformat(visit["until"])
    if end - start >= A_DAY:
        return case.words("form.visit_day", words=visit["words"], day=case.time(start).rsplit(" ", 1)[0])
    return case.words("form.visit_time", words=visit["words"], start=case.time(start), end=end.strftime("%H:%M"))


def _details(case: Case, answers: Answers) -> list[str]:
    """The questions that were answered, by press or by the words themselves."""
    kind, have, language = forms.kind_of(answers), forms.known(answers), case.scene.language
    lines = []
    for question in kind.questions if kind else ():
        value = have.get(question.key)
        if value is None or question.key == "confidential" or value == "unknown":
            continue
        label = next((one.label.get(language) for one in question.choices if one.value == value), value)
        colon = ": " if language == "en" else "："
        name = f"{question.short.get(language)}{colon}" if question.short else f"{question.prompt.get(language)} "
        lines.append(f"\n{capital(name)}{label}")
    return lines


def public_words(case: Case, found: dict[str, Any]) -> dict[str, str]:
    """A neighbour's ticket in the words everybody may read: its thing, building, day and state."""
    language = case.scene.language
    kind = catalogue.category("service_request", found["category"])
    topic = kind.topics.get(found["topic"]) if kind else None
    name = topic.name if topic else kind.name if kind else None
    return {
        "matter": forms.public_matter(found["building"], name.get(language) if name else "", language),
        "opened": case.time(datetime.fromisoformat(found["opened_at"])),
        "state": ticket_words.neighbours_state(case.words, found["state"]),
    }
