"""Hears when: Chinese days and times of day, relative to now, in Asia/Shanghai.

'后天下午三点', '下周三上午', '明早8点半', '这周末', '12月3号', '半小时后'. A moment is a span: an hour said exactly
lasts an hour, a part of the day or a whole day as long as people mean by it, and 'from … to …' until the second hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.days import dated, day_of_month, weekday
from knowledge.folding import fold
from knowledge.numerals import value
from knowledge.spoken import with_plain_times


@dataclass(frozen=True, slots=True)
class Moment:
    """A span of time somebody named: aware, in Asia/Shanghai, `start` < `end`; `words` is how it was said."""

    start: datetime
    end: datetime
    words: str


_N = r"[\d一二两三四五六七八九十]{1,3}"
_RELATIVE = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_WEEKDAYS = {
    char: at for at, chars in enumerate(("一1", "二2", "三3", "四4", "五5", "六6末", "日天7")) for char in chars
}
#: part of the day: start hour, end hour, and whether hours said with it are after noon
_PARTS = {
    "凌晨": (0, 6, False), "半夜": (0, 5, False), "清早": (6, 9, False), "清晨": (5, 8, False), "一早": (7, 9, False),
    "早上": (6, 9, False), "早晨": (6, 9, False), "早": (6, 9, False), "上午": (9, 12, False), "中午": (12, 14, True),
    "晌午": (12, 14, True), "下午": (14, 18, True), "傍晚": (17, 19, True), "晚上": (18, 22, True),
    "晚": (18, 22, True), "夜里": (20, 24, True), "morning": (9, 12, False), "afternoon": (14, 18, True),
    "evening": (18, 22, True),
}  # fmt: skip
_ENGLISH_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_ENGLISH_WEEK = {name: at for at, name in enumerate(("mon", "tues", "wednes", "thurs", "fri", "satur", "sun"))}

_ENGLISH_MONTHS = {
    name: at
    for at, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_NAMED = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
_DAY = (
    r"(?P<relative>大前|大后|今|明|后|昨|前)(?:天|日|儿|(?=[早晚上下中]))"
    r"|(?P<week>下下|下|这|本|上)?(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-7])(?!\d|[个年月])"
    rf"|(?:(?P<year>\d{{4}}|[去今明])年)?(?P<month>{_N})月(?P<day>{_N})[号日]?"
    rf"|(?:(?P<inmonth>[上这本下])个?月)?(?<![\d栋楼元-])(?P<dayonly>[12]?\d|3[01]|{_N})[号日](?![楼栋线房门室子常用])"
    r"|(?<![\d-])(?P<iso>20\d{2}-(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01]))(?![\d-])"
    rf"|\b(?P<named>(?:{_NAMED}) \d{{1,2}}|\d{{1,2}} (?:{_NAMED}))(?:st|nd|rd|th)?\b"
    r"|\b(?P<english>today|tonight|tomorrow|yesterday)\b"
    r"|\b(?P<next>next )?(?:on )?(?P<weekname>mon|tues|wednes|thurs|fri|satur|sun)day\b"
)
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_NO_HOUR = "意见|建议|要求|想法|原因|理由|希望|问题|诉求|看法|疑问"
"""'三点意见' are points, not hours."""
_CLOCK = (
    rf"(?P<hour>{_N})(?:点钟?(?![点滴]|{_NO_HOUR})|时(?!候|间))"
    rf"(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>零?{_N})分?)?"
    r"|(?P<hh>[01]?\d|2[0-4]):(?P<mm>[0-5]\d)"
    r"|(?:at )?(?P<h12>1[0-2]|[1-9])(?::(?P<m12>[0-5]\d))? ?(?P<ampm>am|pm)\b"
)
_SAID = re.compile(rf"(?:(?:{_DAY})[的,，]? ?)?(?:(?P<part>{_PART})[的,，]? ?)?(?:{_CLOCK})?")
_PAST = "(?:以后|之后|过?后)"
_LATER = re.compile(
    rf"(?P<again>再过)?(?:(?P<half>半)个?小时|(?P<count>{_N})个?(?P<unit>分钟|小时|钟头|天|周|星期|礼拜))"
    rf"(?(again){_PAST}?|{_PAST})"
)
_LATER_UNITS = {"分钟": 1, "小时": 60, "钟头": 60, "天": 1440, "周": 10080, "星期": 10080, "礼拜": 10080}
_HINT = re.compile(r"[a-z:天日号点时周月午早晚晨夜期拜儿后廿卅]|20\d\d-|再过")
"""Without one of these nothing names a moment."""
_UNTIL = re.compile(r"\s*(?:到|至|-|~|—|and|to|until)\s*")
_A_LITTLE = re.compile(r"[一半][点时]")


def when(text: str, now: datetime) -> list[Moment]:
    """Every moment named in `text`, in order. `now` must be aware. Impossible dates and hours are passed over."""
    plain = fold(text)
    if not _HINT.search(plain):
        return []
    here, plain = now.astimezone(CHINA), with_plain_times(plain)
    found = [(match.span(), _later(match, here)) for match in _LATER.finditer(plain)]
    plain = _LATER.sub(lambda match: "〓" * len(match[0]), plain)
    for match in filter(_is_moment, _SAID.finditer(plain)):
        moment = _moment(match, here)
        if moment is None:
            continue
        if found and _UNTIL.fullmatch(plain, found[-1][0][1], match.start()) and match["part"] is None:
            start, end = found[-1][0][0], match.end()
            until = _days if _names_day(match) else _until
            found[-1] = ((start, end), until(found[-1][1], moment, plain[start:end]))
        else:
            found.append((match.span(), moment))
    return [moment for _, moment in sorted(found, key=lambda pair: pair[0])]


def _until(first: Moment, second: Moment, words: str) -> Moment:
    """'下午两点到四点' as one span; the second hour is in the first one's half of the day."""
    end = datetime.combine(first.start.date(), second.start.time(), CHINA)
    while end <= first.start:
        end += timedelta(hours=12)
    return Moment(first.start, end, words.strip(" ,，的"))


def _days(first: Moment, second: Moment, words: str) -> Moment:
    """'周一到周五' as one span, its last day included; a weekday already over by then is the next week's."""
    end = second.end
    while end <= first.start:
        end += timedelta(days=7)
    return Moment(first.start, end, words)


def _names_day(found: re.Match[str]) -> bool:
    return any(found[key] for key in ("relative", "weekday", "month", "dayonly", "english", "weekname", "named", "iso"))


def _is_moment(found: re.Match[str]) -> bool:
    if not found[0]:
        return False
    named_hour = (found["hour"] and not _A_LITTLE.fullmatch(found[0])) or found["hh"] or found["h12"]
    return bool(_names_day(found) or named_hour or (found["part"] and len(found["part"]) > 1))


def _later(found: re.Match[str], here: datetime) -> Moment:
    minutes = 30 if found["half"] else (value(found["count"]) or 0) * _LATER_UNITS[found["unit"]]
    start = here + timedelta(minutes=minutes)
    if minutes < 1440:
        return Moment(start, start + timedelta(hours=1), found[0])
    return _whole_day(start.date(), found[0])


def _moment(found: re.Match[str], here: datetime) -> Moment | None:
    try:
        day = _day(found, here.date())
        part = found["part"] or ("晚上" if found["english"] == "tonight" else None)
        moment = _span(day or here.date(), part, _clock(found), found)
    except (ValueError, OverflowError):
        return None
    if day is None and moment.end <= here:
        return Moment(moment.start + timedelta(days=1), moment.end + timedelta(days=1), moment.words)
    return moment


def _span(day: date, part: str | None, clock: tuple[int, int] | None, found: re.Match[str]) -> Moment:
    words = found[0].strip(" ,，的")
    if clock is not None:
        hour, minute = clock
        start = _midnight(day) + timedelta(hours=_in_part(hour, part), minutes=minute)
        return Moment(start, start + timedelta(hours=1), words)
    if part is not None:
        opens, closes, _ = _PARTS[part]
        return Moment(_midnight(day) + timedelta(hours=opens), _midnight(day) + timedelta(hours=closes), words)
    return _whole_day(day, words, days=2 if found["weekday"] == "末" else 1)


def _in_part(hour: int, part: str | None) -> int:
    """The hour on the 24-hour clock: 下午三点 is 15, 晚上12点 is midnight's end, a bare 三点 is taken as after noon."""
    if hour > 24:
        raise ValueError(hour)
    if part is None:
        return hour + 12 if 1 <= hour <= 6 else hour
    after_noon = _PARTS[part][2]
    if part in ("中午", "晌午"):
        return hour + 12 if hour <= 3 else hour
    if part in ("半夜", "凌晨"):
        return hour % 12 if hour == 12 else hour
    if after_noon and hour < 12:
        return hour + 12
    return 24 if hour == 12 and part in ("晚上", "晚", "夜里") else hour


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    if found["hh"]:
        return _checked(int(found["hh"]), int(found["mm"]))
    if found["h12"]:
        hour = int(found["h12"]) % 12 + (12 if found["ampm"] == "pm" else 0)
        return _checked(hour, int(found["m12"] or 0))
    if not found["hour"]:
        return None
    minute = (
        30 if found["half"] else {"一": 15, "三": 45}.get(found["quarter"] or "", value(found["minute"] or "零") or 0)
    )
    return _checked(value(found["hour"]) or 0, minute)


def _checked(hour: int, minute: int) -> tuple[int, int]:
    if hour > 24 or minute > 59:
        raise ValueError(f"{hour}:{minute}")
    return hour, minute


def _day(found: re.Match[str], today: date) -> date | None:
    if found["relative"]:
        return today + timedelta(days=_RELATIVE[found["relative"]])
    if found["iso"]:
        return date(*map(int, found["iso"].split("-")))
    if found["named"]:
        month, day = sorted(found["named"].split(), key=str.isdigit)
        return dated(None, _ENGLISH_MONTHS[month[:3]], int(day), today)
    if found["english"]:
        return today + timedelta(days=_ENGLISH_DAYS[found["english"]])
    if found["weekday"]:
        return weekday(found["week"], _WEEKDAYS[found["weekday"]], today)
    if found["weekname"]:
        return weekday("下" if found["next"] else None, _ENGLISH_WEEK[found["weekname"]], today)
    if found["month"]:
        return dated(found["year"], value(found["month"]) or 0, value(found["day"]) or 0, today)
    if found["dayonly"]:
        return day_of_month(value(found["dayonly"]) or 0, found["inmonth"], today)
    return None


def _whole_day(day: date, words: str, *, days: int = 1) -> Moment:
    return Moment(_midnight(day), _midnight(day + timedelta(days=days)), words)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
