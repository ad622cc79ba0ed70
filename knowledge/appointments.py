"""When a person calls back: the office times offered, and a time said in words (PI-20).

Pure. A slot always lies in office hours; what was said outside them gets the nearest time that is possible instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.folding import fold
from knowledge.moments import Moment, when
from knowledge.waiting import shipped_clocks

OFFERED = 4
AN_HOUR = timedelta(hours=1)
SHORTEST = timedelta(minutes=30)
_STEP = timedelta(minutes=30)
_AROUND = re.compile(
    r"吧|嘛|哈|好吗|可以吗?|行吗?|要得|麻烦|请|给我|帮我|就|那|在|改|约|换|到|成|回个?|打个?|电话|再|来|左右|的|了|联系我?|我|有空|方便|之后|以后|前|后"
    r"|please|call|me|back|at|on|in|the|around|ok|make it|change|to|reschedule|can you|[\s,，。.!！?？~、]"
)
_LONGEST_REST = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """A span of office time in which a person is in touch; aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Impossible:
    """A time that cannot be promised; ``key`` says why, ``instead`` the nearest that can."""

    key: str
    instead: Slot


def offered(now: datetime, *, office: OfficeCalendar = OFFICE, count: int = OFFERED) -> list[Slot]:
    """The first hour of each of the next ``count`` stretches of office time."""
    earliest = now + shipped_clocks().call_backs.notice
    slots = (_first_hour(opens, closes) for opens, closes in office.spans_after(earliest))
    return list(islice((slot for slot in slots if slot), count))


def _first_hour(opens: datetime, closes: datetime) -> Slot | None:
    start = _rounded_up(opens)
    return Slot(start, min(start + AN_HOUR, closes)) if closes - start >= SHORTEST else None


def _rounded_up(moment: datetime) -> datetime:
    over = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not over else moment - over + _STEP


def names_a_time(text: str, now: datetime) -> bool:
    """True when the message is a time and hardly anything else: "明天上午十点吧", "call me back tomorrow at 3pm"."""
    said = when(text, now)
    if not said:
        return False
    rest = fold(text)
    for moment in said:
        rest = rest.replace(moment.words, "")
    return len(_AROUND.sub("", rest)) <= _LONGEST_REST


def chosen(text: str, now: datetime, *, office: OfficeCalendar = OFFICE) -> Slot | Impossible | None:
    """The office time meant by words such as "后天下午三点"; None where they name no time."""
    said = when(text, now)
    if not said:
        return None
    wanted = _whole(said)
    if wanted.end <= now:
        return Impossible("past", offered(now, office=office, count=1)[0])
    if wanted.start > now + shipped_clocks().call_backs.furthest:
        return Impossible("too_far", offered(now, office=office, count=1)[0])
    return _within_hours(wanted, now, office)


def _whole(said: list[Moment]) -> Moment:
    """ "明天上午十点" is one moment; of a day and an hour heard apart, the hour on that day."""
    first = said[0]
    for earlier, later in pairwise(said):
        if later.start.date() == earlier.start.date() and later.end - later.start <= earlier.end - earlier.start:
            first = later
    return first


def _within_hours(wanted: Moment, now: datetime, office: OfficeCalendar) -> Slot | Impossible:
    start = max(wanted.start, now)
    inside = [
        (max(opens, start), min(closes, wanted.end))
        for opens, closes in islice(office.spans_after(start), 4)
        if opens < wanted.end
    ]
    usable = [(opens, closes) for opens, closes in inside if closes - opens >= min(SHORTEST, wanted.end - start)]
    if not usable:
        return Impossible("shut", _first(start, office))
    return Slot(usable[0][0].astimezone(UTC), usable[-1][1].astimezone(UTC))


def _first(start: datetime, office: OfficeCalendar) -> Slot:
    """The first hour of office time from ``start`` on."""
    slots = (_first_hour(opens, closes) for opens, closes in office.spans_after(start))
    return next(slot for slot in slots if slot)
