"""What a volunteer wants, told by their words: hours, a certificate, a pause, to leave, other times, a missing entry.

Sure wordings only, as with one's own data: a wish must be the whole message. A missing entry is a sentence that asks
whether something was counted and says how long it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.folding import fold
from knowledge.moments import Moment, when
from knowledge.numerals import value
from knowledge.volunteer_data import Change, Wish, shipped

LONGEST = 60
LONGEST_CLAIM = 160
HALF_AN_HOUR = 30
A_WEEK = timedelta(days=7)
_NAMED = re.compile(r"志愿|义工|义务|时长|volunteer", re.I)
_NEXT = re.compile(r"下(?:个)?(?:周|星期|礼拜|月)|next|明天|后天|tomorrow")


@dataclass(frozen=True, slots=True)
class Claimed:
    """Hours somebody says they served: how many minutes, and from when until when it was; None where not said.

    ``exact``: the very day, or the very hours, were named. ``sure``: the words speak of volunteering by name.
    """

    words: str
    minutes: int | None
    start: datetime | None
    end: datetime | None
    exact: bool
    sure: bool


def wish(text: str) -> Wish | None:
    plain = fold(text)
    if not plain or len(plain) > LONGEST or "\n" in plain:
        return None
    return next((name for name, pattern in shipped().wishes if pattern.fullmatch(plain)), None)


def change(text: str) -> tuple[Change, str] | None:
    """What is to be changed, and the new value as it was said ("" where it still has to be)."""
    plain = fold(text)
    if len(plain) > LONGEST:
        return None
    for name, pattern in shipped().changes:
        if found := pattern.fullmatch(plain):
            return name, found["value"].strip(" ,，。.!！:：")
    return None


def names_it(text: str) -> bool:
    """The words speak of volunteering by name."""
    return _NAMED.search(fold(text)) is not None


def claim(text: str, now: datetime) -> Claimed | None:
    """A missing entry, or the question whether there is one; None for any other words."""
    plain, words = fold(text), shipped().claim
    if len(plain) > LONGEST_CLAIM or not words.asks.search(plain) or not words.about.search(plain):
        return None
    start, end, exact = span(text, now) or (None, None, False)
    minutes = minutes_in(text)
    if minutes is None and start and end and words.clocks.search(plain):
        minutes = round((end - start) / timedelta(minutes=1))
    if minutes is None and not names_it(text):
        return None
    return Claimed(text.strip(), minutes, start, end, exact, names_it(text))


def minutes_in(text: str) -> int | None:
    """ "3个小时", "两个半小时", "半个小时", "1.5小时" as minutes."""
    found = shipped().claim.hours.search(fold(text))
    if found is None:
        return None
    said = found["english"] or found["count"]
    if said == "半":
        return HALF_AN_HOUR
    hours = float(said) if "." in said else value(said)
    if not hours:
        return None
    return round(hours * 60) + (HALF_AN_HOUR if found["half"] or found["after"] else 0)


def span(text: str, now: datetime) -> tuple[datetime, datetime, bool] | None:
    """When in the past something was: the hours or the day that are named, else the month or week."""
    plain, here = fold(text), now.astimezone(CHINA)
    for pattern, unit, back in shipped().claim.spans:
        if pattern.search(plain):
            start, end = _month(here.date(), back) if unit == "month" else _week(here.date(), back)
            return _within(plain, start, end, now) or (start, min(end, here), False)
    named = [_past(moment, now, plain) for moment in when(text, now)]
    past = [moment for moment in named if moment is not None]
    if not past:
        return None
    first = past[0]
    return first.start, min(first.end, here), True


def _within(plain: str, start: datetime, end: datetime, now: datetime) -> tuple[datetime, datetime, bool] | None:
    """ "上个月15号": the day inside the month, where one is named."""
    found = [moment for moment in when(plain, now) if start <= moment.start < end and moment.start <= now]
    return (found[0].start, found[0].end, True) if found else None


def _past(moment: Moment, now: datetime, plain: str) -> Moment | None:
    """A weekday named alone is the last one, when hours served are spoken of."""
    if moment.start <= now:
        return moment
    earlier = Moment(moment.start - A_WEEK, moment.end - A_WEEK, moment.words)
    return earlier if earlier.start <= now and not _NEXT.search(plain) else None


def _month(today: date, back: int) -> tuple[datetime, datetime]:
    months = today.year * 12 + today.month - 1 + back
    first, after = (date(count // 12, count % 12 + 1, 1) for count in (months, months + 1))
    return _midnight(first), _midnight(after)


def _week(today: date, back: int) -> tuple[datetime, datetime]:
    monday = today - timedelta(days=today.weekday()) + back * A_WEEK
    return _midnight(monday), _midnight(monday + A_WEEK)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
