"""Recognises danger to life or property NOW, before anything else is read (WO-07, EM-02 … EM-14).

Recall first: `danger_rules` hears what people say and `danger_model` weighs the whole message, its words and what the
rules noticed. A danger the rules are certain of stands unless the words speak clearly against it; one they do not know
stands when the words speak clearly for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.calling import asks_for_person
from knowledge.danger_model import shipped_weights
from knowledge.danger_rules import KINDS, Heard, Kind, shipped_rules
from knowledge.folding import fold
from knowledge.masking import anywhere

__all__ = ["KINDS", "Danger", "Kind", "cues", "spot"]


# Words that far off are not read by the rules: none of 133 unseen emergencies came below -3.8, three of four other
# messages lie below -5.
_FAR_FROM_IT = -5.0
WEIGHED = "weighed"
"""Stands for a rule where the words alone decided."""
CLEAR = 1.0
"""The score from which words alone are clear; so much they must say where a turn of speech ("气死") is all there is."""
_CERTAIN = 0.25  # log odds a rule brings with it: the words must speak clearly against it ("车棚失火" is enough)


@dataclass(frozen=True, slots=True)
class Danger:
    """A danger and what recognised it: a rule's id, or `weighed` where the words alone decided.

    `score` is in log odds over the threshold; it says how sure, never how bad.
    """

    kind: Kind
    rule: str
    score: float = 0.0

    @property
    def faint(self) -> bool:
        """No rule is sure of it, and the words only just say so: it takes another judge to believe it."""
        return self.rule == WEIGHED and self.score < CLEAR


@lru_cache(maxsize=64)
def spot(text: str) -> Danger | None:
    """The danger `text` tells of, or None. Never raises on any text; time is bounded however long it is."""
    words = leaning(text)
    if words < _FAR_FROM_IT:
        return None
    rules, weights = shipped_rules(), shipped_weights()
    heard = rules.hear(text)
    score = words + weights.of_cues(heard.cues) + (_CERTAIN if heard.certain else 0)
    if score <= 0:
        return None
    rule = heard.certain or heard.muffled
    if rule is None and heard.idiom and score < CLEAR:
        return None
    if rule is None and not heard.cues and tired_of_a_form(text):
        return None
    if rule is None:
        return Danger(rules.likely_kind(heard.plain), WEIGHED, score)
    return Danger(rule.kind, rule.id if heard.certain else WEIGHED, score)


_TIRED = re.compile(
    r"(?:(?:不用|不要|不必|莫)再?(?:给我)?(?:打电话|回电话?|打给我|约)了"
    r"|我?(?:都|就|真的?|实在)?不(?:想再?|愿意?再?|要再?)?(?:填|弄|报|登记|排队?|取消|搞|按|写|说|讲|聊|谈|提|回答)"
    r"(?:这个|这些|下去)?(?:表格?|东西|事)?了"
    r"|i (?:do not|don'?t) (?:want|wish) to (?:talk|say|write|type)"
    r"(?: to you| about (?:it|this|that)| anything)?(?: any ?more)?)"
    r"[吧嘛啊哈]*(?:[,，。.;；!！~]+|$)",
    re.I,
)
"""Somebody gives up a form, a call or a talk; of whom the words alone would say that they give up themselves."""


def tired_of_a_form(text: str) -> bool:
    """They may say beside it that they want a person; anything else is for the words to weigh."""
    found = _TIRED.match(text.strip())
    rest = text.strip()[found.end() :].strip() if found else ""
    return found is not None and (not rest or rest in ("算了", "谢谢") or asks_for_person(rest))


def leaning(text: str) -> float:
    """How far the words alone lean to danger, in log odds over the threshold."""
    return shipped_weights().of_words(anywhere(fold(text)))


def cues(text: str) -> frozenset[str]:
    """What the rules notice in `text`, as features for another model; see `Heard.cues`."""
    return shipped_rules().hear(text).cues


def heard(text: str) -> Heard:
    """What the rules noticed, for an explanation."""
    return shipped_rules().hear(text)
