"""A form's step, taken in one transaction: opened or moved on, with what has to be looked up and kept on the way.

A matter that another door is right for is noted (WO-06); before the summary the neighbours' tickets are looked at, so that
the second one with the same trouble is shown the first one's ticket.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from knowledge import forms
from storage import drafts, joining, redirects
from storage.transaction import Tx

Answers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a form stands after a step."""

    draft_id: int
    step: str
    answers: Answers


def begin(
    tx: Tx, *, chat_id: int, form: str, answers: Answers, held: bool = False, message_id: int | None = None
) -> Stood:
    """Open a form at its first step; ``held`` waits for the resident's consent."""
    step, answers = _looked(tx, chat_id, forms.missing(answers), answers, message_id, held=held)
    draft_id = drafts.open_draft(tx, chat_id=chat_id, form=form, step=step, answers=answers, held=held)
    return Stood(draft_id, step, answers)


def move(
    tx: Tx, *, chat_id: int, draft_id: int, revision: int, step: str, answers: Answers, message_id: int | None = None,
    held: bool = False,
) -> Stood | None:  # fmt: skip
    """Go to a step; None when somebody moved it before."""
    step, answers = _looked(tx, chat_id, step, answers, message_id, held=held)
    done = drafts.advance(tx, draft_id, revision=revision, step=step, answers=answers, held=held)
    return Stood(draft_id, step, answers) if done else None


def _looked(
    tx: Tx, chat_id: int, step: str, answers: Answers, message_id: int | None, *, held: bool
) -> tuple[str, Answers]:
    if step == "door" and not answers.get("door_id"):
        noted = redirects.note(
            tx,
            chat_id=chat_id,
            message_id=message_id,
            route=answers["route"],
            category=answers.get("category"),
            reason=str(answers["door"]),
        )
        return step, answers | {"door_id": noted}
    if step != "confirm" or held:
        return step, answers
    same_as = _same_as(answers)
    if same_as is None or answers.get("looked") == same_as:
        return step, answers
    found = joining.similar(
        tx,
        chat_id=chat_id,
        category=answers["category"],
        topic=str(forms.topic(answers)),
        building=answers["building"],
        unit=answers.get("unit"),
    )
    answers = answers | {"looked": same_as}
    if found is None:
        return step, answers
    shown = {"id": found.id, "category": found.category, "topic": found.topic, "building": found.building}
    shown |= {"opened_at": found.opened_at.isoformat(), "state": found.state}
    return "similar", answers | {"similar": shown}


def _same_as(answers: Answers) -> str | None:
    """What a neighbour's ticket would have to be about; None where there can be none."""
    topic = None if answers.get("brief") else forms.topic(answers)
    if answers["route"] != "service_request" or topic is None or not answers.get("building") or answers.get("for"):
        return None
    return f"{answers['category']}/{topic}/{answers['building']}/{answers.get('unit') or ''}"


def own_way(tx: Tx, *, chat_id: int, draft_id: int, revision: int, redirect_id: int) -> bool:
    """The resident goes to the right door alone: nothing is filed; False when the form moved on before."""
    if not drafts.close(tx, draft_id, revision=revision, state="cancelled"):
        return False
    redirects.settle(tx, redirect_id, chat_id=chat_id, outcome="own_way")
    return True
