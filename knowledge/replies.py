"""A question's answer in the resident's own words: one of its choices, a yes or no, or just what they said."""

from __future__ import annotations

import re

from knowledge.circumstances import wants_secrecy
from knowledge.orders import without_endings
from knowledge.private_data import without_secrets
from knowledge.questions import Question
from knowledge.turns import Answers, answered, kind_of

LONGEST_ANSWER = 10
"""A longer answer to a question with buttons tells something about the matter too."""
LONGEST_KEPT = 60
_NO = re.compile(
    r"不用|不要|不必|不需要|无所谓|(?:没(?:有|得)?|不|无|莫得|否|no)(?:$|[,，。])|没(?:有|得)|没人|不是|no\b", re.I
)
_YES = re.compile(r"有|是|对|嗯|要|好|行|可以|愿意|yes|ok", re.I)


def with_answer(new: Answers, key: str, words: str) -> Answers:
    """The answers with what was typed at a question. What it tells about the matter besides goes with the description."""
    kind = kind_of(new)
    question = kind.question(key) if kind else None
    chosen = choice(question, words) if question else None
    if key == "confidential" and wants_secrecy(words):
        chosen = "yes"
    if question is not None and question.choices and len(words) > LONGEST_ANSWER:
        new = new | {"description": f"{new.get('description', '')}\n{without_secrets(words)}".strip()}
    return answered(new, key, chosen or without_secrets(words[:LONGEST_KEPT]))


def choice(question: Question, words: str) -> str | None:
    """The choice these words stand for; a plain yes or no counts where the question has one."""
    values = {one.value for one in question.choices}
    plain = without_endings(words)
    if (found := question.answered_by(words)) is not None:
        return found
    if "no" in values and _NO.match(plain):
        return "no"
    return "yes" if "yes" in values and _YES.match(plain) else None
