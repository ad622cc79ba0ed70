"""Volunteering in words: times, hours, reach, kinds, risks - for residents and for the desk alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from handlers.texts.catalogue import Texts
from handlers.texts.moments import CHINA
from knowledge import catalogue, occasion_kinds, retention
from knowledge.served import Entry
from knowledge.sign_up import WEEK, Window
from knowledge.volunteer_data import PARTS
from knowledge.volunteers import Volunteer

WORKING, WEEKEND = tuple(range(5)), (5, 6)
AN_HOUR, A_MOMENT = 60, timedelta(seconds=1)


def length(words: Texts, minutes: int) -> str:
    """ "3小时", "1.5小时", "1小时40分钟", "20分钟"."""
    hours, rest = divmod(minutes, AN_HOUR)
    if rest == AN_HOUR // 2:
        return words("volunteer.hours", count=f"{hours}.5")
    if not rest:
        return words("volunteer.one_hour" if hours == 1 else "volunteer.hours", count=hours)
    short = words("volunteer.minutes", count=rest)
    return f"{words('volunteer.one_hour' if hours == 1 else 'volunteer.hours', count=hours)}{short}" if hours else short


def kinds(words: Texts, categories: Iterable[str]) -> str:
    named = [catalogue.volunteering(id).name.get(words.language) for id in categories]
    return words("volunteer.comma").join(named) or words("volunteer.any_kind")


def times(words: Texts, windows: Sequence[Window]) -> str:
    """ "周末；周三下午"."""
    return words("volunteer.semicolon").join(_window(words, one) for one in windows) or words("volunteer.times_unsaid")


def _window(words: Texts, window: Window) -> str:
    days = _days(words, window.days)
    if window.parts == PARTS:
        return days
    parts = words("volunteer.comma").join(words(f"volunteer.part_{part}") for part in window.parts)
    return words("volunteer.days_parts", days=days, parts=parts)


def _days(words: Texts, days: Sequence[int]) -> str:
    whole = {tuple(WEEK): "every_day", WORKING: "weekdays", WEEKEND: "weekend"}
    if (known := whole.get(tuple(days))) is not None:
        return words(f"volunteer.{known}")
    names = words("volunteer.day_names").split()
    return words("volunteer.comma").join(names[day] for day in days)


def reach(words: Texts, buildings: Iterable[str]) -> str:
    named = [words("volunteer.building", number=number) for number in buildings]
    return words("volunteer.comma").join(named) or words("volunteer.whole_estate")


def risks(language: str, categories: Iterable[str]) -> list[str]:
    """What is told of each kind before (VO-04); of those who take anything, of every kind is too much."""
    found = [occasion_kinds.category("shift", id).risks for id in categories]
    return [told.get(language) for told in found if told is not None]


def how_long_kept(language: str) -> str:
    return retention.span(retention.rules()["volunteers"].keep.days, language)


def entry(words: Texts, one: Entry) -> str:
    """ "11月21日 清楼道 3小时"."""
    return words("volunteer.entry", day=day(words, one), what=one.what, length=length(words, one.minutes))


def day(words: Texts, one: Entry) -> str:
    return _day(words, one.starts_at.astimezone(CHINA).date())


def span(words: Texts, start: datetime, end: datetime) -> str:
    """ "11月21日", "10月1日–10月31日"; an end at midnight is the day before's."""
    first, last = start.astimezone(CHINA).date(), (end - A_MOMENT).astimezone(CHINA).date()
    return _day(words, first) if last <= first else f"{_day(words, first)}–{_day(words, last)}"


def _day(words: Texts, day: date) -> str:
    return words("volunteer.day", year=day.year, month=day.month, day=day.day)


def standing(words: Texts, volunteer: Volunteer) -> str:
    """On, paused, left, or waiting for a guardian."""
    if volunteer.state == "paused" and volunteer.paused_until is not None:
        until = volunteer.paused_until.astimezone(CHINA).date()
        return words("volunteer.state_paused_until", until=_day(words, until))
    return words(f"volunteer.state_{volunteer.state}")
