"""Instants as residents say them: 今天 18:00, 明天 09:00, 周四 18:00, 12月3日周四 18:00."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from handlers.texts.catalogue import Texts

CHINA = ZoneInfo("Asia/Shanghai")
NEAR = {0: "time.today", 1: "time.tomorrow", -1: "time.yesterday"}
WEEK = 7


def spoken(words: Texts, moment: datetime, *, now: datetime) -> str:
    """A coming day of this week is its weekday alone; what is past, or further off, has its date."""
    here, today = moment.astimezone(CHINA), now.astimezone(CHINA).date()
    ahead = (here.date() - today).days
    key = NEAR.get(ahead) or ("time.weekday" if 0 < ahead < WEEK else "time.day")
    return words(key, clock=here.strftime("%H:%M"), **_day(here.date(), words))


def _day(day: date, words: Texts) -> dict[str, object]:
    return {"month": day.month, "day": day.day, "weekday": words("time.weekdays").split()[day.weekday()]}
