"""What a form's words and answers bring about: questions already answered, stoppers, another owner, another door.

Pure. ``settle`` is called after every change of a draft's answers; whatever it has said once (``told``) it does not say
again, so that it may be called at any time, after a restart too. See `knowledge.forms` for the answers' shape; here
``heard`` are the answers the words gave, ``details`` those that were pressed or typed, ``asked`` the questions put.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge import catalogue
from knowledge.catalogue import Category
from knowledge.circumstances import on_behalf, wants_no_call_back, wants_no_name, wants_no_reply, wants_secrecy
from knowledge.danger_rules import Kind
from knowledge.folding import fold
from knowledge.notice import Words
from knowledge.questions import Effects, Question, Stopper, heard

Answers = dict[str, Any]
MOST_ASKED = 2
"""Questions put to somebody beyond the place; the others wait on the summary."""
MOVES = 3
"""How often a matter may change its category by itself: more would be a loop in the data."""
NAMELESS = frozenset({"petition", "housing", "safety", "sanitation", "property"})
"""Categories in which a matter can be looked into without knowing who told it; elsewhere secrecy is what we can promise."""
WHO_SAYS = "secrecy"
"""The key in ``told`` of the promise of secrecy."""


@dataclass(slots=True)
class Settled:
    """The answers as they are now, what is to be said about that, and a danger that has come to light."""

    answers: Answers
    says: list[Words] = field(default_factory=list)
    danger: Kind | None = None


def settle(answers: Mapping[str, Any]) -> Settled:
    """Take in what the words and answers mean for the path."""
    now = Settled({**answers})
    _hear_circumstances(now.answers)
    for _ in range(MOVES):
        kind = kind_of(now.answers)
        if kind is None:
            break
        now.answers["heard"] = heard(kind.questions, spoken(now.answers))
        if not _turn(now, kind):
            _show_the_door(now, kind)
            break
    return now


def kind_of(answers: Mapping[str, Any]) -> Category | None:
    return catalogue.category(answers["route"], answers.get("category"))


def spoken(answers: Mapping[str, Any]) -> str:
    """Everything said about the matter, the flat included: "7栋1204" says that it is inside one."""
    return f"{answers.get('description') or ''} {answers.get('room') or ''}"


def known(answers: Mapping[str, Any]) -> dict[str, str]:
    """What is known of the category's questions: answers given stand above answers heard."""
    found = {**(answers.get("heard") or {}), **(answers.get("details") or {})}
    if answers.get("confidential") is not None:
        found["confidential"] = "yes" if answers["confidential"] else "no"
    if answers.get("for"):
        found.setdefault("who", "other")
    return found


def next_question(answers: Mapping[str, Any], *, first: bool) -> Question | None:
    """What is still worth asking before (``first``) or after the place."""
    kind, asked = kind_of(answers), answers.get("asked") or []
    if kind is None or len(asked) >= MOST_ASKED:
        return None
    have, plain, urgency = known(answers), fold(spoken(answers)), str(answers.get("urgency", "P2"))
    return next(
        (
            question
            for question in kind.questions
            if question.ask and question.first == first and question.key not in have and question.key not in asked
            if question.concerns(plain, have, urgency)
        ),
        None,
    )


def answered(answers: Mapping[str, Any], key: str, value: str | None) -> Answers:
    """The answers with one more question put, and what was answered to it; None skips it."""
    new: Answers = {**answers, "asked": [*(answers.get("asked") or []), key]}
    if value is None:
        return new
    if key == "confidential" and value in ("yes", "no"):
        return new | {"confidential": value == "yes"}
    return new | {"details": {**(new.get("details") or {}), key: value}}


def keep_secret(answers: Mapping[str, Any], secret: bool) -> Answers:
    """The resident decides whether it stays confidential; without secrecy there is no anonymity either."""
    return {**answers, "confidential": secret, "anonymous": bool(answers.get("anonymous")) and secret}


def topic(answers: Mapping[str, Any]) -> str | None:
    """What it is about in public; None for whatever concerns nobody else, or must not be known."""
    kind = kind_of(answers)
    if kind is None or kind.sensitive or answers.get("confidential") or answers.get("anonymous"):
        return None
    if known(answers).get("part") == "own":
        return None
    plain = fold(str(answers.get("description") or ""))
    found = kind.topic_in(plain, from_a_flat=bool(answers.get("room")))
    return found.id if found else None


def _hear_circumstances(answers: Answers) -> None:
    words = str(answers.get("description") or "")
    if "for" not in answers and (who := on_behalf(words)):
        answers["for"] = who
    if answers.get("confidential") is None and wants_secrecy(words):
        answers["confidential"] = True
    for wish, wanted in (("no_reply", wants_no_reply), ("no_call_back", wants_no_call_back)):
        if wanted(words):
            answers[wish] = True
    if "anonymous" not in answers and wants_no_name(words):
        answers["anonymous"] = may_be_nameless(answers)


def may_be_nameless(answers: Mapping[str, Any]) -> bool:
    return answers["route"] == "suggestion" or answers.get("category") in NAMELESS


def _turn(now: Settled, kind: Category) -> bool:
    """Take the turns that apply and were not taken before; True when the category changed."""
    plain, have = fold(str(now.answers.get("description") or "")), known(now.answers)
    for stopper in kind.stoppers:
        if _is_new(now.answers, f"{kind.id}.{stopper.when}") and stopper.applies(plain, have):
            _take(now, kind, stopper)
            if stopper.then.category or now.danger:
                return now.danger is None
    return False


def _take(now: Settled, kind: Category, stopper: Stopper) -> None:
    _tell(now.answers, f"{kind.id}.{stopper.when}")
    _bring_about(now.answers, stopper.then)
    if stopper.then.passes:
        _tell(now.answers, f"{kind.id}.door")
        now.answers["through"] = stopper.when
    now.danger = now.danger or stopper.then.danger
    if stopper.then.ends:
        now.answers["door"] = stopper.when
    else:
        now.says.append(stopper.says)


def _bring_about(answers: Answers, then: Effects) -> None:
    if then.urgency:
        answers["urgency"] = min(str(answers.get("urgency", "P2")), then.urgency)
    if then.confidential and answers.get("confidential") is None:
        answers["confidential"] = True
    if then.details:
        answers["details"] = {**(answers.get("details") or {}), **then.details}
    if then.category:
        answers["category"] = then.category


def _show_the_door(now: Settled, kind: Category) -> None:
    """Say once whose matter it is: where we only help, along with the rest; where another decides, before anything else."""
    key = f"{kind.id}.door"
    if kind.door is None or now.danger or not _is_new(now.answers, key):
        return
    _tell(now.answers, key)
    if kind.duty == "redirect":
        now.answers.setdefault("door", "duty")
    elif not _owner_told(now.answers):
        now.says.insert(0, kind.door)


def _owner_told(answers: Answers) -> bool:
    """A turn said already who has it now, or where else to go."""
    return "repair.shared_part" in answers["told"] or bool(answers.get("door"))


def _is_new(answers: Mapping[str, Any], key: str) -> bool:
    return key not in (answers.get("told") or [])


def _tell(answers: Answers, key: str) -> None:
    answers["told"] = [*(answers.get("told") or []), key]
