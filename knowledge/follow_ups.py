"""A short question that only makes sense after the last answer: "那几个人？", "多久一次", "and where?" keep its subject.

Pure. Whether a message is one is told by what is left of it without its asking words (``data/follow_ups.yaml``): nothing
of its own, or little. Which entry it asks for is told by reading it together with the last question, within that clause.
Of 77 follow-ups of our own, half of them held back while the words were chosen, 22 are answered rightly when read alone
and 65 with the last subject; tests/test_knowledge_follow_ups.py holds them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from knowledge.answers import Answerer
from knowledge.datafiles import DATA, Field, read
from knowledge.faq import Entry
from knowledge.folding import fold
from knowledge.patterns import alternatives, compiled

KEPT = timedelta(minutes=15)
"""So long after an answer its subject is still meant."""
LONGEST, LONGEST_ENGLISH = 14, 6
"""Characters, words."""
OF_ITS_OWN = 2
"""So much of its own a follow-up may carry: "那保险呢", "and the pension?"."""
NOW, SAME, GENERAL = 0.6, 0.35, 0.8
"""How much the new words weigh beside the last subject; what was just told, and the clause's general answer, weigh less.
Chosen on the half of the follow-ups that was not held back."""

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LEAD = re.compile(
    r"^(?:那么?(?:就|还)?|然后|还有|哦+|噢|嗯+|好的?|要得|"
    r"(?:and|then|so|ok|okay|but|also)\b|(?:what|how) about\b)[\s,，。]*"
)
_END = re.compile(r"[\s?？!！。.,，~～]*(?:嘛|呢|吗|么|哈|呀|啊|嗦|噻|哦|不嘛|的呢)*[\s?？!！。.~～]*$")
_MARKS = re.compile(r"[\s?？!！。.,，~～]+$")
_BESIDE = re.compile(r"(?P<zh>[\u4e00-\u9fff]{1,7}?)的?呢|(?:what|how) about (?:the )?(?P<en>[a-z ]{3,30})")
_ASKING_END = re.compile(r"(?:吗|不|不嘛|嘛|呢)$")


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``bare``: nothing of its own stands in it, so that it can only be about the last subject."""

    asked: str
    bare: bool


@dataclass(frozen=True, slots=True)
class AskingWords:
    """What the data file holds."""

    asks: re.Pattern[str]
    stripped: re.Pattern[str]
    english_asks: re.Pattern[str]
    english_stripped: re.Pattern[str]
    hints: tuple[tuple[re.Pattern[str], str], ...]


def follow_up(text: str) -> FollowUp | None:
    """What a message asks on, if it may be a follow-up at all."""
    plain = fold(text)
    if "\n" in plain or not plain:
        return None
    words = asking_words()
    beside = _BESIDE.fullmatch(_MARKS.sub("", re.sub(r"^那么?", "", plain)))
    if beside and not words.asks.search(beside["zh"] or ""):
        return FollowUp(beside["zh"] or beside["en"], bare=False)
    core = _END.sub("", _LEAD.sub("", plain))
    if _CHINESE.search(core):
        return _chinese(core, plain, words)
    return _english(core, words, led=_LEAD.match(plain) is not None)


def _chinese(core: str, plain: str, words: AskingWords) -> FollowUp | None:
    left = re.sub(r"\W", "", words.stripped.sub("", core))
    asks = words.asks.search(core) or _ASKING_END.search(_MARKS.sub("", plain))
    if len(core) > LONGEST or not asks or len(left) > OF_ITS_OWN:
        return None
    return FollowUp(core, bare=not left)


def _english(core: str, words: AskingWords, *, led: bool) -> FollowUp | None:
    left = re.sub(r"[^\w\s]", " ", words.english_stripped.sub("", core)).split()
    if not words.english_asks.search(core) or len(core.split()) > LONGEST_ENGLISH:
        return None
    return FollowUp(core, bare=not left) if len(left) <= (OF_ITS_OWN if led else 0) else None


def entries_for(answerer: Answerer, asked: str, *, last: Entry, limit: int) -> Sequence[tuple[Entry, float]]:
    """Entries of the last answer's clause, best first: what is asked now counts most, the last subject helps."""
    words = expanded(asked)
    now = {entry.id: score for entry, score in answerer.best_entries(words, {last.clause: 1.0}, MANY)}
    together = answerer.best_entries(f"{words} {_subject(last)}", {last.clause: 1.0}, MANY)
    scored = [(entry, _weighed(entry, now.get(entry.id, 0.0), score, last)) for entry, score in together]
    return sorted(scored, key=lambda pair: -pair[1])[:limit]


MANY = 50
"""More than any clause has entries."""


def _weighed(entry: Entry, now: float, together: float, last: Entry) -> float:
    score = NOW * now + (1 - NOW) * together
    return score * (SAME if entry.id == last.id else 1.0) * (GENERAL if entry.general else 1.0)


def _subject(last: Entry) -> str:
    """The last question without its asking words."""
    return asking_words().asks.sub("", fold(last.question.zh)).strip("?？ ")


def expanded(asked: str) -> str:
    """The question, and in the entries' words what it asks for."""
    return " ".join([asked, *(adds for says, adds in asking_words().hints if says.search(asked))])


@cache
def asking_words() -> AskingWords:
    """The shipped words, read once."""
    return load_asking_words(DATA / "follow_ups.yaml")


def load_asking_words(path: Path) -> AskingWords:
    """`DataError` for anything wrong."""
    root = read(path).only("asks", "fillers", "english_asks", "english_fillers", "hints")
    asks, fillers = alternatives(root["asks"], {}), alternatives(root["fillers"], {})
    return AskingWords(
        compiled(root["asks"]),
        re.compile(f"{asks}|{fillers}"),
        compiled(root["english_asks"]),
        compiled(root["english_fillers"]),
        tuple(map(_hint, root["hints"].items())),
    )


def _hint(item: Field) -> tuple[re.Pattern[str], str]:
    item.only("says", "adds")
    return re.compile(item["says"].text()), item["adds"].text()
