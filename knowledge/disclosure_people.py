"""Names beside what nobody need know: an age under 18, a birthday, an illness (DI-08). Word lists are data.

A name by itself may stand in a published list (L-14 §18). What looks like one is a guess that leans to caution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.datafiles import DATA, read
from knowledge.numerals import value

About = Literal["minor", "birthday", "illness"]
ADULT = 18
_AGE = re.compile(
    r"(?<![\d\-~至到])(\d{1,2}|[一二三四五六七八九十两]{1,3})(?:周)?岁(?!以|及|[\-~至到])"
    r"|\baged? (\d{1,2})\b|\b(\d{1,2})[\- ]years?[\- ]old\b"
)
_BORN = re.compile(
    r"(?:19|20)\d\d[年\-./]\d{1,2}[月\-./]\d{1,2}日?出?生|(?:出生|生于|生日|born)[^\n。；;]{0,8}?(?:19|20)\d\d"
    r"|(?:19|20)\d\d年(?:\d{1,2}月)?出?生(?![活产命])"
)
_CLAUSE = re.compile(r"[^\n。；;!！?？]+")
_BEFORE_NAMES = re.compile(r"^(?:的|由|向|为|给|与|和|及|对|把|岁|周岁|男孩|女孩|儿童|学生|居民|住户|户主|低保户)+")
_BEHIND_NAMES = re.compile(r"(?:患|因|得了|确诊|今年|现年|系|属).*$")
_POINTING = re.compile(r"(?:之[子女孙]|的?(?:儿子|女儿|孙子|孙女|孩子)|家的?).*$")
_NO_LETTERS = re.compile(r"\d+|[男女](?=[,，、\s(（)）]|$)")
_TOKEN = re.compile(r"[\u4e00-\u9fff*某○×]{2,7}")


@dataclass(frozen=True, slots=True)
class Lists:
    """What the data file holds."""

    surnames: frozenset[str]
    no_names: tuple[str, ...]
    titles: tuple[str, ...]
    illnesses: tuple[str, ...]
    phone_words: re.Pattern[str]
    name_words: re.Pattern[str]


def told_of_people(plain: str) -> Iterator[tuple[About, str, int, int]]:
    """What is told of somebody in a folded text: the sentence or line, and where in it the thing stands."""
    for clause in _CLAUSE.finditer(plain):
        said = clause[0]
        if born := _BORN.search(said):
            yield "birthday", said, *born.span()
        if not names_somebody(said):
            continue
        for age in _AGE.finditer(said):
            years = value(next(group for group in age.groups() if group))
            if years is not None and years < ADULT:
                yield "minor", said, *age.span()
        for illness in lists().illnesses:
            if illness in said:
                yield "illness", said, said.index(illness), said.index(illness) + len(illness)


def names_somebody(said: str) -> bool:
    """Whether something in it looks like a person's name."""
    tokens = _TOKEN.findall(_NO_LETTERS.sub(" ", said))
    return any(map(_is_name, tokens)) or lists().name_words.search(said) is not None


def _is_name(token: str) -> bool:
    """A surname and one or two more, alone, with a title, or as somebody's child."""
    known, told = lists(), _BEHIND_NAMES.sub("", _BEFORE_NAMES.sub("", token))
    if any(told.startswith(word) for word in known.no_names):
        return False
    bare = _POINTING.sub("", told)
    core = next((bare.removesuffix(title) for title in known.titles if bare.endswith(title)), bare)
    if not core or core[0] not in known.surnames:
        return False
    return len(core) <= 4 if core != told else 2 <= len(core) <= 3


@cache
def lists() -> Lists:
    """The shipped lists, read once."""
    return load_lists(DATA / "disclosure_gate.yaml")


def load_lists(path: Path) -> Lists:
    """`DataError` for anything missing or unknown."""
    root = read(path).only("checked_on", "surnames", "no_names", "titles", "illnesses", "phone_words", "name_words")
    root["checked_on"].day()
    labels = "|".join(map(re.escape, root["name_words"].texts()))
    return Lists(
        surnames=frozenset(root["surnames"].text()),
        no_names=root["no_names"].texts(),
        titles=root["titles"].texts(),
        illnesses=root["illnesses"].texts(),
        phone_words=re.compile("|".join(map(re.escape, root["phone_words"].texts()))),
        name_words=re.compile(rf"(?:{labels})\s*[:：为是]?\s*[\u4e00-\u9fffa-z]"),
    )
