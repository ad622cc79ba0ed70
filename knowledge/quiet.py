"""Hours in which nobody is disturbed: 21:00 to 8:00 unless somebody chose their own. Asia/Shanghai, midnight or not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.folding import fold
from knowledge.numerals import NUMERAL, value

_AT = (
    r"(?P<part{n}>早上|上午|中午|下午|晚上|夜里|半夜|凌晨|早|晚)?"
    rf"(?P<hour{{n}}>\d\d?|[{NUMERAL}]{{{{1,3}}}})(?:点钟?(?P<half{{n}}>半)?|:(?P<minute{{n}}>\d\d))"
)
_FROM = _AT.format(n=1)
_SPAN = re.compile(_FROM + r"(?:以?后)?(?:到|至|-|~|—)(?:第二天|次日|明天)?的?" + _AT.format(n=2))
_AFTER = re.compile(_FROM + r"(?:以后|之后|过后|后|起)")
_UNTIL = re.compile(r"(?:到|至)?" + _FROM + r"(?:以前|之前|前)")
_ENGLISH = re.compile(
    r"(?P<hour1>\d\d?)(?::(?P<minute1>\d\d))? ?(?P<part1>am|pm)?(?: to | until | till | ?- ?)"
    r"(?P<hour2>\d\d?)(?::(?P<minute2>\d\d))? ?(?P<part2>am|pm)?"
)
_AFTER_NOON, _LATE = ("下午", "pm"), ("晚上", "晚", "夜里", "半夜", "凌晨")
_EVENING_HOURS = range(5, 12)
"""What "8点" is where an evening is spoken of."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begins` until `ends`, over midnight where `ends` is the earlier; the same hour twice: never."""

    begins: time
    ends: time

    def holds(self, moment: datetime) -> bool:
        """Whether nobody is to be disturbed at `moment` (aware)."""
        here = moment.astimezone(CHINA).time()
        if self.begins <= self.ends:
            return self.begins <= here < self.ends
        return here >= self.begins or here < self.ends

    def over_at(self, moment: datetime) -> datetime:
        """`moment` itself while people may be disturbed, else when the quiet ends (UTC)."""
        if not self.holds(moment):
            return moment
        here = moment.astimezone(CHINA)
        ends = datetime.combine(here.date(), self.ends, CHINA)
        return (ends if ends > here else ends + timedelta(days=1)).astimezone(UTC)

    def words(self) -> str:
        return f"{self.begins:%H:%M}–{self.ends:%H:%M}"


USUAL = Quiet(time(21), time(8))
NEVER = Quiet(time(0), time(0))


def kept(begins: str, ends: str) -> Quiet:
    """From how it is kept."""
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends))


def quiet_in(text: str) -> Quiet | None:
    """The hours somebody names: 晚上8点到早上9点, 八点以后, 9pm to 7am; None where none, or none that can be, are named."""
    plain = fold(text)
    if found := _SPAN.search(plain) or _ENGLISH.search(plain):
        first, second = _time(found, 1, evening="下午" not in plain), _time(found, 2)
        return Quiet(first, second) if first is not None and second is not None and first != second else None
    if found := _AFTER.search(plain):
        first = _time(found, 1, evening=True)
        return Quiet(first, USUAL.ends) if first is not None and first != USUAL.ends else None
    if found := _UNTIL.search(plain):
        until = _time(found, 1)
        return Quiet(USUAL.begins, until) if until is not None and until != USUAL.begins else None
    return None


def _time(found: re.Match[str], place: int, *, evening: bool = False) -> time | None:
    said = found.groupdict()
    hour, part = value(found[f"hour{place}"]), found[f"part{place}"]
    minute = 30 if said.get(f"half{place}") else int(said.get(f"minute{place}") or 0)
    if hour is None or hour > 24 or minute > 59:
        return None
    if part in ("am", *_LATE) and hour == 12:
        return time(0, minute)
    in_the_evening = part in ("晚上", "晚", "夜里") or (part is None and evening)
    if (part in _AFTER_NOON and hour < 12) or (in_the_evening and hour in _EVENING_HOURS):
        hour += 12
    return time(hour % 24, minute)
