"""Which day is meant: a weekday, a date without its year, a day of the month, seen from today."""

from __future__ import annotations

from datetime import date, timedelta

_WEEKS = {"上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_MONTHS = {"上": -1, "这": 0, "本": 0, "下": 1}
_YEARS = {"去": -1, "今": 0, "明": 1}


def weekday(week: str | None, number: int, today: date) -> date:
    """周三 alone is the next Wednesday from today on; 这周三, 下周三 and 上周三 are of that calendar week."""
    monday = today - timedelta(days=today.weekday())
    if week is None:
        return today + timedelta(days=(number - today.weekday()) % 7)
    return monday + timedelta(days=number, weeks=_WEEKS[week])


def dated(year: str | None, month: int, day: int, today: date) -> date:
    """A month and day; without a year the one nearest to today."""
    if year:
        return date(today.year + _YEARS[year] if year in _YEARS else int(year), month, day)
    years = [year for year in range(today.year - 1, today.year + 2) if _exists(year, month, day)]
    if not years:
        raise ValueError(f"no such day: {month}-{day}")
    return min((date(year, month, day) for year in years), key=lambda candidate: abs(candidate - today))


def day_of_month(day: int, named: str | None, today: date) -> date:
    """The 15th: of the month named, else the next one that has such a day and is not over."""
    if named:
        months = today.year * 12 + today.month - 1 + _MONTHS[named]
        return date(months // 12, months % 12 + 1, day)
    month = today.replace(day=1)
    for _ in range(12):
        if _exists(month.year, month.month, day) and month.replace(day=day) >= today:
            return month.replace(day=day)
        month = (month + timedelta(days=32)).replace(day=1)
    raise ValueError(f"no such day: {day}")


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
