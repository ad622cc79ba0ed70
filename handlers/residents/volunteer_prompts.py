"""What a sign-up shows: one summary with what was heard, the risks, what is kept and how long; and its few questions."""

from __future__ import annotations

from typing import Any

from handlers import volunteer_words as shown
from handlers.outcome import Button, Edit, Reply, Rows, Say
from handlers.residents.case import Case
from handlers.residents.privacy import full
from knowledge.forms import Answers
from knowledge.sign_up import is_minor, window_of
from knowledge.volunteer_data import PARTS
from storage.chats import Draft

PREFIX = "vo"
CHOICES: dict[str, dict[str, list[Any]]] = {
    "weekday": {"days": [0, 1, 2, 3, 4], "parts": ["am", "pm"]},
    "evening": {"days": [0, 1, 2, 3, 4, 5, 6], "parts": ["eve"]},
    "weekend": {"days": [5, 6], "parts": list(PARTS)},
    "any": {"days": [0, 1, 2, 3, 4, 5, 6], "parts": list(PARTS)},
}
"""The times that can be pressed; whatever else is typed."""


def prompt(case: Case, draft_id: int, revision: int, step: str, answers: Answers, *, lead: str = "") -> Say:
    """What is asked at a step, with its buttons."""
    mark = f"{PREFIX}:{draft_id}:{revision}"
    if step == "confirm":
        text, rows = summary(case, answers), _summary_rows(case, mark, answers)
    else:
        text, rows = case.words(f"volunteer.ask_{step}"), _rows(case, mark, step)
    return Say(f"{lead}\n{text}".strip(), rows, prompt_of=draft_id)


def without_buttons(draft: Draft) -> list[Reply]:
    return [Edit(draft.prompt_id)] if draft.prompt_id else []


def _rows(case: Case, mark: str, step: str) -> Rows:
    words = case.words
    back = [Button(words("volunteer.back"), f"{mark}:back")]
    if step == "times":
        named = [Button(words(f"volunteer.choice_{name}"), f"{mark}:times:{name}") for name in CHOICES]
        return (named[:2], named[2:], back)
    if step == "phone":
        return ([Button(words("volunteer.no_phone"), f"{mark}:no_phone"), *back],)
    if step == "age":
        young = [Button(words(f"volunteer.{age}"), f"{mark}:age:{age}") for age in ("under18", "under14")]
        return (young, back)
    return (back,)


def summary(case: Case, answers: Answers) -> str:
    words, language = case.words, case.scene.language
    lines = [
        words(
            "volunteer.summary",
            lead=words("volunteer.lead_change" if answers.get("number") else "volunteer.lead"),
            kinds=shown.kinds(words, answers.get("categories") or ()),
            skills=words("volunteer.skills", skills=answers["skills"]) if answers.get("skills") else "",
            times=shown.times(words, [window_of(one) for one in answers.get("times") or ()]),
            reach=shown.reach(words, answers.get("reach") or ()),
            phone=answers.get("phone") or words("volunteer.none"),
        )
    ]
    lines += [words("volunteer.with_child")] if answers.get("with_child") else []
    lines += [words(f"volunteer.is_{answers['age']}")] if is_minor(answers.get("age")) else []
    risks = " ".join(shown.risks(language, answers.get("categories") or ())) or words("volunteer.risks_later")
    lines.append(words("volunteer.free", risks=risks))
    lines.append(words("volunteer.kept", keep=shown.how_long_kept(language)))
    lines.append(words("volunteer.confirm_age" if not answers.get("age") else "volunteer.confirm"))
    return "\n".join(lines)


def _summary_rows(case: Case, mark: str, answers: Answers) -> Rows:
    words = case.words
    agreed = case.scene.consent == "given"
    key = "change" if answers.get("number") else "register" if agreed else "agree_register"
    edits = [Button(words(f"volunteer.edit_{name}"), f"{mark}:edit:{name}") for name in ("times", "phone")]
    young = [] if answers.get("age") else [Button(words("volunteer.not_18"), f"{mark}:edit:age")]
    leave = Button(words("volunteer.do_not"), f"{mark}:cancel")
    rows: list[list[Button]] = [[Button(words(f"volunteer.{key}"), f"{mark}:register")], edits]
    if agreed:
        return (*rows, [*young, leave])
    return (*rows, [*young, full(case)], [leave])
