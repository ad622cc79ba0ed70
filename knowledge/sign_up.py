"""One sentence that offers time: what for, what they can do, when, how far, a number, an age - whatever it says.

Pure; whatever is not said stays empty and is asked for once, all together, on the summary (VO-03: true and no more than
needed). See ``data/volunteers.yaml`` for what is heard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from knowledge.folding import fold
from knowledge.numerals import value
from knowledge.places import place
from knowledge.private_data import phone
from knowledge.volunteer_data import PARTS, Age, Part, shipped

WEEK = range(7)
_CLAUSE = re.compile(r"[,，。;；!！?？\n]+|(?:但是?|不过|只是)")
_DAY_NAMES = {char: at for at, chars in enumerate(("一", "二", "三", "四", "五", "六", "日天")) for char in chars}
_ENGLISH = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_TO = re.compile(r"([一二三四五六日天])[到至\-]([一二三四五六日天])")
_WEEK_WORD = re.compile(r"周|星期|礼拜")
_HOUR = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,2})点|(\d{1,2}) ?(am|pm)")
MAJORITY, YOUNG, OLD = 18, 14, 60


@dataclass(frozen=True, slots=True)
class Window:
    """Days of the week (Monday is 0) and the parts of those days on which somebody is free."""

    days: tuple[int, ...] = tuple(WEEK)
    parts: tuple[Part, ...] = PARTS

    def kept(self) -> dict[str, list[Any]]:
        return {"days": list(self.days), "parts": list(self.parts)}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message says of somebody who offers time. ``reach`` None: not said; empty: the whole estate."""

    categories: tuple[str, ...] = ()
    skills: str = ""
    times: tuple[Window, ...] = ()
    reach: tuple[str, ...] | None = None
    own_building: bool = False
    building: str | None = None
    phone: str | None = None
    age: Age | None = None
    guardian_name: str | None = None
    guardian_phone: str | None = None
    with_child: bool = False
    missing: tuple[str, ...] = field(default=(), compare=False)


def hear(text: str, *, category: str | None = None) -> Heard:
    """Everything the words say; ``category`` is the matcher's own guess and goes first."""
    plain, words = fold(text), shipped().sign_up
    kinds = [kind for kind, pattern in words.kinds.items() if pattern.search(plain)]
    child = words.with_child.search(plain) is not None
    guardian = words.guardian.search(plain)
    number = phone(text)
    named = _reach(plain)
    found = Heard(
        categories=tuple(dict.fromkeys([category] if category else kinds)),
        skills=skills(text),
        times=windows(text),
        reach=named,
        own_building=words.reach_own.search(plain) is not None,
        building=_home(text, named),
        phone=None if guardian else number,
        age="adult" if child else age(text),
        guardian_name=guardian["who"] if guardian else None,
        guardian_phone=number if guardian else None,
        with_child=child,
    )
    return found if found.reach is not None or not found.own_building or not found.building else _only_home(found)


def _only_home(found: Heard) -> Heard:
    return replace(found, reach=(str(found.building),))


def _reach(plain: str) -> tuple[str, ...] | None:
    words = shipped().sign_up
    if words.reach_all.search(plain):
        return ()
    named = words.reach_named.search(plain)
    found = place(named[0]) if named else None
    return (found.building,) if found and found.building else None


def _home(text: str, named: tuple[str, ...] | None) -> str | None:
    found = place(text)
    return found.building if found and found.building and not named else None


def skills(text: str) -> str:
    """What they can do, in their own words: the stretches that say so; "" where nothing does."""
    plain, words = fold(text, keep_gaps=True), shipped().sign_up
    found: list[str] = []
    for pattern in words.skills:
        found += [hit[1].strip() for hit in pattern.finditer(plain)]
    kept = [one for one in dict.fromkeys(found) if not any(one != other and one in other for other in found)]
    return "、".join(kept)[: shipped().limits.skills_letters]


# --- when -------------------------------------------------------------------------------------------------------------
def windows(text: str) -> tuple[Window, ...]:
    """Every time named, as days and parts of the day; what they say they are busy at is left out."""
    words = shipped().sign_up
    found: list[Window] = []
    for clause in _CLAUSE.split(fold(text)):
        if not words.busy.search(clause):
            found += _windows(clause)
    return tuple(dict.fromkeys(found))


def _windows(clause: str) -> Iterable[Window]:
    """Days and then parts make a window; the next day after a part begins another."""
    days: list[int] = []
    parts: list[Part] = []
    tokens = sorted(_tokens(clause), key=lambda token: token[0])
    if len(tokens) > 1:  # beside anything else "都行" and "每天" add nothing
        tokens = [token for token in tokens if len(token[2]) < len(WEEK)]
    for _, what, values in tokens:
        if what == "days":
            if parts:
                yield _window(days, parts)
                days, parts = [], []
            days += values
        else:
            parts += values
    if days or parts:
        yield _window(days, parts)


def _window(days: Sequence[int], parts: Sequence[Part]) -> Window:
    return Window(tuple(sorted(set(days))) or tuple(WEEK), tuple(part for part in PARTS if part in parts) or PARTS)


def _tokens(clause: str) -> Iterable[tuple[int, str, Sequence[Any]]]:
    words = shipped().sign_up
    for pattern, days in words.days:
        yield from ((hit.start(), "days", days) for hit in pattern.finditer(clause))
    for hit in words.one_day.finditer(clause):
        if named := _named_days(hit["days"]):
            yield hit.start(), "days", named
    for hit in words.english_day.finditer(clause):
        yield hit.start(), "days", [_ENGLISH.index(hit["name"].lower())]
    named_parts = [(hit.start(), parts) for pattern, parts in words.parts_of_day for hit in pattern.finditer(clause)]
    yield from ((at, "parts", parts) for at, parts in named_parts)
    if not named_parts:
        yield from ((hit.start(), "parts", [_part_at(hit)]) for hit in _HOUR.finditer(clause))


def _named_days(said: str) -> list[int]:
    """ "一三五" are three days, "一到五" are five; 末 is the weekend, which has its own word."""
    said = _WEEK_WORD.sub("", said)
    if span := _TO.search(said):
        first, last = (_DAY_NAMES[char] for char in span.groups())
        return list(range(first, last + 1)) if first <= last else []
    return [_DAY_NAMES[char] for char in said if char in _DAY_NAMES]


def _part_at(hit: re.Match[str]) -> Part:
    """An hour without a part of the day: small ones are after noon, as people say them."""
    hour = int(hit[2]) % 12 + (12 if hit[3] == "pm" else 0) if hit[2] else value(hit[1]) or 0
    if not hit[2] and 1 <= hour <= 6:
        hour += 12
    return "am" if hour < 12 else "pm" if hour < 18 else "eve"


def confirms(text: str) -> bool:
    """ "要得，登记": the whole message says yes to it."""
    return shipped().sign_up.confirm.fullmatch(fold(text)) is not None


# --- how old ----------------------------------------------------------------------------------------------------------
def age(text: str) -> Age | None:
    """The group an age or its words tell of; None when neither is said."""
    plain, words = fold(text), shipped().sign_up
    if told := words.years.search(plain):
        years = int(told["english"]) if told["english"] else value(told["years"])
        if years:
            return group(years)
    return next((known for pattern, known in words.ages if pattern.search(plain)), None)


def group(years: int) -> Age:
    if years < YOUNG:
        return "under14"
    if years < MAJORITY:
        return "under18"
    return "senior" if years >= OLD else "adult"


def is_minor(age: str | None) -> bool:
    return age in ("under14", "under18")


# --- what a draft keeps -----------------------------------------------------------------------------------------------
def with_words(answers: Mapping[str, Any], text: str, *, category: str | None = None) -> dict[str, Any]:
    """A sign-up's answers with what more is said: what is named anew replaces, what is not stays."""
    heard, new = hear(text, category=category), dict(answers)
    if heard.categories:
        new["categories"] = list(heard.categories)
    if heard.times:
        new["times"] = [window.kept() for window in heard.times]
    if heard.reach is not None:
        new["reach"] = list(heard.reach)
    for name in ("phone", "age", "building", "guardian_name", "guardian_phone"):
        if said := getattr(heard, name):
            new[name] = said
    new["with_child"] = heard.with_child or bool(new.get("with_child"))
    if not new.get("skills"):
        new["skills"] = heard.skills
    return new


def window_of(kept: Mapping[str, Any]) -> Window:
    return Window(tuple(kept["days"]), tuple(part for part in PARTS if part in kept["parts"]))
